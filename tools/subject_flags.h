// Flags that choose what is compared with what.

#ifndef POLLUX_TOOLS_SUBJECT_FLAGS_H_
#define POLLUX_TOOLS_SUBJECT_FLAGS_H_

#include <string>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "core/quirks.h"

ABSL_DECLARE_FLAG(std::string, quirk);
ABSL_DECLARE_FLAG(bool, witnesses);

namespace pollux {

// The host's profile, changed as --quirk says.
absl::StatusOr<Profile> ReferenceProfile();

}  // namespace pollux

#endif  // POLLUX_TOOLS_SUBJECT_FLAGS_H_
