// pollux run: programs on a subject and the reference, in lock-step.

#include <stdio.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "diff/expectation.h"
#include "diff/explainer.h"
#include "diff/lockstep.h"
#include "diff/reference.h"
#include "diff/report.h"
#include "tools/command.h"
#include "tools/subject_flags.h"

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
  int otherwise = 0;  // of these: not as the file says, because of a quirk
  int divergent = 0;
  int skipped = 0;
  int bad = 0;
};

// Runs the files on one contest, and prints as it goes.
class Runner {
 public:
  explicit Runner(Contest contest)
      : contest_(std::move(contest)),
        oracle_(contest_.profile, contest_.machine),
        lockstep_(contest_.subject.get(), &oracle_,
                  {.witnesses = absl::GetFlag(FLAGS_witnesses)}) {}

  Counts Run(const std::vector<std::string>& paths, bool show_traces) {
    show_traces_ = show_traces;
    Load(paths);
    std::vector<Verdict> verdicts;
    lockstep_.RunAll(programs_, [&](size_t, Verdict verdict) {
      verdicts.push_back(verdict);
    });
    for (size_t i = 0; i < traces_.size(); ++i) Tell(i, verdicts[i]);
    return counts_;
  }

 private:
  void Load(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      absl::StatusOr<Trace> trace = LoadProgram(path);
      if (!trace.ok()) {
        ++counts_.bad;
        Complain(trace.status().message());
        continue;
      }
      paths_.push_back(path);
      programs_.push_back(trace->program);
      traces_.push_back(*std::move(trace));
    }
  }

  void Tell(size_t i, Verdict verdict) {
    const Trace& trace = traces_[i];
    if (verdict == Verdict::kSkipped) {
      ++counts_.skipped;
      const Op missing = *lockstep_.Missing(trace.program);
      absl::PrintF("%s: %s\n", paths_[i], SkippedReason(contest_, missing));
      return;
    }
    if (verdict == Verdict::kDivergence) {
      TellDivergence(i);
      return;
    }
    const std::vector<Outcome> outcomes =
        ExpectedOutcomes(trace.program, contest_.profile, contest_.machine);
    if (show_traces_) {
      absl::PrintF("%s", PrintTrace(trace.program, outcomes));
    }
    const std::optional<size_t> call = FirstDisagreement(trace, outcomes);
    const std::string cause = call ? QuirksBehind(trace) : "";
    if (call && cause.empty()) {
      ++counts_.divergent;
      absl::PrintF("%s", PrintDisagreement(paths_[i], trace, outcomes, *call,
                                           contest_.name));
      return;
    }
    ++counts_.same;
    counts_.otherwise += call.has_value();
    absl::PrintF("%s: same, %d calls%s\n", paths_[i],
                 trace.program.calls.size(), cause);
  }

  void TellDivergence(size_t i) {
    Recording recording;
    if (lockstep_.Run(programs_[i], &recording) == Verdict::kDivergence) {
      ++counts_.divergent;
      absl::PrintF("%s: %s\n", paths_[i],
                   PrintDivergence(programs_[i], lockstep_.divergence(),
                                   recording, contest_.name));
      return;
    }
    ++counts_.divergent;
    absl::PrintF("%s: FLAKY: differs in one of two runs\n", paths_[i]);
  }

  // Why this kernel does not do what the file says: the quirks of its profile
  // without any of which the reference would, or nothing.
  std::string QuirksBehind(const Trace& trace) {
    std::vector<std::string_view> names;
    Profile without = contest_.profile;
    for (const QuirkInfo& quirk : AllQuirks()) {
      if (quirk.since == kNever || !without.Has(quirk.id)) continue;
      without.Disable(quirk.id);
      if (FirstStatedDisagreement(trace, without) !=
          FirstStatedDisagreement(trace, contest_.profile)) {
        names.push_back(quirk.name);
      }
      if (!FirstStatedDisagreement(trace, without)) break;
      if (names.empty() || names.back() != quirk.name) {
        without.Enable(quirk.id);
      }
    }
    if (!FirstStatedDisagreement(trace, without)) {
      return absl::StrCat("; not as the file says: ",
                          absl::StrJoin(names, "+"));
    }
    const bool by_machine = !FirstDisagreement(
        trace, ExpectedOutcomes(trace.program, Profile(), Machine()));
    return by_machine ? "; not as the file says: settings of the machine" : "";
  }

  std::optional<size_t> FirstStatedDisagreement(const Trace& trace,
                                                const Profile& profile) {
    return FirstDisagreement(
        trace, ExpectedOutcomes(trace.program, profile, contest_.machine));
  }

  Contest contest_;
  Oracle oracle_;
  Lockstep lockstep_;
  bool show_traces_ = false;
  std::vector<std::string> paths_;
  std::vector<Program> programs_;
  std::vector<Trace> traces_;
  Counts counts_;
};

int Run(const std::vector<std::string>& args) {
  if (args.empty()) {
    Complain("run: which FILE? See pollux help run.");
    return kExitBadInput;
  }
  absl::StatusOr<Contest> contest = ContestFromFlags();
  if (!contest.ok()) return ExitCodeOf(contest.status());
  Runner runner(*std::move(contest));
  const Counts counts =
      runner.Run(args, args.size() == 1 || absl::GetFlag(FLAGS_trace));
  if (args.size() > 1) {
    absl::PrintF("%d programs: %d same, %d divergent, %d skipped, %d bad\n",
                 args.size(), counts.same, counts.divergent, counts.skipped,
                 counts.bad);
    if (counts.otherwise > 0) {
      absl::PrintF(
          "%d of the same are not as the files say, by quirks of the "
          "profile\n",
          counts.otherwise);
    }
  }
  if (counts.bad > 0) return kExitBadInput;
  if (counts.divergent > 0) return kExitDivergence;
  if (counts.same == 0) return kExitCannotRun;
  return kExitSame;
}

}  // namespace

const Command kRunCommand = {
    .name = "run",
    .synopsis =
        "pollux run [--subject=S] [--profile=V] [--quirk=NAME,...] [--trace] "
        "FILE...",
    .summary = "run programs on a subject and the reference, in lock-step",
    .help =
        R"(Runs each program, call by call, on the kernel of this machine, or whatever
--subject names, and on the reference, and compares every outcome exactly. FILE
is a text program (.ep) or a wire program, as a fuzzer leaves it; - is the
standard input. Outcomes that a text program states are compared, too.

A text program looks like strace, with names in place of descriptors:

  p0 = pipe2(O_NONBLOCK)
  ep0 = epoll_create1(0)
  epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=7}) = 0
  write(p0.w, 3) = 3
  epoll_wait(ep0, [{events=EPOLLIN, data=7}], 8, 0) = 1

Leave the outcomes out (with [...] for a buffer) and `pollux run` tells them.
`pollux calls` lists all calls.

  --subject=S       host, uml-6.1, cmd:COMMAND, ... (pollux help lab)
  --profile=V       be Linux V instead of the version that the subject tells
  --quirk=NAME,...  make the reference a mutant, to see what a bug looks like
  --model           let the reference of --profile stand in for this machine's
                    kernel: with no --quirk, tells what that Linux does
  --trace           print every trace; one FILE prints its trace anyway
  --nowitnesses     do not look at poll masks and interest lists between calls

The files of corpus/ state what Linux 6.18 does. Where the reference is another
one, what a file states need only hold without the quirks of that one, which
are named.

Exit code: 0 all the same; 1 a divergence, or an outcome that is not the one
stated in the file; 2 a FILE or argument is bad; 3 cannot run here.)",
    .run = Run,
};

}  // namespace pollux
