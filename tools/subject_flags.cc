// Flags that choose what is compared with what.

#include "tools/subject_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "diff/host.h"

ABSL_FLAG(std::string, quirk, "",
          "quirks to switch on in the reference, by name, separated by commas; "
          "-NAME switches one off (`pollux quirks` lists them)");
ABSL_FLAG(bool, witnesses, true,
          "also compare poll masks and interest lists after each call");

namespace pollux {

absl::StatusOr<Profile> ReferenceProfile() {
  Profile profile = HostProfile();
  absl::Status status = ApplyQuirkList(absl::GetFlag(FLAGS_quirk), &profile);
  if (!status.ok()) return status;
  return profile;
}

}  // namespace pollux
