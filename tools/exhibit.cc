// Making exhibits.

#include "tools/exhibit.h"

#include "absl/strings/str_cat.h"
#include "diff/explainer.h"
#include "tools/command.h"
#include "tools/mute_flag.h"

namespace pollux {
namespace {

// Nothing behind the diverging call; a frozen scan is thawed.
Program UpTo(const Program& program, size_t call) {
  Program head;
  ProgramBuilder builder(&head);
  for (size_t i = 0; i <= call; ++i) builder.Append(program.calls[i]);
  builder.Finish();
  head.names = program.names;
  return head;
}

}  // namespace

std::string Exhibit::Summary() const {
  if (skipped) return std::string(Bench::kSkippedReason);
  if (!finding) return absl::StrCat(subject, " and reference agree");
  if (finding->explanation.empty()) {
    return "No known quirk explains this: new behaviour";
  }
  const QuirkInfo& quirk = Describe(finding->explanation.best()[0]);
  const bool off = finding->explanation.sets[0].switches_off;
  return absl::StrCat("The ", subject, " behaves ",
                      off ? "as if without" : "as with", " `", quirk.name,
                      "` (", RangeText(quirk), ", ", quirk.function,
                      "): ", quirk.effect);
}

Exhibit ExhibitOf(Investigator& investigator, const Program& program,
                  std::string_view subject) {
  Exhibit exhibit;
  exhibit.program = program;
  exhibit.subject = std::string(subject);
  exhibit.profile = investigator.profile();
  exhibit.machine = investigator.machine();
  exhibit.finding = investigator.Look(program);
  exhibit.skipped = investigator.verdict() == Verdict::kSkipped;
  if (exhibit.finding) {
    exhibit.program = UpTo(program, exhibit.finding->divergence.call);
  }
  exhibit.expected =
      ExpectedOutcomes(exhibit.program, exhibit.profile, exhibit.machine);
  return exhibit;
}

absl::StatusOr<Exhibit> MakeExhibit(Bench& bench, const std::string& path) {
  const absl::StatusOr<Trace> trace = LoadProgram(path);
  if (!trace.ok()) return trace.status();
  Exhibit exhibit =
      ExhibitOf(bench.investigator(), trace->program, bench.subject_name());
  exhibit.path = path;
  if (exhibit.finding) {
    const size_t call = exhibit.finding->divergence.call;
    if (call < trace->lines.size()) exhibit.line = trace->lines[call];
    const Mute* mute = bench.MuteOf(exhibit.signature());
    if (mute != nullptr) exhibit.muted = MuteText(*mute);
  }
  return exhibit;
}

}  // namespace pollux
