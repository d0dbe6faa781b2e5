// Flags that choose what is compared with what.

#include "tools/subject_flags.h"

#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/quirk_list.h"
#include "diff/agent.h"
#include "diff/host.h"
#include "diff/probes.h"
#include "diff/reference.h"
#include "tools/command.h"
#include "tools/lab/lab.h"

ABSL_FLAG(std::string, subject, "host",
          "what is judged: host, this machine's kernel; model, the reference "
          "of --profile without the quirks of --quirk; cmd:COMMAND, which "
          "speaks the agent's protocol; or a name of `pollux lab list`");
ABSL_FLAG(std::string, profile, "",
          "which Linux the reference is: a version like 5.1 (`pollux profiles` "
          "has the table), or `host`; by default what the subject is");
ABSL_FLAG(std::string, quirk, "",
          "quirks to switch on in the reference, by name, separated by commas; "
          "-NAME switches one off (`pollux quirks` lists them)");
ABSL_FLAG(bool, witnesses, true,
          "also compare poll masks and interest lists after each call");
ABSL_FLAG(bool, model, false, "the same as --subject=model");

namespace pollux {
namespace {

// Puts what --profile names in the place of `profile`, if anything.
absl::Status ApplyProfileFlag(Profile* profile) {
  const std::string name = absl::GetFlag(FLAGS_profile);
  if (name.empty()) return absl::OkStatus();
  const absl::StatusOr<Profile> named = NamedProfile(name);
  if (!named.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--profile: ", named.status().message()));
  }
  *profile = *named;
  return absl::OkStatus();
}

absl::Status ApplyQuirkFlag(Profile* profile) {
  return ApplyQuirkList(absl::GetFlag(FLAGS_quirk), profile);
}

absl::StatusOr<Contest> HostContest() {
  Contest contest{
      .name = "host", .subject = nullptr, .profile = {}, .machine = {}};
  if (absl::Status s = ApplyProfileFlag(&contest.profile); !s.ok()) return s;
  if (absl::Status s = ApplyQuirkFlag(&contest.profile); !s.ok()) return s;
  if (std::string reason = HostUnsupported(); !reason.empty()) {
    return absl::UnavailableError(absl::StrCat("cannot run here: ", reason));
  }
  contest.profile = HostProfile();
  if (absl::Status s = ApplyProfileFlag(&contest.profile); !s.ok()) return s;
  if (absl::Status s = ApplyQuirkFlag(&contest.profile); !s.ok()) return s;
  contest.machine = HostMachine();
  contest.subject = std::make_unique<Host>();
  return contest;
}

absl::StatusOr<Contest> ModelContest() {
  Contest contest{.name = "model",
                  .subject = nullptr,
                  .profile = HostProfile(),
                  .machine = {}};
  if (absl::Status s = ApplyProfileFlag(&contest.profile); !s.ok()) return s;
  contest.subject =
      std::make_unique<Reference>(contest.profile, contest.machine);
  if (absl::Status s = ApplyQuirkFlag(&contest.profile); !s.ok()) return s;
  return contest;
}

// What that profile of Linux lacks is a behaviour, not an omission.
Ops MissingBeyond(const Profile& profile, const Hello& hello) {
  Reference reference(profile, hello.machine);
  return hello.missing & ~MissingCalls(&reference);
}

// `version`: whose profile it is judged by, or "" for its own; `quirks`: what
// is changed in that.
absl::StatusOr<Contest> RemoteContest(std::string_view name,
                                      const std::string& command,
                                      std::string_view version,
                                      std::string_view quirks) {
  absl::StatusOr<std::unique_ptr<Remote>> started =
      Remote::Start({.command = command});
  if (!started.ok()) return started.status();
  Remote& remote = **started;
  const Hello hello = remote.hello();
  Contest contest{.name = std::string(name),
                  .subject = *std::move(started),
                  .remote = &remote,
                  .profile = {},
                  .machine = hello.machine};
  if (version.empty()) {
    contest.profile = Profile::Linux(VersionOfRelease(hello.release.c_str()));
    remote.set_missing(MissingBeyond(contest.profile, hello));
    contest.profile =
        RunProbes(RunnerOf(&remote), contest.profile, contest.machine).profile;
  } else {
    absl::StatusOr<Profile> profile = NamedProfile(version);
    if (!profile.ok()) return profile.status();
    contest.profile = *profile;
  }
  if (absl::Status s = ApplyQuirkList(quirks, &contest.profile); !s.ok()) {
    return s;
  }
  if (absl::Status s = ApplyProfileFlag(&contest.profile); !s.ok()) return s;
  if (absl::Status s = ApplyQuirkFlag(&contest.profile); !s.ok()) return s;
  remote.set_missing(MissingBeyond(contest.profile, hello));
  return contest;
}

}  // namespace

absl::StatusOr<Profile> NamedProfile(std::string_view name) {
  if (name == "host") return HostProfile();
  const absl::StatusOr<LinuxVersion> version = ParseVersion(name);
  if (!version.ok()) return version.status();
  return Profile::Linux(*version);
}

absl::StatusOr<Contest> MakeContest(std::string_view spec) {
  if (spec == "host") return HostContest();
  if (spec == "model") return ModelContest();
  std::string_view rest = spec;
  if (absl::ConsumePrefix(&rest, "cmd:")) {
    return RemoteContest("subject", std::string(rest), "", "");
  }
  if (const LabSubject* subject = FindLabSubject(spec)) {
    if (absl::Status s = Fetch(*subject); !s.ok()) return s;
    return RemoteContest(spec, LaunchCommand(*subject), subject->profile,
                         subject->quirks);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--subject: there is no subject '", spec,
      "': host, model, cmd:COMMAND, or a name of `pollux lab list`"));
}

absl::StatusOr<Contest> ContestFromFlags() {
  return MakeContest(absl::GetFlag(FLAGS_model) ? "model"
                                                : absl::GetFlag(FLAGS_subject));
}

int ExitCodeOf(const absl::Status& error) {
  Complain(error.message());
  return absl::IsUnavailable(error) ? kExitCannotRun : kExitBadInput;
}

std::string SkippedReason(const Contest& contest, Op missing) {
  if (missing == Op::kFreeze) {
    return "skipped: userfaultfd is not permitted here, so no scan can be "
           "frozen";
  }
  return absl::StrCat("skipped: ", contest.name, " has no ",
                      Describe(missing).name);
}

}  // namespace pollux
