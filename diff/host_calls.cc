// The host's answers: each call is one raw system call.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

bool Host::IsRandom(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode)) return false;
  return status.st_rdev == makedev(1, 8) || status.st_rdev == makedev(1, 9);
}

int64_t Host::Result(int64_t result) { return result < 0 ? -errno : result; }

int64_t Host::FdResult(int64_t result) const {
  return result < 0 ? result : result - base_;
}

int64_t Host::PairResult(int64_t result, std::array<int32_t, 2>& fds) const {
  if (result < 0) return -errno;
  for (int32_t& fd : fds) fd -= base_;
  return 0;
}

// --- epoll

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
  epoll_event event;
  event.events = static_cast<uint32_t>(a[4]);
  event.data.u64 = static_cast<uint64_t>(a[5]);
  return RawEpollCtl(Real(a[0]), static_cast<int>(a[1]), Real(a[2]),
                     UserMemory::Pointer(a[3], &event));
}

template <typename WaitFunction>
int64_t Host::Wait(WaitFunction wait, const char* buffer, bool endless,
                   Outcome* outcome) {
  if (endless) Watchdog::AlarmIn(kBlockedAfterMs);
  const int handled = signals_handled_;
  int result;
  do {
    result = wait();
    // Some time after an io_uring is closed the kernel interrupts the task that
    // used it, without a signal: none of the program's business.
  } while (result == -EINTR && signals_handled_ == handled &&
           !(endless && Watchdog::Alarmed()) && !Watchdog::Hung());
  if (endless) {
    Watchdog::AlarmOff();
    if (result == -EINTR && Watchdog::Alarmed()) return kBlocked;
  }
  if (result > 0) UnpackEvents(buffer, result, &outcome->events);
  return result;
}

template <>
int64_t Host::Run<Op::kEpollWait>(const Args& a, Outcome* outcome) {
  char* buffer = memory_.Buffer(a[1]);
  const int timeout_ms = static_cast<int>(a[3]);
  const auto wait = [&] {
    return RawEpollWait(Real(a[0]), buffer, static_cast<int>(a[2]), timeout_ms);
  };
  return Wait(wait, buffer, timeout_ms < 0, outcome);
}

template <>
int64_t Host::Run<Op::kEpollPwait>(const Args& a, Outcome* outcome) {
  char* buffer = memory_.Buffer(a[1]);
  const int timeout_ms = static_cast<int>(a[3]);
  const uint64_t no_signals = 0;
  const auto wait = [&] {
    return RawEpollPwait(Real(a[0]), buffer, static_cast<int>(a[2]), timeout_ms,
                         UserMemory::Pointer(a[4], &no_signals), a[5]);
  };
  return Wait(wait, buffer, timeout_ms < 0, outcome);
}

template <>
int64_t Host::Run<Op::kEpollPwait2>(const Args& a, Outcome* outcome) {
  char* buffer = memory_.Buffer(a[1]);
  const WaitTime time(&a[3]);
  const int64_t timespec[2] = {time.seconds, time.nanoseconds};
  const uint64_t no_signals = 0;
  const auto wait = [&] {
    return RawEpollPwait2(Real(a[0]), buffer, static_cast<int>(a[2]),
                          UserMemory::Pointer(a[3], timespec),
                          UserMemory::Pointer(a[6], &no_signals), a[7]);
  };
  return Wait(wait, buffer, time.endless(), outcome);
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

// --- Any file

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
int64_t Host::Run<Op::kDup3>(const Args& a, Outcome*) {
  return FdResult(Result(
      syscall(SYS_dup3, Real(a[0]), Real(a[1]), static_cast<int>(a[2]))));
}

template <>
int64_t Host::Run<Op::kLseek>(const Args& a, Outcome*) {
  return Result(syscall(SYS_lseek, Real(a[0]), a[1], a[2]));
}

template <>
int64_t Host::Run<Op::kOpenPath>(const Args& a, Outcome*) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", Real(a[0]));
  return FdResult(Result(open(path, O_PATH | O_CLOEXEC)));
}

template <>
int64_t Host::Run<Op::kRead>(const Args& a, Outcome* outcome) {
  const int64_t count = std::min(a[1], kMaxIo);
  int64_t result =
      Result(syscall(SYS_read, Real(a[0]), read_buffer_.data(), count));
  // Cut short by what interrupts Wait, too.
  if (result > 0 && result < count && IsRandom(Real(a[0]))) result = count;
  if (result > 0) outcome->value = read_buffer_[0];
  if (result == 8 && periodic_timers_) SettleTimer(Real(a[0]));
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
  const int64_t cut = CutForNetwork(Real(a[0]), count);
  if (cut < 0) return cut;
  return SpendOnNetwork(
      Result(syscall(SYS_write, Real(a[0]), write_buffer_.data(), cut)));
}

// --- Files of one type

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
  const int cpu = uses_network_ ? sched_getcpu() : -1;
  const int64_t result =
      (this->*kFunctions[static_cast<size_t>(op)])(args, outcome);
  if (uses_network_) Settle(op, args, cpu);
  return result;
}

}  // namespace pollux
