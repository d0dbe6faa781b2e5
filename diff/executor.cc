// The executor: from words to system calls.

#include "diff/executor.h"

namespace pollux {
namespace {

EventBuffer BufferOf(int64_t maxevents, int64_t pointer, int64_t freeze_at) {
  return {.maxevents = static_cast<int>(maxevents),
          .writable = pointer == kNullPointer ? 0u : ~0u,
          .freeze_at = static_cast<uint32_t>(freeze_at)};
}

}  // namespace

void Executor::Begin() {
  fds_.clear();
  counters_.clear();
  syscalls_->Begin();
}

void Executor::End() { syscalls_->End(); }

void Executor::Execute(const Call& call, Outcome* outcome) {
  outcome->Clear();
  int64_t result = Dispatch(call, outcome);
  const CallInfo& info = Describe(call.op);
  if (result == kBlocked) {
    outcome->Clear();
    outcome->blocked = true;
    return;
  }
  if (info.makes == Makes::kOne && result >= 0) {
    outcome->fds[0] = static_cast<int>(result);
    result = 0;
  }
  // socketpair(2) shows numbers even where it fails.
  if (result < 0) outcome->fds = {-1, -1};
  for (int i = 0; i < info.slots_made(); ++i) fds_.push_back(outcome->fds[i]);
  outcome->result = result;
  NoteFiles(call, *outcome);
}

void Executor::NoteFiles(const Call& call, const Outcome& outcome) {
  bool counter = call.op == Op::kEventfd2;
  if (call.op == Op::kDup || call.op == Op::kDup2) {
    counter = IsCounter(FdOf(call.args[0]));
  }
  for (int fd : outcome.fds) {
    if (fd < 0) continue;
    if (static_cast<size_t>(fd) >= counters_.size()) counters_.resize(fd + 1);
    counters_[fd] = counter;
  }
}

bool Executor::IsCounter(int fd) const {
  return static_cast<size_t>(fd) < counters_.size() && counters_[fd];
}

int64_t Executor::Dispatch(const Call& call, Outcome* outcome) {
  const auto& a = call.args;
  Syscalls& sys = *syscalls_;
  switch (call.op) {
    case Op::kEpollCreate:
      return sys.EpollCreate(static_cast<int>(a[0]));
    case Op::kEpollCreate1:
      return sys.EpollCreate1(static_cast<int>(a[0]));
    case Op::kEpollCtl: {
      Event event{static_cast<uint32_t>(a[4]), static_cast<uint64_t>(a[5])};
      return sys.EpollCtl(FdOf(a[0]), static_cast<int>(a[1]), FdOf(a[2]),
                          a[3] == kNullPointer ? nullptr : &event);
    }
    case Op::kEpollWait:
      return sys.EpollWait(FdOf(a[0]), BufferOf(a[2], a[1], -1),
                           static_cast<int>(a[3]), &outcome->events);
    case Op::kPoll: {
      PollQuery query{FdOf(a[0]), static_cast<uint32_t>(a[1])};
      int result = sys.Poll({&query, 1});
      outcome->revents = query.revents;
      return result;
    }
    case Op::kClose:
      return sys.Close(FdOf(a[0]));
    case Op::kDup:
      return sys.Dup(FdOf(a[0]));
    case Op::kDup2: {
      // The number returned is newfd's, which a trace does not show.
      int result = sys.Dup2(FdOf(a[0]), FdOf(a[1]));
      if (result < 0) return result;
      outcome->fds[0] = result;
      return 0;
    }
    case Op::kRead: {
      uint64_t value = 0;
      int64_t result = sys.Read(FdOf(a[0]), a[1], &value);
      if (result == sizeof(value) && IsCounter(FdOf(a[0]))) {
        outcome->has_value = true;
        outcome->value = value;
      }
      return result;
    }
    case Op::kWrite:
      return sys.Write(FdOf(a[0]), a[1], static_cast<uint64_t>(a[2]));
    case Op::kPipe2:
      return sys.Pipe2(outcome->fds.data(), static_cast<int>(a[0]));
    case Op::kEventfd2:
      return sys.Eventfd2(static_cast<unsigned>(a[0]), static_cast<int>(a[1]));
    case Op::kSocketpair:
      return sys.Socketpair(static_cast<int>(a[0]), static_cast<int>(a[1]),
                            static_cast<int>(a[2]), outcome->fds.data());
    case Op::kShutdown:
      return sys.Shutdown(FdOf(a[0]), static_cast<int>(a[1]));
    case Op::kFreeze:
      return sys.Freeze(FdOf(a[0]), BufferOf(a[1], kGoodPointer, a[2]));
    case Op::kThaw:
      return sys.Thaw(&outcome->events);
  }
  return 0;
}

}  // namespace pollux
