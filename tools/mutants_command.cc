// pollux mutants: what a corpus would notice.

#include <algorithm>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/mutants.h"
#include "nlohmann/json.hpp"
#include "tools/command.h"

ABSL_DECLARE_FLAG(bool, json);

namespace pollux {
namespace {

using Json = nlohmann::ordered_json;

// One program that kills a mutant.
struct Killer {
  std::string path;
  int line = 0;      // of the call that shows it; of wire programs, its number
  std::string call;  // as text
  DivergenceClass kind = DivergenceClass::kOutcome;
};

struct Score {
  std::vector<std::vector<Killer>> killers{kQuirkCount};  // by Quirk
  int programs = 0;
  int bad = 0;

  int killed() const {
    return static_cast<int>(
        std::count_if(killers.begin(), killers.end(),
                      [](const auto& list) { return !list.empty(); }));
  }
};

// Where it shows.
std::string_view Place(DivergenceClass kind) {
  switch (kind) {
    case DivergenceClass::kInterestList:
      return "interest list";
    case DivergenceClass::kPollMask:
      return "poll mask";
    default:
      return "outcome";
  }
}

Killer KillerOf(const std::string& path, const Trace& trace, const Kill& kill) {
  const size_t at = kill.divergence.call;
  int slot = 0;
  for (size_t i = 0; i < at; ++i) {
    slot += Describe(trace.program.calls[i].op).slots_made();
  }
  const bool text = at < trace.lines.size();
  return {path, text ? trace.lines[at] : static_cast<int>(at) + 1,
          PrintCall(trace.program.calls[at], slot, SlotNames(trace.program)),
          kill.divergence.kind};
}

Score ScoreOf(const std::vector<std::string>& paths) {
  Score score;
  Mutants mutants{Machine()};
  for (const std::string& path : paths) {
    absl::StatusOr<Trace> trace = LoadProgram(path);
    if (!trace.ok()) {
      Complain(trace.status().message());
      ++score.bad;
      continue;
    }
    ++score.programs;
    for (const Kill& kill : mutants.KilledBy(trace->program)) {
      score.killers[static_cast<size_t>(kill.quirk)].push_back(
          KillerOf(path, *trace, kill));
    }
  }
  return score;
}

void Print(const Score& score) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    const auto& killers = score.killers[static_cast<size_t>(quirk.id)];
    if (killers.empty()) continue;
    const Killer& first = killers.front();
    absl::PrintF("%-28s %4d  %s:%d: %s (%s)\n", quirk.name, killers.size(),
                 first.path, first.line, first.call, Place(first.kind));
  }
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (!score.killers[static_cast<size_t>(quirk.id)].empty()) continue;
    absl::PrintF("%-28s SURVIVES: %s\n", quirk.name, quirk.effect);
  }
  absl::PrintF("%d programs kill %d of %d mutants: %.1f %%\n", score.programs,
               score.killed(), kQuirkCount,
               100.0 * score.killed() / kQuirkCount);
}

void PrintJson(const Score& score) {
  Json mutants = Json::array();
  for (const QuirkInfo& quirk : AllQuirks()) {
    Json killers = Json::array();
    for (const Killer& k : score.killers[static_cast<size_t>(quirk.id)]) {
      killers.push_back({{"file", k.path},
                         {"line", k.line},
                         {"call", k.call},
                         {"shows_in", Place(k.kind)}});
    }
    Json needs = Json::array();
    for (const QuirkNeed& need : NeedsOf(quirk.id)) {
      needs.push_back(Describe(need.other).name);
    }
    mutants.push_back({{"quirk", quirk.name},
                       {"function", quirk.function},
                       {"range", RangeText(quirk)},
                       {"on_top_of", needs},
                       {"killed", !killers.empty()},
                       {"killers", killers}});
  }
  const Json all = {{"programs", score.programs},
                    {"mutants", kQuirkCount},
                    {"killed", score.killed()},
                    {"kills", mutants}};
  absl::PrintF("%s\n", all.dump(2));
}

int Run(const std::vector<std::string>& args) {
  const absl::StatusOr<std::vector<std::string>> paths =
      ProgramPaths(args.empty() ? std::vector<std::string>{"corpus"} : args);
  if (!paths.ok()) {
    Complain(paths.status().message());
    return kExitBadInput;
  }
  const Score score = ScoreOf(*paths);
  absl::GetFlag(FLAGS_json) ? PrintJson(score) : Print(score);
  if (score.bad > 0 || score.programs == 0) return kExitBadInput;
  return score.killed() == static_cast<int>(kQuirkCount) ? kExitSame
                                                         : kExitDivergence;
}

}  // namespace

const Command kMutantsCommand = {
    .name = "mutants",
    .synopsis = "pollux mutants [--json] [FILE|DIR]...",
    .summary = "score a corpus: which seeded bugs would it notice?",
    .help =
        R"(Switches on one quirk after the other in a reference, runs every program on
it and on a reference without, and tells which calls notice which quirk. No
system call is made. A DIR stands for its .ep files; by default that is corpus/.

Each mutant is printed with the number of programs that kill it, and the first
of them with the call that does; then come the survivors, and the score. A
quirk that shows only on top of others (`pollux quirks` says so) is tried on
top of them.

  --json    all killers of each mutant

Exit code: 0 all mutants are killed; 1 some survive; 2 a FILE or argument is
bad.)",
    .run = Run,
};

}  // namespace pollux
