// pollux run: programs on the host and the reference, in lock-step.

#include <stdio.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/expectation.h"
#include "diff/explainer.h"
#include "diff/report.h"
#include "tools/bench.h"
#include "tools/command.h"
#include "tools/mute_flag.h"
#include "tools/terminal.h"

ABSL_FLAG(bool, trace, false,
          "run: print the trace of every program, not only of those that "
          "differ; with a single FILE this is the default");

namespace pollux {
namespace {

std::string PrintDisagreement(const std::string& path, const Trace& trace,
                              const std::vector<Outcome>& outcomes, size_t call,
                              std::string_view subject) {
  SlotNames names(trace.program);
  int slot = 0;
  for (size_t i = 0; i < call; ++i) {
    slot += Describe(trace.program.calls[i].op).slots_made();
  }
  const Call& c = trace.program.calls[call];
  return absl::StrCat(
      path, ":", trace.lines[call], ": ", subject,
      " and reference agree, but not with the file\n    file:      ",
      PrintCall(c, slot, names, &*trace.outcomes[call]),
      "\n    both:      ", PrintCall(c, slot, names, &outcomes[call]), "\n");
}

struct Counts {
  int same = 0;
  int divergent = 0;
  int muted = 0;
  int skipped = 0;
  int undecided = 0;
  int bad = 0;
};

// Tells a divergence, or why it is not told.
void Tell(const std::string& path, const Bench& bench, const Program& program,
          const Finding& finding, Counts& counts) {
  if (const Mute* mute = bench.MuteOf(finding.signature)) {
    ++counts.muted;
    absl::PrintF("%s: %s, %s\n", path, finding.signature, MuteText(*mute));
    return;
  }
  ++counts.divergent;
  const std::string subject(bench.subject_name());
  absl::PrintF(
      "%s: %s\n%s\n", path,
      PrintDivergence(program, finding.divergence, finding.recording, subject,
                      TerminalStyle()),
      PrintExplanation(program, finding.divergence, finding.explanation,
                       absl::StrCat("the ", subject)));
}

void RunFile(const std::string& path, bool show_trace, Bench& bench,
             Counts& counts) {
  const absl::StatusOr<Trace> trace = LoadProgram(path);
  if (!trace.ok()) {
    ++counts.bad;
    Complain(trace.status().message());
    return;
  }
  Investigator& investigator = bench.investigator();
  Recording recording;
  const std::optional<Finding> finding =
      investigator.Look(trace->program, &recording);
  if (investigator.verdict() == Verdict::kSkipped) {
    ++counts.skipped;
    absl::PrintF("%s: %s\n", path, Bench::kSkippedReason);
    return;
  }
  if (investigator.verdict() == Verdict::kUndecided) {
    ++counts.undecided;
    absl::PrintF("%s: %s\n", path, Bench::kUndecidedReason);
    return;
  }
  if (finding) {
    Tell(path, bench, trace->program, *finding, counts);
    return;
  }
  if (show_trace) {
    absl::PrintF("%s", PrintTrace(trace->program, recording.outcomes));
  }
  const std::optional<size_t> call =
      FirstDisagreement(*trace, recording.outcomes);
  if (call) {
    ++counts.divergent;
    absl::PrintF("%s", PrintDisagreement(path, *trace, recording.outcomes,
                                         *call, bench.subject_name()));
    return;
  }
  ++counts.same;
  absl::PrintF("%s: same, %d calls\n", path, trace->program.calls.size());
}

int Run(const std::vector<std::string>& args) {
  if (args.empty()) {
    Complain("run: which FILE? See pollux help run.");
    return kExitBadInput;
  }
  int exit_code;
  const std::unique_ptr<Bench> bench = Bench::FromFlags(&exit_code);
  if (bench == nullptr) return exit_code;
  Counts counts;
  const bool show_trace = args.size() == 1 || absl::GetFlag(FLAGS_trace);
  for (const std::string& path : args) {
    RunFile(path, show_trace, *bench, counts);
  }
  if (args.size() > 1 || counts.muted > 0) {
    absl::PrintF(
        "%d programs: %d same, %d divergent, %d muted, %d skipped, "
        "%d undecided, %d bad\n",
        args.size(), counts.same, counts.divergent, counts.muted,
        counts.skipped, counts.undecided, counts.bad);
  }
  if (counts.bad > 0) return kExitBadInput;
  if (counts.divergent > 0) return kExitDivergence;
  if (counts.same + counts.muted == 0) return kExitCannotRun;
  return kExitSame;
}

}  // namespace

const Command kRunCommand = {
    .name = "run",
    .synopsis =
        "pollux run [--profile=VERSION] [--quirk=NAME,...] [--model] "
        "[--door=io_uring]\n"
        "           [--trace] [--nowitnesses] [--mute=FILE] FILE...",
    .summary = "run programs on the host and the reference, in lock-step",
    .help =
        R"(Runs each program, call by call, on the kernel of this machine and on the
reference, and compares every outcome exactly. FILE is a text program (.ep) or
a wire program, as a fuzzer leaves it; - is the standard input. Outcomes that a
text program states are compared, too.

A text program looks like strace, with names in place of descriptors:

  p0 = pipe2(O_NONBLOCK)
  ep0 = epoll_create1(0)
  epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=7}) = 0
  write(p0.w, 3) = 3
  epoll_wait(ep0, [{events=EPOLLIN, data=7}], 8, 0) = 1

Leave the outcomes out (with [...] for a buffer) and `pollux run` tells them.
`pollux calls` lists all calls.

  --profile=5.1     let the reference be that Linux, not this machine's
  --quirk=NAME,...  make the reference a mutant, to see what a bug looks like
  --model           let the reference of --profile stand in for this machine's
                    kernel: with no --quirk, tells what that Linux does
  --door=io_uring   ask for epoll_ctl, epoll_wait and poll, where they do not
                    wait, by requests in a ring (Linux 6.15)
  --trace           print every trace; one FILE prints its trace anyway
  --nowitnesses     do not look at poll masks and interest lists between calls
  --mute=FILE       buckets not to be told of, one `SIGNATURE YYYY-MM-DD REASON`
                    a line, each until its day; they are counted
  --width=N         columns to write for (those of the terminal, or 80); from
                    100 on, host and reference stand side by side
  --color=WHEN      always, never or auto: on a terminal, unless NO_COLOR is set

Exit code: 0 all the same or muted; 1 a divergence, or an outcome that is not
the one stated in the file; 2 a FILE or argument is bad; 3 cannot run here.)",
    .run = Run,
};

}  // namespace pollux
