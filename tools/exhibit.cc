// Making exhibits.

#include "tools/exhibit.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "diff/explainer.h"
#include "tools/command.h"

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

absl::StatusOr<Exhibit> MakeExhibit(Bench& bench, const std::string& path) {
  const absl::StatusOr<Trace> trace = LoadProgram(path);
  if (!trace.ok()) return trace.status();
  Exhibit exhibit;
  exhibit.path = path;
  exhibit.program = trace->program;
  exhibit.subject = std::string(bench.subject_name());
  exhibit.profile = bench.profile();
  exhibit.machine = bench.machine();
  exhibit.finding = bench.investigator().Look(exhibit.program);
  exhibit.skipped = bench.investigator().verdict() == Verdict::kSkipped;
  if (exhibit.finding) {
    const size_t call = exhibit.finding->divergence.call;
    if (call < trace->lines.size()) exhibit.line = trace->lines[call];
    exhibit.program = UpTo(exhibit.program, call);
  }
  exhibit.expected =
      ExpectedOutcomes(exhibit.program, bench.profile(), bench.machine());
  return exhibit;
}

std::string EscapeMarkup(std::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

}  // namespace pollux
