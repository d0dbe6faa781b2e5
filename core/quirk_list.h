// Versions and lists of quirks as users write them.

#ifndef POLLUX_CORE_QUIRK_LIST_H_
#define POLLUX_CORE_QUIRK_LIST_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/quirks.h"

namespace pollux {

// Reads "5.10", "5.10.223" or "6.18-rc1". An error says what is wrong with it;
// older ones than 2.6.38 are no version either.
absl::StatusOr<LinuxVersion> ParseVersion(std::string_view text);

// Switches on the quirks of a list "NAME,NAME,..." as users write it, and off
// those that have a - before the name. An error names the nearest quirk.
absl::Status ApplyQuirkList(std::string_view list, Profile* profile);

}  // namespace pollux

#endif  // POLLUX_CORE_QUIRK_LIST_H_
