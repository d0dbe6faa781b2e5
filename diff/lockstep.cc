// The lock-step loop: execute, judge, look.

#include "diff/lockstep.h"

#include <algorithm>

#include "diff/watchdog.h"

namespace pollux {
namespace {

bool Freezes(const Program& program) {
  return std::any_of(program.calls.begin(), program.calls.end(),
                     [](const Call& call) { return call.op == Op::kFreeze; });
}

// After the first `calls` calls, is a scan of the subject frozen, or may it be?
bool MayBeFrozen(const Program& program, size_t calls) {
  bool frozen = false;
  for (size_t i = 0; i < calls; ++i) {
    if (program.calls[i].op == Op::kFreeze) frozen = true;
    if (program.calls[i].op == Op::kThaw) frozen = false;
  }
  return frozen;
}

// A thread that should have returned, and sleeps; 0 if there is none.
int SleepsOn(const Call& call, const Outcome& observed,
             const Outcome& expected) {
  if (observed.blocked && !expected.blocked) return call.thread;
  for (const Resumed& wanted : expected.resumed) {
    const bool returned = std::any_of(
        observed.resumed.begin(), observed.resumed.end(),
        [&](const Resumed& r) { return r.thread == wanted.thread; });
    if (!returned) return wanted.thread;
  }
  return 0;
}

}  // namespace

bool Lockstep::CanRun(const Program& program) {
  if (!options_.can_freeze && Freezes(program)) return false;
  const int threads = CountThreads(program);
  return threads == 0 || subject_->PrepareThreads(threads);
}

Verdict Lockstep::Run(const Program& program, Recording* recording) {
  if (!CanRun(program)) {
    ++stats_.skipped;
    return Verdict::kSkipped;
  }
  undecided_ = false;
  executor_.Begin();
  oracle_->Begin();
  bool same = true;
  size_t call = 0;
  for (; call < program.calls.size() && same; ++call) {
    if (recording != nullptr) recording->before = oracle_->world();
    same = Step(program, call);
    if (recording != nullptr) recording->outcomes.push_back(observed_);
  }
  if (recording != nullptr) Record(program, recording);
  executor_.End();
  stats_.calls += call;
  if (undecided_) {
    ++stats_.undecided;
    return Verdict::kUndecided;
  }
  ++stats_.programs;
  stats_.threaded += CountThreads(program) > 0;
  return same ? Verdict::kSame : Verdict::kDivergence;
}

bool Lockstep::Step(const Program& program, size_t index) {
  const Call& call = program.calls[index];
  executor_.Execute(call, &observed_);
  undecided_ = executor_.undecided();
  if (undecided_) return false;
  const bool same = oracle_->Judge(call, observed_);
  undecided_ = oracle_->undecided();
  if (undecided_) return false;
  if (!same) {
    const int sleeper = SleepsOn(call, observed_, oracle_->expected());
    divergence_ = {};
    divergence_.kind = Watchdog::Hung() || sleeper > 0
                           ? DivergenceClass::kHang
                           : DivergenceClass::kOutcome;
    divergence_.call = index;
    divergence_.observed = observed_;
    divergence_.expected = oracle_->expected();
    if (sleeper > 0) divergence_.whereabouts = subject_->Whereabouts(sleeper);
    return false;
  }
  if (!options_.witnesses) return true;
  return CheckWitness(program, index);
}

bool Lockstep::CheckWitness(const Program& program, size_t call) {
  const bool last = call + 1 == program.calls.size();
  oracle_->PlanWitness(program.calls[call], last, &witness_);
  witness_.Ask(subject_);
  if (oracle_->JudgeWitness(witness_)) return true;
  const bool lists = SameInterests(witness_, oracle_->expected_witness());
  divergence_ = {};
  divergence_.kind =
      lists ? DivergenceClass::kPollMask : DivergenceClass::kInterestList;
  divergence_.call = call;
  divergence_.observed = observed_;
  divergence_.expected = oracle_->expected();
  divergence_.observed_witness = witness_;
  divergence_.expected_witness = oracle_->expected_witness();
  return false;
}

void Lockstep::Record(const Program& program, Recording* recording) {
  recording->after = oracle_->world();
  const int slots = CountSlots(program);
  for (int slot = 0; slot < slots; ++slot) {
    recording->fds.push_back(executor_.HasSlot(slot) ? executor_.FdOf(slot)
                                                     : -1);
  }
  const World& world = oracle_->world();
  // A wait would wait for the end of a frozen scan.
  if (MayBeFrozen(program, recording->outcomes.size())) return;
  World ahead = world;
  for (int fd = 0; fd < static_cast<int>(ahead.fds.size()); ++fd) {
    if (ahead.fds[fd] == kNil ||
        ahead.files[ahead.fds[fd]].type != FileType::kEventpoll) {
      continue;
    }
    constexpr int kMost = Program::kMaxCalls;
    Outcome outcome;
    subject_->Execute(Op::kEpollWait, {fd, kGoodPointer, kMost, 0}, &outcome);
    EpollWait(ahead, fd, {.maxevents = kMost});
    Recording::Leftover leftover;
    leftover.epfd = fd;
    leftover.observed = outcome.events;
    leftover.expected = ahead.scan.delivered;
    recording->leftovers.push_back(std::move(leftover));
  }
}

}  // namespace pollux
