// pollux minimize, pollux explain.

#include <stdio.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/explainer.h"
#include "diff/investigation.h"
#include "diff/minimizer.h"
#include "diff/report.h"
#include "tools/bench.h"
#include "tools/command.h"
#include "tools/mute_flag.h"
#include "tools/terminal.h"

ABSL_FLAG(double, seconds, 10,
          "minimize, triage: how long to look for a smaller program; then the "
          "best so far is taken; diff-profiles: how long to look at all");
ABSL_FLAG(std::string, profiles, "",
          "explain: `all` also tells on which Linux versions the expected "
          "outcome differs");

namespace pollux {
namespace {

// A program, and why it diverges.
struct Case {
  std::unique_ptr<Bench> bench;
  Program program;
  std::optional<Finding> finding;
};

// Loads and investigates the only argument. False, with a word about it, if
// there is no divergence; then `exit_code` says what else.
bool Open(std::string_view command, const std::vector<std::string>& args,
          Case* c, int* exit_code) {
  *exit_code = kExitBadInput;
  if (args.size() != 1) {
    Complain(absl::StrCat(command, ": give one FILE. See pollux help ", command,
                          "."));
    return false;
  }
  const absl::StatusOr<Trace> trace = LoadProgram(args[0]);
  if (!trace.ok()) {
    Complain(trace.status().message());
    return false;
  }
  c->program = trace->program;
  c->bench = Bench::FromFlags(exit_code);
  if (c->bench == nullptr) return false;
  c->finding = c->bench->investigator().Look(c->program);
  if (c->finding) return true;
  const bool skipped = c->bench->investigator().verdict() == Verdict::kSkipped;
  *exit_code = skipped ? kExitCannotRun : kExitSame;
  Complain(absl::StrCat(
      args[0], ": ",
      skipped ? Bench::kSkippedReason : "no divergence: nothing to look into"));
  return false;
}

int RunMinimize(const std::vector<std::string>& args) {
  Case c;
  int exit_code;
  if (!Open("minimize", args, &c, &exit_code)) return exit_code;
  const Minimized minimized = c.bench->investigator().Minimize(
      c.program, *c.finding, {.seconds = absl::GetFlag(FLAGS_seconds)});
  absl::FPrintF(stderr, "%s: %d calls, then %d; %d tries%s%s\n",
                c.finding->signature, c.program.calls.size(),
                minimized.program.calls.size(), minimized.tries,
                minimized.is_minimal ? "" : "; time ran out",
                minimized.is_stable ? "" : "; FLAKY");
  const std::string content = absl::StrCat(
      "# ", c.finding->signature, "\n#\n# ",
      "The smallest program that shows it.\n", PrintText(minimized.program));
  return WriteOutput(content) ? kExitDivergence : kExitBadInput;
}

int RunExplain(const std::vector<std::string>& args) {
  const std::string profiles = absl::GetFlag(FLAGS_profiles);
  if (profiles != "" && profiles != "all") {
    Complain(
        absl::StrCat("--profiles: 'all' or nothing, not '", profiles, "'"));
    return kExitBadInput;
  }
  Case c;
  int exit_code;
  if (!Open("explain", args, &c, &exit_code) && exit_code != kExitSame) {
    return exit_code;
  }
  if (c.finding) {
    Finding& finding = *c.finding;
    // Where no quirk alone explains it, two may.
    if (finding.explanation.empty()) {
      finding.explanation =
          Explain(c.program, finding.divergence, finding.recording,
                  c.bench->profile(), c.bench->machine(), /*largest=*/2);
    }
    const std::string subject = absl::StrCat("the ", c.bench->subject_name());
    absl::PrintF(
        "%s\n%s",
        PrintDivergence(c.program, finding.divergence, finding.recording,
                        c.bench->subject_name(), TerminalStyle()),
        PrintExplanation(c.program, finding.divergence, finding.explanation,
                         subject));
    if (const Mute* mute = c.bench->MuteOf(finding.signature)) {
      absl::PrintF("This bucket is %s\n", MuteText(*mute));
    }
  }
  if (profiles == "all") {
    absl::PrintF("\nExpected outcomes by version\n%s",
                 PrintSpans(c.program, SpansOf(c.program, c.bench->machine())));
  }
  return c.finding ? kExitDivergence : kExitSame;
}

}  // namespace

const Command kMinimizeCommand = {
    .name = "minimize",
    .synopsis =
        "pollux minimize [--quirk=NAME,...] [--o=OUT] [--seconds=N] FILE",
    .summary = "find the smallest program that shows the same divergence",
    .help =
        R"(Drops calls, together with whatever used what they made, and simplifies
arguments, as long as the divergence keeps its signature (see pollux help
explain): not just any divergence, but this one. The result is minimal: every
single deletion and simplification was tried. It is written as text to OUT, or
to the standard output.

  --seconds=N       stop after N seconds, with the best so far (10)
  --quirk=NAME,...  make the reference a mutant
  --model           let the reference without --quirk stand in for the host

Exit code: 1 a program was written; 0 FILE does not diverge; 2 a FILE or
argument is bad; 3 cannot run here.)",
    .run = RunMinimize,
};

const Command kExplainCommand = {
    .name = "explain",
    .synopsis = "pollux explain [--quirk=NAME,...] [--profiles=all] FILE",
    .summary = "tell which known behaviour a divergence looks like",
    .help =
        R"(Judges what was observed again, by references in which one quirk, or two,
are switched. The quirk that makes them agree is the likely cause: "behaves like
Linux 5.5 to before 5.14 here". Where several would do, small changes of the
program tell them apart. The signature names the bucket of the divergence.

  --profiles=all    also tell on which Linux versions the program is expected to
                    behave differently
  --quirk=NAME,...  make the reference a mutant
  --model           let the reference without --quirk stand in for the host

Exit code: 1 FILE diverges; 0 it does not; 2 a FILE or argument is bad; 3 cannot
run here.)",
    .run = RunExplain,
};

}  // namespace pollux
