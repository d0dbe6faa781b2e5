// The reference's answers: each call is one of core/.

#include "diff/reference.h"

#include <errno.h>

#include <algorithm>

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
                  static_cast<int>(a[2]), IsGood(a[3]) ? &event : nullptr);
}

int Reference::Deliver(int result, Outcome* outcome) {
  if (result > 0) outcome->events = world_.scan.delivered;
  outcome->cut = world_.scan.cut;
  return result;
}

int64_t Reference::Wait(const Args& a, int64_t timeout, bool signals,
                        Outcome* outcome) {
  const int epfd = static_cast<int>(a[0]);
  const EventBuffer buffer = BufferOf(a[1], a[2]);
  const int result = Deliver(EpollWait(world_, epfd, buffer), outcome);
  if (result != 0 || timeout == 0) return result;
  if (signals && DeliverSignals(world_)) return -EINTR;
  if (timeout > 0) return 0;
  // What ends it is a signal, which may make something ready.
  InterruptThread(world_);
  const int last = Deliver(EpollWait(world_, epfd, buffer), outcome);
  return last == 0 ? kBlocked : last;
}

template <>
int64_t Reference::Run<Op::kEpollWait>(const Args& a, Outcome* outcome) {
  return Wait(a, a[3], false, outcome);
}

namespace {

Argument ArgumentOf(int64_t pointer) {
  if (pointer == kNullPointer) return Argument::kNull;
  return IsGood(pointer) ? Argument::kGood : Argument::kFaults;
}

}  // namespace

template <>
int64_t Reference::Run<Op::kEpollPwait>(const Args& a, Outcome* outcome) {
  if (int error = CheckSigmask(world_, ArgumentOf(a[4]), a[5])) return error;
  return Wait(a, a[3], a[4] == kGoodPointer, outcome);
}

template <>
int64_t Reference::Run<Op::kEpollPwait2>(const Args& a, Outcome* outcome) {
  if (!HasEpollPwait2(world_)) return -ENOSYS;
  const WaitTime time(&a[3]);
  if (int error = CheckTimespec(world_, ArgumentOf(time.pointer), time.seconds,
                                time.nanoseconds)) {
    return error;
  }
  if (int error = CheckSigmask(world_, ArgumentOf(a[6]), a[7])) return error;
  const int64_t timeout = time.endless() ? -1 : time.nanoseconds;
  return Wait(a, timeout, a[6] == kGoodPointer, outcome);
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

// --- Any file

template <>
int64_t Reference::Run<Op::kPoll>(const Args& a, Outcome* outcome) {
  return pollux::Poll(world_, static_cast<int>(a[0]),
                      static_cast<uint32_t>(a[1]), &outcome->revents);
}

template <>
int64_t Reference::Run<Op::kSelect>(const Args& a, Outcome* outcome) {
  return Select(world_, static_cast<int>(a[0]), static_cast<uint32_t>(a[1]),
                &outcome->revents);
}

template <>
int64_t Reference::Run<Op::kKcmp>(const Args& a, Outcome*) {
  if (a[4] != kGoodPointer) return -EFAULT;
  return KcmpEpollTfd(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                      static_cast<int>(a[2]), static_cast<uint32_t>(a[3]));
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
int64_t Reference::Run<Op::kFcntlDup>(const Args& a, Outcome*) {
  return FcntlDup(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                  static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kFcntl>(const Args& a, Outcome*) {
  return Fcntl(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
               static_cast<uint32_t>(a[2]));
}

template <>
int64_t Reference::Run<Op::kIoctl>(const Args& a, Outcome* outcome) {
  outcome->value = static_cast<uint64_t>(a[2]);
  return Ioctl(world_, static_cast<int>(a[0]), static_cast<uint32_t>(a[1]),
               a[3] == kGoodPointer ? &outcome->value : nullptr);
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
