// The host's answers: each call is one raw system call.

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "diff/host.h"
#include "diff/raw_epoll.h"
#include "diff/watchdog.h"

namespace pollux {
namespace {

// How long a wait with timeout -1 may last before it counts as blocked.
constexpr int kBlockedAfterMs = 20;

}  // namespace

int64_t Host::Result(int64_t result) { return result < 0 ? -errno : result; }

int64_t Host::FdResult(int64_t result) const {
  return result < 0 ? result : result - base_;
}

int64_t Host::PairResult(int64_t result, std::array<int32_t, 2>& fds) const {
  if (result < 0) return -errno;
  for (int32_t& fd : fds) fd -= base_;
  return 0;
}

// ----------------------------------------------------------------------------
// epoll

template <>
int64_t Host::Run<Op::kEpollCreate>(const Args& a, Outcome*) {
  return FdResult(RawEpollCreate(static_cast<int>(a[0])));
}

template <>
int64_t Host::Run<Op::kEpollCreate1>(const Args& a, Outcome*) {
  return FdResult(RawEpollCreate1(static_cast<int>(a[0])));
}

template <>
int64_t Host::Run<Op::kEpollCtl>(const Args& a, Outcome*) {
  const Event event{static_cast<uint32_t>(a[4]), static_cast<uint64_t>(a[5])};
  return RawEpollCtl(Real(a[0]), static_cast<int>(a[1]), Real(a[2]),
                     a[3] == kNullPointer ? nullptr : &event);
}

int64_t Host::Wait(int epfd, const EventBuffer& buffer, int timeout_ms,
                   std::vector<Event>* events) {
  char* memory = buffer.writable == 0 ? nullptr : event_buffer_;
  if (timeout_ms < 0) Watchdog::AlarmIn(kBlockedAfterMs);
  int result;
  do {
    result = RawEpollWait(epfd, memory, buffer.maxevents, timeout_ms);
    // A tick of the watchdog is none of the program's business.
  } while (result == -EINTR && timeout_ms > 0 && !Watchdog::Hung());
  if (timeout_ms < 0) {
    Watchdog::AlarmOff();
    if (result == -EINTR && Watchdog::Alarmed()) return kBlocked;
  }
  if (result > 0) UnpackEvents(memory, result, events);
  return result;
}

template <>
int64_t Host::Run<Op::kEpollWait>(const Args& a, Outcome* outcome) {
  return Wait(Real(a[0]), BufferOf(a[1], a[2]), static_cast<int>(a[3]),
              &outcome->events);
}

template <>
int64_t Host::Run<Op::kFreeze>(const Args& a, Outcome*) {
  if (!can_freeze()) return -EPERM;
  return frozen_scan_.Start(Real(a[0]), BufferOf(kGoodPointer, a[1], a[2]));
}

template <>
int64_t Host::Run<Op::kThaw>(const Args&, Outcome* outcome) {
  return frozen_scan_.Finish(&outcome->events);
}

// ----------------------------------------------------------------------------
// Any file

template <>
int64_t Host::Run<Op::kPoll>(const Args& a, Outcome* outcome) {
  PollQuery query{static_cast<int>(a[0]), static_cast<uint32_t>(a[1])};
  const int result = Poll({&query, 1});
  outcome->revents = query.revents;
  return result;
}

template <>
int64_t Host::Run<Op::kClose>(const Args& a, Outcome*) {
  return Result(syscall(SYS_close, Real(a[0])));
}

template <>
int64_t Host::Run<Op::kDup>(const Args& a, Outcome*) {
  return FdResult(Result(syscall(SYS_dup, Real(a[0]))));
}

template <>
int64_t Host::Run<Op::kDup2>(const Args& a, Outcome*) {
  return FdResult(Result(dup2(Real(a[0]), Real(a[1]))));
}

template <>
int64_t Host::Run<Op::kRead>(const Args& a, Outcome* outcome) {
  const int64_t count = std::min(a[1], kMaxIo);
  const int64_t result =
      Result(syscall(SYS_read, Real(a[0]), read_buffer_.data(), count));
  if (result > 0) outcome->value = read_buffer_[0];
  return result;
}

void Host::FillWriteBuffer(uint64_t count, uint64_t value) {
  if (value == written_value_ && count <= written_bytes_) return;
  std::fill_n(write_buffer_.begin(), (count + 7) / 8, value);
  written_value_ = value;
  written_bytes_ = count;
}

template <>
int64_t Host::Run<Op::kWrite>(const Args& a, Outcome*) {
  const int64_t count = std::min(a[1], kMaxIo);
  FillWriteBuffer(count, static_cast<uint64_t>(a[2]));
  return Result(syscall(SYS_write, Real(a[0]), write_buffer_.data(), count));
}

// ----------------------------------------------------------------------------
// Files of one type

template <>
int64_t Host::Run<Op::kPipe2>(const Args& a, Outcome* outcome) {
  auto& fds = outcome->fds;
  return PairResult(syscall(SYS_pipe2, fds.data(), a[0]), fds);
}

template <>
int64_t Host::Run<Op::kEventfd2>(const Args& a, Outcome*) {
  return FdResult(Result(syscall(SYS_eventfd2, a[0], a[1])));
}

// ----------------------------------------------------------------------------

int64_t Host::Execute(Op op, const Args& args, Outcome* outcome) {
  using Function = int64_t (Host::*)(const Args&, Outcome*);
  static constexpr Function kFunctions[] = {
#define CALL(id, ...) &Host::Run<Op::id>,
#include "diff/calls.def"
#undef CALL
  };
  return (this->*kFunctions[static_cast<size_t>(op)])(args, outcome);
}

}  // namespace pollux
