// The search for programs that tell quirks.

#include "tools/profile_diff.h"

#include <algorithm>

#include "diff/lockstep.h"
#include "diff/minimizer.h"
#include "diff/reference.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"

namespace pollux {
namespace {

constexpr size_t kPool = 256;  // programs that mutations start from
constexpr size_t kFreshCalls = 40;

// So many programs look for a difference of the two profiles themselves. Only
// then does a difference within one of them do.
constexpr uint64_t kStrictPrograms = 4000;
constexpr uint64_t kStrictOneIn = 4;

Profile Flipped(Profile profile, Quirk quirk) {
  profile.Flip(quirk);
  return profile;
}

// Does `first` with `quirk` flipped do what `second` did up to the divergence?
bool Explains(const Profile& first, Quirk quirk, const Program& program,
              const std::vector<Outcome>& outcomes) {
  Oracle oracle(Flipped(first, quirk), Machine());
  oracle.Begin();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (!oracle.Judge(program.calls[i], outcomes[i])) return false;
  }
  return true;
}

std::optional<Divergence> Run(const Profile& subject, const Profile& oracle,
                              const Program& program, bool witnesses) {
  Reference reference(subject, Machine());
  Oracle judge(oracle, Machine());
  Lockstep lockstep(&reference, &judge, {.witnesses = witnesses});
  if (lockstep.Run(program) != Verdict::kDivergence) return std::nullopt;
  return lockstep.divergence();
}

// The outcomes of `profile` in the first `calls` calls.
std::vector<Outcome> OutcomesOf(const Profile& profile, const Program& program,
                                size_t calls) {
  Reference reference(profile, Machine());
  Executor executor(&reference);
  std::vector<Outcome> outcomes(calls);
  executor.Begin();
  for (size_t i = 0; i < calls; ++i) {
    executor.Execute(program.calls[i], &outcomes[i]);
  }
  return outcomes;
}

}  // namespace

ProfileDiff::ProfileDiff(const Profile& first, const Profile& second,
                         uint64_t seed)
    : first_(first), second_(second), random_(seed), pool_(kPool) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (first.Has(quirk.id) != second.Has(quirk.id)) {
      missing_.push_back(quirk.id);
    }
  }
}

void ProfileDiff::NextProgram(Program* program) {
  Program& old = pool_[random_.Below(kPool)];
  if (old.calls.empty() || random_.OneIn(3)) {
    GenerateProgram(random_, kFreshCalls, program);
  } else if (random_.OneIn(4)) {
    CrossOver(random_, old, pool_[random_.Below(kPool)], program);
  } else {
    *program = old;
    MutateProgram(random_, program);
  }
  old = *program;
}

std::optional<Divergence> ProfileDiff::Look(Quirk quirk, Sight sight,
                                            const Program& program) const {
  if (sight != Sight::kApart) {
    const Profile& base = sight == Sight::kFirst ? first_ : second_;
    return Run(Flipped(base, quirk), base, program, true);
  }
  const std::optional<Divergence> apart = Run(second_, first_, program, false);
  if (!apart) return std::nullopt;
  const std::vector<Outcome> outcomes =
      OutcomesOf(second_, program, apart->call + 1);
  return Explains(first_, quirk, program, outcomes) ? apart : std::nullopt;
}

void ProfileDiff::Keep(Quirk quirk, Sight sight, const Program& program) {
  tellings_.push_back({quirk, sight, program, {}});
}

void ProfileDiff::Try() {
  Program program;
  NextProgram(&program);
  ++programs_;
  std::vector<Quirk> told;
  if (const std::optional<Divergence> apart =
          Run(second_, first_, program, false)) {
    const std::vector<Outcome> outcomes =
        OutcomesOf(second_, program, apart->call + 1);
    for (Quirk quirk : missing_) {
      if (!Explains(first_, quirk, program, outcomes)) continue;
      Keep(quirk, Sight::kApart, program);
      told.push_back(quirk);
    }
  }
  if (told.empty() && programs_ > kStrictPrograms &&
      programs_ % kStrictOneIn == 0) {
    for (Quirk quirk : missing_) {
      for (Sight sight : {Sight::kFirst, Sight::kSecond}) {
        if (!Look(quirk, sight, program)) continue;
        Keep(quirk, sight, program);
        told.push_back(quirk);
        break;
      }
    }
  }
  std::erase_if(missing_, [&](Quirk quirk) {
    return std::find(told.begin(), told.end(), quirk) != told.end();
  });
}

std::vector<Telling> ProfileDiff::Minimized(double seconds) {
  std::vector<Telling> result = tellings_;
  for (Telling& telling : result) {
    const Probe probe = [&](const Program& program) -> std::optional<size_t> {
      const std::optional<Divergence> seen =
          Look(telling.quirk, telling.sight, program);
      if (!seen) return std::nullopt;
      return seen->call;
    };
    telling.program =
        Minimize(telling.program, probe, {.seconds = seconds, .reruns = 1})
            .program;
    telling.divergence = *Look(telling.quirk, telling.sight, telling.program);
  }
  std::sort(
      result.begin(), result.end(),
      [](const Telling& a, const Telling& b) { return a.quirk < b.quirk; });
  return result;
}

}  // namespace pollux
