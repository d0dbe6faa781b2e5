// The target of engines: run, report, count.

#include "fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>

#include <string_view>

#include "absl/strings/str_cat.h"
#include "diff/report.h"

namespace pollux {
namespace {

[[noreturn]] void Die(std::string_view message) {
  fprintf(stderr, "pollux: %.*s\n", static_cast<int>(message.size()),
          message.data());
  exit(3);
}

}  // namespace

Target::Target(const Profile& profile)
    : oracle_(profile, HostMachine()),
      plain_(&host_, &oracle_,
             {.witnesses = false, .can_freeze = host_.can_freeze()}),
      witnessed_(&host_, &oracle_,
                 {.witnesses = true, .can_freeze = host_.can_freeze()}) {}

bool Target::Run(const Program& program, bool witnesses) {
  last_ = witnesses ? &witnessed_ : &plain_;
  return last_->Run(program) != Verdict::kDivergence;
}

std::string Target::Report(const Program& program) {
  Lockstep& lockstep = *last_;
  const Divergence first = lockstep.divergence();
  Recording recording;
  if (lockstep.Run(program, &recording) == Verdict::kDivergence) {
    return PrintDivergence(program, lockstep.divergence(), recording, "host");
  }
  return absl::StrCat(
      "FLAKY: it did not happen again in a second run, whose ready lists "
      "follow.\n",
      PrintDivergence(program, first, recording, "host"));
}

std::string Target::Summary() const {
  const LockstepStats& plain = plain_.stats();
  const LockstepStats& witnessed = witnessed_.stats();
  return absl::StrCat(plain.programs + witnessed.programs, " programs, ",
                      witnessed.programs, " with witnesses, ",
                      plain.skipped + witnessed.skipped, " skipped");
}

TargetFlags ParseTargetFlags(int argc, char** argv) {
  constexpr std::string_view kQuirkFlag = "--quirk=";
  if (std::string reason = HostUnsupported(); !reason.empty()) Die(reason);
  TargetFlags flags{.profile = HostProfile()};
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with(kQuirkFlag)) {
      absl::Status status =
          ApplyQuirkList(arg.substr(kQuirkFlag.size()), &flags.profile);
      if (!status.ok()) Die(status.message());
    } else if (arg == "--print_mutator_stats") {
      flags.print_mutator_stats = true;
    } else if (arg.starts_with("--")) {
      Die(absl::StrCat("there is no flag '", arg,
                       "', only --quirk=NAME,... and --print_mutator_stats"));
    }
  }
  return flags;
}

}  // namespace pollux
