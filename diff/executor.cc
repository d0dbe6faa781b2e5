// The executor: from slots to descriptors.

#include "diff/executor.h"

#include "core/eventpoll.h"

namespace pollux {
namespace {

constexpr int64_t kValueBytes = sizeof(Outcome::value);

// Do the first eight bytes of what is read from the new file mean something?
// The counter of an eventfd, the ticks of a timer, the number of a signal, the
// watch and the mask of an event.
bool GivesValue(Op maker) {
  return maker == Op::kEventfd2 || maker == Op::kTimerfdCreate ||
         maker == Op::kSignalfd4 || maker == Op::kInotifyInit1;
}

}  // namespace

void Executor::Begin() {
  fds_.clear();
  counters_.clear();
  subject_->Begin();
}

void Executor::End() { subject_->End(); }

void Executor::Execute(const Call& call, Outcome* outcome) {
  outcome->Clear();
  Call resolved = call;
  ForEachSlotWord(resolved, [&](int64_t& word, size_t) { word = FdOf(word); });
  int64_t result = subject_->Execute(call.op, resolved.args, outcome);
  if (result == kBlocked) {
    outcome->Clear();
    outcome->blocked = true;
    return;
  }
  NoteResult(call, result, outcome);
  NoteValue(resolved, outcome);
}

void Executor::NoteResult(const Call& call, int64_t result, Outcome* outcome) {
  const CallInfo& info = Describe(call.op);
  // dup2 gives a slot's own number another file: none is made, yet it is one
  // that a subject can get wrong.
  const bool dup2 = call.op == Op::kDup2 || call.op == Op::kDup3;
  const bool one = info.makes == Makes::kOne || dup2;
  if (result < 0) {
    // socketpair(2) shows numbers even where it fails.
    outcome->fds = {-1, -1};
  } else if (one) {
    outcome->fds[0] = static_cast<int>(result);
    result = 0;
  }
  outcome->result = result;
  for (int i = 0; i < info.slots_made(); ++i) fds_.push_back(outcome->fds[i]);

  bool counter = GivesValue(call.op);
  if (call.op == Op::kDup || call.op == Op::kFcntlDup || dup2) {
    counter = IsCounter(FdOf(call.args[0]));
  }
  for (int fd : outcome->fds) {
    if (fd < 0) continue;
    if (static_cast<size_t>(fd) >= counters_.size()) counters_.resize(fd + 1);
    counters_[fd] = counter;
  }
}

void Executor::NoteValue(const Call& resolved, Outcome* outcome) {
  const bool counter = resolved.op == Op::kRead &&
                       outcome->result >= kValueBytes &&
                       IsCounter(static_cast<int>(resolved.args[0]));
  const bool asked =
      resolved.op == Op::kGetsockopt ||
      (resolved.op == Op::kIoctl && resolved.args[1] == int64_t{kEpiocgparams});
  const bool option = asked && outcome->result == 0;
  outcome->has_value = counter || option;
  if (!outcome->has_value) outcome->value = 0;
}

bool Executor::IsCounter(int fd) const {
  return static_cast<size_t>(fd) < counters_.size() && counters_[fd];
}

}  // namespace pollux
