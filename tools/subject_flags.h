// Flags that choose what is compared with what.

#ifndef POLLUX_TOOLS_SUBJECT_FLAGS_H_
#define POLLUX_TOOLS_SUBJECT_FLAGS_H_

#include <string>
#include <string_view>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "core/quirks.h"
#include "diff/host.h"

ABSL_DECLARE_FLAG(std::string, quirk);
ABSL_DECLARE_FLAG(bool, witnesses);
ABSL_DECLARE_FLAG(bool, model);

namespace pollux {

// How the host's epoll is called, as --door says. An error, too, where there is
// no such door (Unavailable).
absl::StatusOr<Door> HostDoor();

// The profile of a version ("5.1"), or of this machine ("host").
absl::StatusOr<Profile> NamedProfile(std::string_view name);

// The profile that --profile names, by default the host's. With --model, it is
// that of the reference that stands in for the host, too.
absl::StatusOr<Profile> BaseProfile();

// The same, changed as --quirk says.
absl::StatusOr<Profile> ReferenceProfile();

}  // namespace pollux

#endif  // POLLUX_TOOLS_SUBJECT_FLAGS_H_
