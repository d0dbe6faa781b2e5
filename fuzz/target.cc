// The target of engines: run, report, count.

#include "fuzz/target.h"

#include <stdio.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "diff/explainer.h"
#include "diff/probes.h"
#include "diff/report.h"

namespace pollux {
namespace {

[[noreturn]] void Die(std::string_view message) {
  fprintf(stderr, "pollux: %.*s\n", static_cast<int>(message.size()),
          message.data());
  exit(3);
}

std::vector<Mute> MutesOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) Die(absl::StrCat(path, ": cannot open"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  absl::StatusOr<std::vector<Mute>> mutes = ParseMuteList(text);
  if (!mutes.ok()) Die(absl::StrCat(path, ":", mutes.status().message()));
  return *std::move(mutes);
}

}  // namespace

Target::Target(const Profile& profile, std::vector<Mute> mutes)
    : oracle_(profile, HostMachine()),
      plain_(&host_, &oracle_,
             {.witnesses = false, .can_freeze = host_.can_freeze()}),
      witnessed_(&host_, &oracle_,
                 {.witnesses = true, .can_freeze = host_.can_freeze()}),
      investigator_(&host_, profile, HostMachine(),
                    {.can_freeze = host_.can_freeze()}),
      mutes_(std::move(mutes)) {}

bool Target::Run(const Program& program, bool witnesses) {
  last_ = witnesses ? &witnessed_ : &plain_;
  if (last_->Run(program) != Verdict::kDivergence) return true;
  if (mutes_.empty() || !IsMuted(program)) return false;
  ++muted_;
  return true;
}

bool Target::IsMuted(const Program& program) {
  const std::optional<Finding> finding = investigator_.Look(program);
  return finding && FindMute(mutes_, finding->signature, today_) != nullptr;
}

std::string Target::Report(const Program& program) {
  const Divergence first = last_->divergence();
  Recording recording;
  const std::optional<Finding> finding =
      investigator_.Look(program, &recording);
  if (finding) {
    return absl::StrCat(PrintDivergence(program, finding->divergence,
                                        finding->recording, "host"),
                        "\n",
                        PrintExplanation(program, finding->divergence,
                                         finding->explanation, "the host"));
  }
  return absl::StrCat(
      "FLAKY: it did not happen again in a second run, whose lists follow.\n",
      PrintDivergence(program, first, recording, "host"));
}

std::string Target::Summary() const {
  const LockstepStats& plain = plain_.stats();
  const LockstepStats& witnessed = witnessed_.stats();
  return absl::StrCat(
      plain.programs + witnessed.programs, " programs, ", witnessed.programs,
      " with witnesses, ", plain.skipped + witnessed.skipped, " skipped, ",
      plain.undecided + witnessed.undecided, " undecided, ", muted_, " muted");
}

TargetFlags ParseTargetFlags(int argc, char** argv) {
  constexpr std::string_view kQuirkFlag = "--quirk=";
  constexpr std::string_view kMuteFlag = "--mute=";
  if (std::string reason = HostUnsupported(); !reason.empty()) Die(reason);
  TargetFlags flags{.profile = HostProfile(), .mutes = {}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with(kQuirkFlag)) {
      absl::Status status =
          ApplyQuirkList(arg.substr(kQuirkFlag.size()), &flags.profile);
      if (!status.ok()) Die(status.message());
    } else if (arg.starts_with(kMuteFlag)) {
      flags.mutes = MutesOf(std::string(arg.substr(kMuteFlag.size())));
    } else if (arg == "--print_mutator_stats") {
      flags.print_mutator_stats = true;
    } else if (arg.starts_with("--")) {
      Die(absl::StrCat("there is no flag '", arg,
                       "', only --quirk=NAME,..., --mute=FILE and "
                       "--print_mutator_stats"));
    }
  }
  return flags;
}

}  // namespace pollux
