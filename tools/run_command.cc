// pollux run: programs on the host and the reference, in lock-step.

#include <stdio.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/expectation.h"
#include "diff/host.h"
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
  int divergent = 0;
  int skipped = 0;
  int undecided = 0;
  int bad = 0;
};

void RunFile(const std::string& path, bool show_trace, std::string_view subject,
             Lockstep& lockstep, Counts& counts) {
  absl::StatusOr<Trace> trace = LoadProgram(path);
  if (!trace.ok()) {
    ++counts.bad;
    Complain(trace.status().message());
    return;
  }
  Recording recording;
  const Verdict verdict = lockstep.Run(trace->program, &recording);
  if (verdict == Verdict::kSkipped) {
    ++counts.skipped;
    absl::PrintF(
        "%s: skipped: userfaultfd is not permitted here, so no scan "
        "can be frozen\n",
        path);
    return;
  }
  if (verdict == Verdict::kUndecided) {
    ++counts.undecided;
    absl::PrintF(
        "%s: undecided: the network did not settle in time, or the program "
        "took too long\n",
        path);
    return;
  }
  if (verdict == Verdict::kDivergence) {
    ++counts.divergent;
    absl::PrintF("%s: %s\n", path,
                 PrintDivergence(trace->program, lockstep.divergence(),
                                 recording, subject));
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
                                         *call, subject));
    return;
  }
  ++counts.same;
  absl::PrintF("%s: same, %d calls\n", path, trace->program.calls.size());
}

void RunFiles(const std::vector<std::string>& paths, std::string_view name,
              Subject* subject, bool can_freeze, const Profile& profile,
              const Machine& machine, Counts& counts) {
  Oracle oracle(profile, machine);
  Lockstep lockstep(
      subject, &oracle,
      {.witnesses = absl::GetFlag(FLAGS_witnesses), .can_freeze = can_freeze});
  const bool show_trace = paths.size() == 1 || absl::GetFlag(FLAGS_trace);
  for (const std::string& path : paths) {
    RunFile(path, show_trace, name, lockstep, counts);
  }
  if (paths.size() == 1) return;
  absl::PrintF(
      "%d programs: %d same, %d divergent, %d skipped, %d undecided, %d bad\n",
      paths.size(), counts.same, counts.divergent, counts.skipped,
      counts.undecided, counts.bad);
}

int Run(const std::vector<std::string>& args) {
  if (args.empty()) {
    Complain("run: which FILE? See pollux help run.");
    return kExitBadInput;
  }
  absl::StatusOr<Profile> profile = ReferenceProfile();
  if (!profile.ok()) {
    Complain(profile.status().message());
    return kExitBadInput;
  }
  Counts counts;
  if (absl::GetFlag(FLAGS_model)) {
    Reference model(*BaseProfile(), Machine());
    RunFiles(args, "model", &model, true, *profile, Machine(), counts);
  } else if (std::string reason = HostUnsupported(); !reason.empty()) {
    Complain(absl::StrCat("cannot run here: ", reason));
    return kExitCannotRun;
  } else {
    const absl::StatusOr<Door> door = HostDoor();
    if (!door.ok()) {
      Complain(door.status().message());
      return absl::IsUnavailable(door.status()) ? kExitCannotRun
                                                : kExitBadInput;
    }
    Host host(*door);
    RunFiles(args, "host", &host, host.can_freeze(), *profile, HostMachine(),
             counts);
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
        "pollux run [--profile=VERSION] [--quirk=NAME,...] [--model] "
        "[--door=io_uring]\n"
        "           [--trace] [--nowitnesses] FILE...",
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

Exit code: 0 all the same; 1 a divergence, or an outcome that is not the one
stated in the file; 2 a FILE or argument is bad; 3 cannot run here.)",
    .run = Run,
};

}  // namespace pollux
