// pollux diff-profiles: what tells two Linuxes apart.

#include <stdio.h>
#include <unistd.h>

#include <chrono>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "diff/text_format.h"
#include "nlohmann/json.hpp"
#include "tools/command.h"
#include "tools/profile_diff.h"
#include "tools/subject_flags.h"

ABSL_DECLARE_FLAG(bool, json);
ABSL_DECLARE_FLAG(double, seconds);
ABSL_FLAG(uint64_t, seed, 1,
          "diff-profiles, corpus stats: where the random programs begin");

namespace pollux {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// How the two references are called between which a program tells a quirk.
struct Names {
  std::string expected;
  std::string observed;
};

Names NamesFor(const Telling& telling, const std::vector<std::string>& args) {
  switch (telling.sight) {
    case Sight::kApart:
      break;
    case Sight::kFirst:
      return {args[0], absl::StrCat(args[0], " with the quirk flipped")};
    case Sight::kSecond:
      return {args[1], absl::StrCat(args[1], " with the quirk flipped")};
  }
  return {args[0], args[1]};
}

// The diverging call with the outcome.
std::string CallText(const Telling& telling, const Outcome& outcome) {
  int slot = 0;
  const size_t at = telling.divergence.call;
  for (size_t i = 0; i < at; ++i) {
    slot += Describe(telling.program.calls[i].op).slots_made();
  }
  return PrintCall(telling.program.calls[at], slot, SlotNames(telling.program),
                   &outcome);
}

// What one side gave: an outcome, or what shows after it.
std::string Given(const Telling& telling, bool observed) {
  const Divergence& d = telling.divergence;
  if (d.kind == DivergenceClass::kOutcome) {
    return CallText(telling, observed ? d.observed : d.expected);
  }
  const Witness& witness = observed ? d.observed_witness : d.expected_witness;
  std::string text;
  for (const PollQuery& poll : witness.polls) {
    if (d.kind != DivergenceClass::kPollMask) break;
    absl::StrAppend(&text, text.empty() ? "masks" : "", " ", poll.fd, ":",
                    absl::Hex(poll.revents));
  }
  for (const Interest& interest : witness.interests()) {
    if (d.kind != DivergenceClass::kInterestList) break;
    absl::StrAppend(&text, text.empty() ? "interest lists" : "", " ",
                    interest.epfd, ":{");
    for (const InterestLine& line : interest.lines) {
      absl::StrAppend(&text, " tfd=", line.tfd,
                      " events=", absl::Hex(line.events), " data=", line.data);
    }
    absl::StrAppend(&text, " }");
  }
  return text;
}

void Print(const std::vector<Telling>& tellings,
           const std::vector<std::string>& args) {
  for (const Telling& telling : tellings) {
    const QuirkInfo& quirk = Describe(telling.quirk);
    const Names names = NamesFor(telling, args);
    absl::PrintF("# %s (%s, %s):\n#   %s\n%s", quirk.name, quirk.function,
                 RangeText(quirk), quirk.effect, PrintText(telling.program));
    absl::PrintF("#   %s: %s\n#   %s: %s\n\n", names.expected,
                 Given(telling, false), names.observed, Given(telling, true));
  }
}

void PrintJson(const std::vector<Telling>& tellings, const ProfileDiff& diff,
               const std::vector<std::string>& args) {
  Json told = Json::array();
  for (const Telling& telling : tellings) {
    const Names names = NamesFor(telling, args);
    told.push_back({{"quirk", Describe(telling.quirk).name},
                    {"program", PrintText(telling.program)},
                    {"call", telling.divergence.call},
                    {names.expected, Given(telling, false)},
                    {names.observed, Given(telling, true)}});
  }
  Json missing = Json::array();
  for (Quirk quirk : diff.missing()) missing.push_back(Describe(quirk).name);
  const Json all = {
      {"programs", diff.programs()}, {"told", told}, {"missing", missing}};
  absl::PrintF("%s\n", all.dump(2));
}

void Search(ProfileDiff& diff) {
  const bool progress = isatty(STDERR_FILENO);
  const size_t all = diff.missing().size();
  const double seconds = absl::GetFlag(FLAGS_seconds);
  const Clock::time_point start = Clock::now();
  while (!diff.missing().empty() && Since(start) < seconds) {
    for (int i = 0; i < 100 && !diff.missing().empty(); ++i) diff.Try();
    if (progress) {
      fprintf(stderr, "\r%zu of %zu quirks, %.1f s ", diff.told(), all,
              Since(start));
    }
  }
  if (progress) fprintf(stderr, "\n");
}

int Run(const std::vector<std::string>& args) {
  if (args.size() != 2) {
    Complain("diff-profiles: give two versions, as 5.1 and 6.18, or host");
    return kExitBadInput;
  }
  absl::StatusOr<Profile> profiles[2];
  for (int i : {0, 1}) {
    profiles[i] = NamedProfile(args[i]);
    if (profiles[i].ok()) continue;
    Complain(absl::StrCat("diff-profiles: ", profiles[i].status().message()));
    return kExitBadInput;
  }
  const Clock::time_point start = Clock::now();
  ProfileDiff diff(*profiles[0], *profiles[1], absl::GetFlag(FLAGS_seed));
  const size_t all = diff.missing().size();
  Search(diff);
  const std::vector<Telling> tellings = diff.Minimized(1);
  if (absl::GetFlag(FLAGS_json)) {
    PrintJson(tellings, diff, args);
  } else {
    Print(tellings, args);
    for (Quirk quirk : diff.missing()) {
      absl::PrintF("NOT FOUND: %s: %s\n", Describe(quirk).name,
                   Describe(quirk).effect);
    }
    absl::PrintF("%d of %d quirks told apart in %d programs, %.1f s\n",
                 tellings.size(), all, diff.programs(), Since(start));
  }
  return diff.missing().empty() ? kExitSame : kExitDivergence;
}

}  // namespace

const Command kDiffProfilesCommand = {
    .name = "diff-profiles",
    .synopsis = "pollux diff-profiles [--seconds=10] [--seed=1] [--json] A B",
    .summary = "find what tells two Linuxes apart, with a program for each",
    .help =
        R"(A and B are versions (2.6.38, 5.1, 7.2, ...) or `host`. The reference as A is
fuzzed against the reference as B, from nothing and without system calls, until
each quirk that only one of them has was seen. For each, prints the smallest
program that shows it, what A gives and what B gives.

Some quirks hide behind others: a call that fails in A for one reason cannot
show that it would have failed for another. Then the difference is shown within
one profile, by flipping that quirk alone.

  --seconds=S   how long to search
  --seed=N      another search; the same seed makes the same programs
  --json        the same for machines

Exit code: 0 every quirk was found; 1 some were not, and are listed; 2 bad
arguments.)",
    .run = Run,
};

}  // namespace pollux
