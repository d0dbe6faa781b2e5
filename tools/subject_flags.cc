// Flags that choose what is compared with what.

#include "tools/subject_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "diff/host.h"
#include "diff/probes.h"

ABSL_FLAG(std::string, quirk, "",
          "quirks to switch on in the reference, by name, separated by commas; "
          "-NAME switches one off (`pollux quirks` lists them)");
ABSL_FLAG(bool, witnesses, true,
          "also compare poll masks and interest lists after each call");

ABSL_FLAG(std::string, profile, "host",
          "which Linux the reference is: `host`, or a version like 5.1 "
          "(`pollux profiles` has the table)");
ABSL_FLAG(bool, model, false,
          "run, minimize, explain, triage, report: let the reference of "
          "--profile, without the quirks of --quirk, stand in for the host");
ABSL_FLAG(std::string, door, "syscalls",
          "how epolls are called: by `syscalls`, or by `io_uring` where a call "
          "does not wait");

namespace pollux {

absl::StatusOr<Door> HostDoor() {
  const std::string door = absl::GetFlag(FLAGS_door);
  if (door == "syscalls") return Door::kSyscalls;
  if (door != "io_uring") {
    return absl::InvalidArgumentError(
        absl::StrCat("--door: 'syscalls' or 'io_uring', not '", door, "'"));
  }
  const std::string why = Uring().unavailable();
  if (why.empty()) return Door::kUring;
  return absl::UnavailableError(absl::StrCat("cannot run here: ", why));
}

absl::StatusOr<Profile> NamedProfile(std::string_view name) {
  if (name == "host") return HostProfile();
  const absl::StatusOr<LinuxVersion> version = ParseVersion(name);
  if (!version.ok()) return version.status();
  return Profile::Linux(*version);
}

absl::StatusOr<Profile> BaseProfile() {
  const absl::StatusOr<Profile> profile =
      NamedProfile(absl::GetFlag(FLAGS_profile));
  if (profile.ok()) return profile;
  return absl::InvalidArgumentError(
      absl::StrCat("--profile: ", profile.status().message()));
}

absl::StatusOr<Profile> ReferenceProfile() {
  absl::StatusOr<Profile> profile = BaseProfile();
  if (!profile.ok()) return profile;
  absl::Status status = ApplyQuirkList(absl::GetFlag(FLAGS_quirk), &*profile);
  if (!status.ok()) return status;
  return profile;
}

}  // namespace pollux
