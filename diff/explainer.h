// Explanations: which known quirks make the reference agree with what was seen.
//
// The observed outcomes are judged again, once for each quirk, by a reference
// in which that quirk is switched (off, where the profile has it): no system
// call is made. Where several quirks would do, the waits that follow the
// diverging call, which a Recording keeps, may tell them apart.
//
//   Explanation e = Explain(program, divergence, recording, profile, machine);
//   if (!e.empty()) ... Describe(e.best()[0]).name ...

#ifndef POLLUX_DIFF_EXPLAINER_H_
#define POLLUX_DIFF_EXPLAINER_H_

#include <string>
#include <vector>

#include "core/machine.h"
#include "core/quirks.h"
#include "diff/divergence.h"
#include "diff/lockstep.h"
#include "diff/program.h"

namespace pollux {

// A smallest set of quirks that, switched together, explains a divergence.
struct QuirkSet {
  std::vector<Quirk> quirks;
  // It also explains what was left when the program had ended.
  bool explains_rest = false;
  // It switches off what the profile has.
  bool switches_off = false;
};

struct Explanation {
  std::vector<QuirkSet> sets;  // all of the same size; the likeliest first

  bool empty() const { return sets.empty(); }
  // The likeliest; none if there is no explanation.
  std::vector<Quirk> best() const {
    return sets.empty() ? std::vector<Quirk>() : sets[0].quirks;
  }
};

// `profile`: of the reference that did not agree. `largest`: the size of the
// largest sets tried, 1 or 2.
Explanation Explain(const Program& program, const Divergence& divergence,
                    const Recording& recording, const Profile& profile,
                    const Machine& machine, int largest);

// What the best explanation says, in one sentence; it must not be empty.
std::string PrintCause(const Explanation& explanation, std::string subject);

// A few lines for people. `subject`: what to call it ("host").
std::string PrintExplanation(const Program& program,
                             const Divergence& divergence,
                             const Explanation& explanation,
                             std::string_view subject);

// What each call returns in the reference.
std::vector<Outcome> ExpectedOutcomes(const Program& program,
                                      const Profile& profile,
                                      const Machine& machine);

// Linux versions v with since <= v < until that do the same; until 0: and all
// later ones.
struct VersionSpan {
  LinuxVersion since = 0;
  LinuxVersion until = 0;
  std::vector<Outcome> outcomes;
};

// All Linux versions that the quirk table tells apart, oldest first, neighbours
// joined where this program shows no difference.
std::vector<VersionSpan> SpansOf(const Program& program,
                                 const Machine& machine);

// "before 5.5", "5.5-5.13" as "5.5 to before 5.14", "since 5.14", "always".
std::string SpanText(const VersionSpan& span);

// One block for each span, with the first call in which it differs from the
// newest.
std::string PrintSpans(const Program& program,
                       const std::vector<VersionSpan>& spans);

}  // namespace pollux

#endif  // POLLUX_DIFF_EXPLAINER_H_
