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

}  // namespace

Verdict Lockstep::Run(const Program& program, Recording* recording) {
  if (!options_.can_freeze && Freezes(program)) {
    ++stats_.skipped;
    return Verdict::kSkipped;
  }
  executor_.Begin();
  oracle_->Begin();
  bool same = true;
  size_t call = 0;
  for (; call < program.calls.size() && same; ++call) {
    if (recording != nullptr) recording->before = oracle_->world();
    same = Step(program, call);
    if (recording != nullptr) recording->outcomes.push_back(observed_);
  }
  // What happens too late may be all the difference, or hide one.
  const bool settled = subject_->Settled();
  if (recording != nullptr) Record(program, recording);
  executor_.End();
  ++stats_.programs;
  stats_.calls += call;
  if (!settled) {
    ++stats_.undecided;
    return Verdict::kUndecided;
  }
  return same ? Verdict::kSame : Verdict::kDivergence;
}

bool Lockstep::Step(const Program& program, size_t index) {
  const Call& call = program.calls[index];
  executor_.Execute(call, &observed_);
  if (!oracle_->Judge(call, observed_)) {
    divergence_ = {};
    divergence_.kind =
        Watchdog::Hung() ? DivergenceClass::kHang : DivergenceClass::kOutcome;
    divergence_.call = index;
    divergence_.observed = observed_;
    divergence_.expected = oracle_->expected();
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
