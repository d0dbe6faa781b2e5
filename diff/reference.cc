// The reference's answers: each call is one of core/.

#include "diff/reference.h"

#include <errno.h>

#include <algorithm>
#include <utility>

namespace pollux {

// --- epoll

template <>
int64_t Reference::Run<Op::kEpollCreate>(const Args& a, Outcome*) {
  return EpollCreate(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kEpollCreate1>(const Args& a, Outcome*) {
  return EpollCreate1(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kEpollCtl>(const Args& a, Outcome*) {
  const Event event{static_cast<uint32_t>(a[4]), static_cast<uint64_t>(a[5])};
  return EpollCtl(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                  static_cast<int>(a[2]),
                  a[3] == kGoodPointer ? &event : nullptr);
}

int Reference::Deliver(int result, Outcome* outcome) {
  if (result > 0) outcome->events = world_.scan.delivered;
  return result;
}

namespace {

// Checks a sigmask of epoll_pwait: 0 or -errno. Kernel: set_user_sigmask.
int64_t CheckSigmask(int64_t pointer, int64_t size) {
  if (pointer == kNullPointer) return 0;
  if (size != sizeof(uint64_t)) return -EINVAL;
  return IsBadPointer(pointer) ? -EFAULT : 0;
}

}  // namespace

int64_t Reference::EndSleep(Timeout timeout) {
  if (timeout == Timeout::kFinite) {
    FireTimer(world_, 0);
    RunThread(world_, 0);
    return world_.threads[0].result;
  }
  // What ends it is a signal, which may make something ready.
  InterruptThread(world_);
  if (CanRun(world_, 0)) RunThread(world_, 0);
  if (world_.threads[0].in == Waiting::kNone) return world_.threads[0].result;
  CancelWait(world_, 0);
  return kBlocked;
}

int64_t Reference::EpollPwait(const Args& a, int64_t timeout_ns,
                              int64_t mask_pointer, Outcome* outcome) {
  const int epfd = static_cast<int>(a[0]);
  const EventBuffer buffer = BufferOf(a[1], a[2]);
  const bool has_mask = mask_pointer != kNullPointer;
  if (timeout_ns == 0 && !has_mask && thread_ == 0) {
    return Deliver(EpollWait(world_, epfd, buffer), outcome);
  }
  const UserSignals mask = SignalsOf(mask_pointer);
  const Timeout timeout = TimeoutOf(timeout_ns);
  int64_t result =
      Wait(world_, thread_, epfd, buffer, timeout, has_mask ? &mask : nullptr);
  if (result == kAsleep && thread_ == 0) {
    if (has_mask && DeliverSignals(world_)) {
      CancelWait(world_, 0);
      return -EINTR;
    }
    result = EndSleep(timeout);
  }
  if (result == kAsleep || result == kBlocked) return result;
  const Thread& thread = world_.threads[thread_];
  if (result > 0) outcome->events = thread.scan.delivered;
  outcome->early = result == 0 && thread.early;
  return result;
}

template <>
int64_t Reference::Run<Op::kEpollWait>(const Args& a, Outcome* outcome) {
  return EpollPwait(a, MsToNs(a[3]), kNullPointer, outcome);
}

template <>
int64_t Reference::Run<Op::kEpollPwait>(const Args& a, Outcome* outcome) {
  if (int64_t error = CheckSigmask(a[4], a[5])) return error;
  return EpollPwait(a, MsToNs(a[3]), a[4], outcome);
}

template <>
int64_t Reference::Run<Op::kEpollPwait2>(const Args& a, Outcome* outcome) {
  if (!HasEpollPwait2(world_)) return -ENOSYS;
  const WaitTime time(&a[3]);
  if (time.pointer > kNullPointer) return -EFAULT;
  if (!time.valid()) return -EINVAL;
  if (int64_t error = CheckSigmask(a[6], a[7])) return error;
  return EpollPwait(a, time.ns(), a[6], outcome);
}

template <>
int64_t Reference::Run<Op::kFreeze>(const Args& a, Outcome*) {
  return Freeze(world_, static_cast<int>(a[0]),
                BufferOf(kGoodPointer, a[1], a[2]));
}

template <>
int64_t Reference::Run<Op::kThaw>(const Args&, Outcome* outcome) {
  return Deliver(Thaw(world_), outcome);
}

// --- Threads

template <>
int64_t Reference::Run<Op::kTgkill>(const Args& a, Outcome*) {
  SendSignal(world_, static_cast<int>(a[0]), static_cast<UserSignals>(a[1]));
  return 0;
}

template <>
int64_t Reference::Run<Op::kRtSigprocmask>(const Args& a, Outcome*) {
  if (a[1] == kNullPointer) return 0;
  if (IsBadPointer(a[1])) return -EFAULT;
  SetSignalMask(world_, thread_, SignalsOf(a[1]));
  return 0;
}

template <>
int64_t Reference::Run<Op::kExpire>(const Args&, Outcome*) {
  for (int t = 1; runs_threads_ && t <= world_.highest_thread; ++t) {
    if (world_.threads[t].timeout != Timeout::kFinite) continue;
    if (!CanTimeOut(world_, t)) continue;
    FireTimer(world_, t);
    RunThread(world_, t);
  }
  return 0;
}

// --- Any file

template <>
int64_t Reference::Run<Op::kPoll>(const Args& a, Outcome* outcome) {
  const int fd = static_cast<int>(a[0]);
  const uint32_t events = static_cast<uint32_t>(a[1]);
  const Timeout timeout = TimeoutOf(MsToNs(a[2]));
  if (timeout == Timeout::kZero && thread_ == 0) {
    return pollux::Poll(world_, fd, events, &outcome->revents);
  }
  int64_t result = PollWaiting(world_, thread_, fd, events, timeout);
  if (result == kAsleep && thread_ == 0) result = EndSleep(timeout);
  if (result == kAsleep || result == kBlocked) return result;
  const Thread& thread = world_.threads[thread_];
  outcome->revents = thread.revents;
  outcome->early = result == 0 && thread.early;
  return result;
}

template <>
int64_t Reference::Run<Op::kClose>(const Args& a, Outcome*) {
  return Close(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kDup>(const Args& a, Outcome*) {
  return Dup(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kDup2>(const Args& a, Outcome*) {
  return Dup2(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kDup3>(const Args& a, Outcome*) {
  return Dup3(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
              static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kLseek>(const Args& a, Outcome*) {
  return Lseek(world_, static_cast<int>(a[0]), a[1]);
}

template <>
int64_t Reference::Run<Op::kOpenPath>(const Args& a, Outcome*) {
  return OpenPath(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kRead>(const Args& a, Outcome* outcome) {
  return Read(world_, static_cast<int>(a[0]), a[1], &outcome->value);
}

template <>
int64_t Reference::Run<Op::kWrite>(const Args& a, Outcome*) {
  return Write(world_, static_cast<int>(a[0]), a[1],
               static_cast<uint64_t>(a[2]));
}

// --- Files of one type

template <>
int64_t Reference::Run<Op::kPipe2>(const Args& a, Outcome* outcome) {
  return Pipe2(world_, outcome->fds.data(), static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kEventfd2>(const Args& a, Outcome*) {
  return Eventfd2(world_, static_cast<unsigned>(a[0]), static_cast<int>(a[1]));
}

// ----------------------------------------------------------------------------

int64_t Reference::Execute(Op op, const Args& args, Outcome* outcome) {
  using Function = int64_t (Reference::*)(const Args&, Outcome*);
  static constexpr Function kFunctions[] = {
#define CALL(id, ...) &Reference::Run<Op::id>,
#include "diff/calls.def"
#undef CALL
  };
  world_.ticks_by_clock = false;
  return (this->*kFunctions[static_cast<size_t>(op)])(args, outcome);
}

void Reference::Begin() {
  world_.Reset();
  asleep_ = 0;
}

void Reference::NoteAsleep() {
  asleep_ = 0;
  for (int t = 0; t <= world_.highest_thread; ++t) {
    if (world_.threads[t].in != Waiting::kNone) asleep_ |= 1u << t;
  }
}

void Reference::Start(int thread, Op op, const Args& args) {
  thread_ = thread;
  world_.in_scan_thread = true;
  started_.Clear();
  Returned returned{.thread = thread};
  returned.result = Execute(op, args, &returned.outcome);
  world_.in_scan_thread = false;
  if (returned.result == kAsleep) {
    asleep_ |= 1u << thread;
  } else {
    started_.returned.push_back(std::move(returned));
  }
  thread_ = 0;
}

bool Reference::Settle(Settlement* settlement) {
  std::swap(*settlement, started_);
  started_.Clear();
  if (!runs_threads_) return true;
  for (int t = 1; t <= world_.highest_thread; ++t) {
    if (!CanRun(world_, t)) continue;
    RunThread(world_, t);
    t = 0;
  }
  for (int t = 0; t <= world_.highest_thread; ++t) {
    Thread& thread = world_.threads[t];
    settlement->handled |= uint64_t{thread.handled} << (8 * t);
    thread.handled = 0;
    if (!(asleep_ >> t & 1) || thread.in != Waiting::kNone) continue;
    asleep_ &= ~(1u << t);
    settlement->returned.push_back(ReturnedBy(world_, t));
  }
  std::sort(
      settlement->returned.begin(), settlement->returned.end(),
      [](const Returned& a, const Returned& b) { return a.thread < b.thread; });
  return true;
}

Returned ReturnedBy(const World& world, int thread) {
  const Thread& t = world.threads[thread];
  Returned returned{.thread = thread, .result = t.result};
  if (t.result > 0 && t.slept_in == Waiting::kEpollWait) {
    returned.outcome.events = t.scan.delivered;
  }
  if (t.slept_in == Waiting::kPoll) returned.outcome.revents = t.revents;
  returned.outcome.early = t.early;
  return returned;
}

int Reference::Poll(std::span<PollQuery> queries) {
  int ready = 0;
  for (PollQuery& query : queries) {
    ready += pollux::Poll(world_, query.fd, query.events, &query.revents);
  }
  return ready;
}

int Reference::Fdinfo(int epfd, std::vector<InterestLine>* lines) {
  int result = pollux::Fdinfo(world_, epfd, lines);
  std::sort(lines->begin(), lines->end());
  return result;
}

}  // namespace pollux
