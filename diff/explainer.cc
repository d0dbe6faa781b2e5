// Judging recorded outcomes again with other quirks.

#include "diff/explainer.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "diff/oracle.h"
#include "diff/signature.h"
#include "diff/text_format.h"
#include "diff/wrap.h"

namespace pollux {
namespace {

// Does a wait on each epoll of `world` deliver what it did in the subject?
bool ExplainsLeftovers(World world, const Recording& recording) {
  const EventBuffer buffer{.maxevents = static_cast<int>(Program::kMaxCalls)};
  for (const Recording::Leftover& left : recording.leftovers) {
    const int result = EpollWait(world, left.epfd, buffer);
    if (result < 0) return false;
    const std::vector<Event> none;
    if ((result > 0 ? world.scan.delivered : none) != left.observed) {
      return false;
    }
  }
  return true;
}

class Trial {
 public:
  Trial(const Program& program, const Divergence& divergence,
        const Recording& recording, const Profile& profile,
        const Machine& machine)
      : program_(program),
        divergence_(divergence),
        recording_(recording),
        profile_(profile),
        machine_(machine) {}

  // Adds `quirks` to the explanation if they are one.
  void Try(std::vector<Quirk> quirks, Explanation* explanation) const {
    Profile profile = profile_;
    QuirkSet set;
    for (Quirk quirk : quirks) {
      set.switches_off |= profile.Has(quirk);
      profile.Flip(quirk);
    }
    Oracle oracle(profile, machine_);
    if (!Explains(oracle)) return;
    set.explains_rest = ExplainsLeftovers(oracle.world(), recording_);
    set.quirks = std::move(quirks);
    explanation->sets.push_back(std::move(set));
  }

 private:
  bool Explains(Oracle& oracle) const {
    oracle.Begin();
    for (size_t i = 0; i <= divergence_.call; ++i) {
      const Outcome& seen =
          i < divergence_.call ? recording_.outcomes[i] : divergence_.observed;
      if (!oracle.Judge(program_.calls[i], seen)) return false;
    }
    const bool witness = divergence_.kind == DivergenceClass::kPollMask ||
                         divergence_.kind == DivergenceClass::kInterestList;
    return !witness || oracle.JudgeWitness(divergence_.observed_witness);
  }

  const Program& program_;
  const Divergence& divergence_;
  const Recording& recording_;
  const Profile& profile_;
  const Machine& machine_;
};

std::string NamesOf(const std::vector<Quirk>& quirks) {
  return absl::StrJoin(quirks, " with ", [](std::string* out, Quirk quirk) {
    absl::StrAppend(out, "`", Describe(quirk).name, "`");
  });
}

// Of explanations.
constexpr size_t kColumns = 80;

// One quirk in a sentence of its own.
std::string Sentence(const QuirkSet& set, std::string subject) {
  subject[0] = absl::ascii_toupper(subject[0]);
  if (set.quirks.size() > 1) {
    return absl::StrCat(subject, " behaves as if two things were otherwise: ",
                        NamesOf(set.quirks), ".");
  }
  const QuirkInfo& quirk = Describe(set.quirks[0]);
  if (set.switches_off) {
    return absl::StrCat(subject, " behaves as if without `", quirk.name,
                        "`, which this reference has.");
  }
  if (quirk.until == kNever) {
    return absl::StrCat(subject, " behaves like no Linux here: `", quirk.name,
                        "`.");
  }
  return absl::StrCat(subject, " behaves like Linux ", RangeText(quirk),
                      " here: `", quirk.name, "`, changed in ", quirk.function,
                      ".");
}

// The versions at which some quirk begins or ends, from the oldest.
std::set<LinuxVersion> Boundaries() {
  std::set<LinuxVersion> versions;
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (quirk.until == kNever) continue;
    versions.insert(quirk.since);
    if (quirk.until != kStill) versions.insert(quirk.until);
  }
  if (versions.empty()) versions.insert(kOldest);
  return versions;
}

// The first call in which the outcomes differ; their number if none does.
size_t FirstDifference(const std::vector<Outcome>& a,
                       const std::vector<Outcome>& b) {
  return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
         a.begin();
}

int SlotsBefore(const Program& program, size_t call) {
  int slots = 0;
  for (size_t i = 0; i < call; ++i) {
    slots += Describe(program.calls[i].op).slots_made();
  }
  return slots;
}

}  // namespace

Explanation Explain(const Program& program, const Divergence& divergence,
                    const Recording& recording, const Profile& profile,
                    const Machine& machine, int largest) {
  Explanation explanation;
  if (recording.outcomes.size() <= divergence.call) return explanation;
  const Trial trial(program, divergence, recording, profile, machine);
  const auto& quirks = AllQuirks();
  for (const QuirkInfo& a : quirks) trial.Try({a.id}, &explanation);
  for (size_t i = 0; largest > 1 && explanation.empty() && i < quirks.size();
       ++i) {
    for (size_t j = i + 1; j < quirks.size(); ++j) {
      trial.Try({quirks[i].id, quirks[j].id}, &explanation);
    }
  }
  // Of the same rank, in the order of the table.
  std::sort(explanation.sets.begin(), explanation.sets.end(),
            [](const QuirkSet& a, const QuirkSet& b) {
              return std::tuple(!a.explains_rest, !a.switches_off, a.quirks) <
                     std::tuple(!b.explains_rest, !b.switches_off, b.quirks);
            });
  return explanation;
}

std::string PrintCause(const Explanation& explanation, std::string subject) {
  return Sentence(explanation.sets[0], std::move(subject));
}

std::string PrintExplanation(const Program& program,
                             const Divergence& divergence,
                             const Explanation& explanation,
                             std::string_view subject) {
  const Symptom symptom = SymptomOf(program, divergence);
  const std::vector<Quirk> best = explanation.best();
  std::string text =
      absl::StrCat("signature: ", Signature(symptom, best), "\n");
  if (explanation.empty()) {
    return absl::StrCat(text, "layer:     ", LayerName(symptom.layer),
                        " (by its looks)\n",
                        "No known quirk explains this: new behaviour.\n");
  }
  absl::StrAppend(
      &text, "layer:     ", LayerName(Describe(best[0]).layer), "\n",
      WrapText(PrintCause(explanation, std::string(subject)), kColumns));
  for (Quirk quirk : best) {
    const QuirkInfo& info = Describe(quirk);
    absl::StrAppend(
        &text,
        WrapText(absl::StrCat("`", info.name, "`, in ", info.function, ": ",
                              info.effect, " (", RangeText(info), ")."),
                 kColumns, "  "));
  }
  for (size_t i = 1; i < explanation.sets.size(); ++i) {
    const QuirkSet& set = explanation.sets[i];
    absl::StrAppend(&text, i == 1 ? "Would explain it, too:\n" : "", "  ",
                    NamesOf(set.quirks),
                    set.explains_rest ? "" : ", but not what comes after it",
                    "\n");
  }
  return text;
}

std::vector<Outcome> ExpectedOutcomes(const Program& program,
                                      const Profile& profile,
                                      const Machine& machine) {
  std::vector<Outcome> outcomes;
  Oracle oracle(profile, machine);
  oracle.Begin();
  const Outcome unknown;
  for (const Call& call : program.calls) {
    oracle.Judge(call, unknown);
    outcomes.push_back(oracle.expected());
  }
  return outcomes;
}

std::vector<VersionSpan> SpansOf(const Program& program,
                                 const Machine& machine) {
  std::vector<VersionSpan> spans;
  for (LinuxVersion version : Boundaries()) {
    std::vector<Outcome> outcomes =
        ExpectedOutcomes(program, Profile::Linux(version), machine);
    if (!spans.empty() && spans.back().outcomes == outcomes) continue;
    if (!spans.empty()) spans.back().until = version;
    spans.push_back({spans.empty() ? 0 : version, 0, std::move(outcomes)});
  }
  return spans;
}

std::string SpanText(const VersionSpan& span) {
  if (span.since == 0 && span.until == 0) return "every Linux";
  if (span.since == 0) {
    return absl::StrCat("Linux before ", VersionText(span.until));
  }
  if (span.until == 0) {
    return absl::StrCat("Linux since ", VersionText(span.since));
  }
  return absl::StrCat("Linux ", VersionText(span.since), " to before ",
                      VersionText(span.until));
}

std::string PrintSpans(const Program& program,
                       const std::vector<VersionSpan>& spans) {
  if (spans.size() == 1) return "The same on every Linux that is known.\n";
  const SlotNames names(program);
  std::string text;
  for (const VersionSpan& span : spans) {
    const VersionSpan& other =
        &span == &spans.back() ? spans.front() : spans.back();
    const size_t at = FirstDifference(span.outcomes, other.outcomes);
    absl::StrAppend(&text, SpanText(span), "\n");
    if (at == span.outcomes.size()) {
      absl::StrAppend(&text, "    as the newest\n");
      continue;
    }
    absl::StrAppend(&text, "    call ", at + 1, ": ",
                    PrintCall(program.calls[at], SlotsBefore(program, at),
                              names, &span.outcomes[at]),
                    "\n");
  }
  return text;
}

}  // namespace pollux
