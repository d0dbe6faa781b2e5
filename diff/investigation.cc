// Run, record, explain, tell apart, name.

#include "diff/investigation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "diff/draft.h"

namespace pollux {
namespace {

using Clock = std::chrono::steady_clock;

// Calls before the diverging one that experiments change.
constexpr size_t kMostChanged = 24;

// Small changes of the program's first `calls` calls: without one of them, two
// neighbours exchanged, one made later, the last one made twice.
std::vector<Program> VariantsOf(const Program& program, size_t calls) {
  std::vector<Program> variants;
  Draft whole(program);
  whole.calls.resize(calls);
  const auto add = [&](const Draft& draft) {
    draft.Write(&variants.emplace_back(),
                [](const Call&, size_t) { return kNoFd; });
  };
  const size_t first = calls > kMostChanged ? calls - kMostChanged : 0;
  for (size_t i = first; i + 1 < calls; ++i) {
    Draft draft = whole;
    draft.DropWithUses(i, i + 1);
    add(draft);
  }
  for (size_t i = first; i + 1 < calls; ++i) {
    Draft draft = whole;
    std::swap(draft.calls[i], draft.calls[i + 1]);
    add(draft);
  }
  for (size_t i = first; i + 2 < calls; ++i) {
    Draft draft = whole;
    const auto begin = draft.calls.begin();
    std::rotate(begin + i, begin + i + 1, begin + calls - 1);
    add(draft);
  }
  Draft twice = whole;
  DraftCall last = twice.calls.back();
  last.first_made = twice.NewIds(last.call);
  twice.calls.push_back(last);
  add(twice);
  return variants;
}

bool Contains(const Explanation& explanation,
              const std::vector<Quirk>& quirks) {
  return std::any_of(explanation.sets.begin(), explanation.sets.end(),
                     [&](const QuirkSet& set) { return set.quirks == quirks; });
}

}  // namespace

std::optional<Finding> Investigator::Glance(const Program& program,
                                            Recording* recording) {
  Finding finding;
  verdict_ = lockstep_.Run(program, &finding.recording);
  if (verdict_ != Verdict::kDivergence) {
    if (recording != nullptr) *recording = std::move(finding.recording);
    return std::nullopt;
  }
  finding.divergence = lockstep_.divergence();
  finding.explanation = Explain(program, finding.divergence, finding.recording,
                                profile_, machine_, /*largest=*/1);
  return finding;
}

std::optional<Finding> Investigator::Look(const Program& program,
                                          Recording* recording) {
  std::optional<Finding> finding = Glance(program, recording);
  if (!finding) return finding;
  TellApart(program, finding->divergence.call, &finding->explanation);
  finding->signature = Signature(SymptomOf(program, finding->divergence),
                                 finding->explanation.best());
  return finding;
}

void Investigator::TellApart(const Program& program, size_t call,
                             Explanation* explanation) {
  if (explanation->sets.size() < 2) return;
  for (const Program& variant : VariantsOf(program, call + 1)) {
    // The subject is asked only where the candidates differ.
    std::vector<Profile> profiles;
    std::vector<std::vector<Outcome>> expected;
    for (const QuirkSet& set : explanation->sets) {
      Profile& profile = profiles.emplace_back(profile_);
      for (Quirk quirk : set.quirks) profile.Flip(quirk);
      expected.push_back(ExpectedOutcomes(variant, profile, machine_));
    }
    if (std::all_of(expected.begin(), expected.end(),
                    [&](const auto& e) { return e == expected[0]; })) {
      continue;
    }
    std::vector<QuirkSet> left;
    for (size_t i = 0; i < profiles.size(); ++i) {
      Oracle oracle(profiles[i], machine_);
      Lockstep lockstep(subject_, &oracle, options_);
      if (lockstep.Run(variant) != Verdict::kDivergence) {
        left.push_back(explanation->sets[i]);
      }
    }
    // What refutes them all speaks of something else.
    if (!left.empty()) explanation->sets = std::move(left);
    if (explanation->sets.size() < 2) return;
  }
}

Probe Investigator::ProbeFor(const Finding& finding, bool strict) {
  return [this, strict, wanted = finding.signature,
          quirks = finding.explanation.best()](
             const Program& program) -> std::optional<size_t> {
    // Cheap reasons to say no come first.
    if (lockstep_.Run(program) != Verdict::kDivergence) return std::nullopt;
    const size_t call = lockstep_.divergence().call;
    const Symptom symptom = SymptomOf(program, lockstep_.divergence());
    if (Signature(symptom, quirks) != wanted) return std::nullopt;
    const std::optional<Finding> again =
        strict ? Look(program) : Glance(program);
    if (!again || again->divergence.call != call) return std::nullopt;
    const bool same = strict           ? again->signature == wanted
                      : quirks.empty() ? again->explanation.empty()
                                       : Contains(again->explanation, quirks);
    return same ? std::optional<size_t>(call) : std::nullopt;
  };
}

Minimized Investigator::Minimize(const Program& program, const Finding& finding,
                                 const MinimizeOptions& options) {
  const Clock::time_point start = Clock::now();
  Minimized quick =
      pollux::Minimize(program, ProbeFor(finding, /*strict=*/false), options);
  const std::optional<Finding> last = Look(quick.program);
  if (last && last->signature == finding.signature) return quick;
  // What made the difference between two explanations went, too.
  MinimizeOptions rest = options;
  rest.seconds -= std::chrono::duration<double>(Clock::now() - start).count();
  Minimized slow =
      pollux::Minimize(program, ProbeFor(finding, /*strict=*/true), rest);
  slow.tries += quick.tries;
  return slow;
}

}  // namespace pollux
