// The lock-step loop: execute, judge, look.

#include "diff/lockstep.h"

#include <algorithm>

namespace pollux {
namespace {

constexpr int kMostLeftovers = Program::kMaxCalls;  // events of one wait

DivergenceClass ClassOf(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return DivergenceClass::kOutcome;
    case Fault::kHang:
      return DivergenceClass::kHang;
    case Fault::kCrash:
      return DivergenceClass::kCrash;
    case Fault::kProtocol:
      return DivergenceClass::kProtocol;
  }
  return DivergenceClass::kOutcome;
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

std::optional<Op> Lockstep::Missing(const Program& program) const {
  for (const Call& call : program.calls) {
    const bool able = subject_->Supports(call.op) &&
                      (call.op != Op::kFreeze || options_.can_freeze);
    if (!able) return call.op;
  }
  return std::nullopt;
}

Verdict Lockstep::Run(const Program& program, Recording* recording) {
  if (Missing(program)) {
    ++stats_.skipped;
    return Verdict::kSkipped;
  }
  if (subject_->wants_scripts()) {
    const Script script = MakeScript(program);
    subject_->Prepare({&script, 1});
  }
  return Walk(program, recording);
}

void Lockstep::RunAll(std::span<const Program> programs, const Done& done) {
  std::vector<Script> scripts;
  for (const Program& program : programs) {
    if (!subject_->wants_scripts()) break;
    if (!Missing(program)) scripts.push_back(MakeScript(program));
  }
  if (!scripts.empty()) subject_->Prepare(scripts);
  for (size_t i = 0; i < programs.size(); ++i) {
    if (Missing(programs[i])) {
      ++stats_.skipped;
      done(i, Verdict::kSkipped);
    } else {
      done(i, Walk(programs[i], nullptr));
    }
  }
}

Script Lockstep::MakeScript(const Program& program) {
  Script script{program, {}};
  if (!options_.witnesses) return script;
  script.looks.resize(program.calls.size());
  oracle_->Begin();
  for (size_t i = 0; i < program.calls.size(); ++i) {
    oracle_->Judge(program.calls[i], {});
    oracle_->PlanWitness(program.calls[i], i + 1 == program.calls.size(),
                         &script.looks[i]);
  }
  return script;
}

Verdict Lockstep::Walk(const Program& program, Recording* recording) {
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
  ++stats_.programs;
  stats_.calls += call;
  return same ? Verdict::kSame : Verdict::kDivergence;
}

bool Lockstep::Step(const Program& program, size_t index) {
  const Call& call = program.calls[index];
  executor_.Execute(call, &observed_);
  const bool explained = oracle_->Judge(call, observed_);
  const Fault fault = subject_->fault();
  // A call that ended late, but as it should, is none.
  const bool fine = fault == Fault::kNone || fault == Fault::kHang;
  if (!explained || !fine) {
    divergence_ = {};
    divergence_.kind = ClassOf(fault);
    divergence_.call = index;
    divergence_.observed = observed_;
    divergence_.expected = oracle_->expected();
    divergence_.story = subject_->fault_story();
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
  std::vector<int> epfds;
  for (int fd = 0; fd < static_cast<int>(ahead.fds.size()); ++fd) {
    if (ahead.fds[fd] == kNil) continue;
    const bool epoll = ahead.files[ahead.fds[fd]].type == FileType::kEventpoll;
    if (epoll) epfds.push_back(fd);
  }
  const auto observed =
      SubjectLeftovers(program, recording->outcomes.size(), epfds);
  for (size_t i = 0; i < observed.size(); ++i) {
    EpollWait(ahead, epfds[i], {.maxevents = kMostLeftovers});
    recording->leftovers.push_back(
        {epfds[i], observed[i], ahead.scan.delivered});
  }
}

std::vector<std::vector<Event>> Lockstep::SubjectLeftovers(
    const Program& program, size_t calls, const std::vector<int>& epfds) {
  std::vector<std::vector<Event>> events;
  const bool gone = subject_->fault() != Fault::kNone;
  if (epfds.empty() || gone) return events;
  Outcome outcome;
  if (!subject_->wants_scripts()) {
    for (int fd : epfds) {
      subject_->Execute(Op::kEpollWait, {fd, kGoodPointer, kMostLeftovers, 0},
                        &outcome);
      events.push_back(outcome.events);
    }
    return events;
  }
  // The waits become calls of a program that ends here, run once more.
  Script script;
  script.program.calls.assign(program.calls.begin(),
                              program.calls.begin() + calls);
  for (int fd : epfds) {
    int64_t slot = 0;
    while (executor_.FdOf(slot) != fd) ++slot;
    script.program.calls.push_back(
        {Op::kEpollWait, {slot, kGoodPointer, kMostLeftovers, 0}});
  }
  subject_->Prepare({&script, 1});
  Executor again(subject_);
  again.Begin();
  for (size_t i = 0; i < script.program.calls.size(); ++i) {
    again.Execute(script.program.calls[i], &outcome);
    if (i >= calls) events.push_back(outcome.events);
  }
  again.End();
  return events;
}

}  // namespace pollux
