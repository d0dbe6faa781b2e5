// Flags that choose what is compared with what.

#ifndef POLLUX_TOOLS_SUBJECT_FLAGS_H_
#define POLLUX_TOOLS_SUBJECT_FLAGS_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/machine.h"
#include "core/quirks.h"
#include "diff/remote.h"
#include "diff/subject.h"

ABSL_DECLARE_FLAG(std::string, quirk);
ABSL_DECLARE_FLAG(bool, witnesses);

namespace pollux {

// The profile of a version ("5.1"), or of this machine ("host").
absl::StatusOr<Profile> NamedProfile(std::string_view name);

// A subject, and what the reference must be to judge it.
struct Contest {
  std::string name;  // "host", "uml-6.1", ...
  std::unique_ptr<Subject> subject;
  Remote* remote = nullptr;  // the subject, where it is one
  Profile profile;
  Machine machine;
};

// The subject of --subject or --model, and a reference with the profile of its
// kernel, found out by probes and changed as --profile and --quirk say. An
// error is Unavailable if it cannot run here, else an argument is bad.
absl::StatusOr<Contest> ContestFromFlags();

// The same for a subject that is named as in --subject.
absl::StatusOr<Contest> MakeContest(std::string_view spec);

// Complains about the error, and returns the exit code for it.
int ExitCodeOf(const absl::Status& error);

// Why a program that makes this call does not run on the subject.
std::string SkippedReason(const Contest& contest, Op missing);

}  // namespace pollux

#endif  // POLLUX_TOOLS_SUBJECT_FLAGS_H_
