// Flags that choose what is compared with what.

#ifndef POLLUX_TOOLS_SUBJECT_FLAGS_H_
#define POLLUX_TOOLS_SUBJECT_FLAGS_H_

#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "core/quirks.h"

ABSL_DECLARE_FLAG(std::vector<std::string>, quirk);
ABSL_DECLARE_FLAG(bool, witnesses);

namespace pollux {

// The host's profile with the quirks of --quirk switched on; or an error that
// names the nearest quirk.
absl::StatusOr<Profile> ReferenceProfile();

}  // namespace pollux

#endif  // POLLUX_TOOLS_SUBJECT_FLAGS_H_
