// The host's answers: each call is one raw system call.

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
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
#include <array>
#include <vector>

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
  const int op = static_cast<int>(a[1]);
  const void* const pointer = memory_.Event(a[3], event);
  if (uring_ != nullptr) {
    return uring_->EpollCtl(Real(a[0]), op, Real(a[2]), pointer);
  }
  return RawEpollCtl(Real(a[0]), op, Real(a[2]), pointer);
}

template <typename WaitFunction>
int64_t Host::Wait(WaitFunction wait, int64_t pointer, bool endless,
                   Outcome* outcome) {
  char* const buffer = memory_.Buffer(pointer);
  if (endless) Watchdog::AlarmIn(kBlockedAfterMs);
  const int handled = signals_handled_;
  int result;
  do {
    result = wait(buffer);
    // Some time after an io_uring is closed the kernel interrupts the task that
    // used it, without a signal: none of the program's business.
  } while (result == -EINTR && signals_handled_ == handled &&
           !(endless && Watchdog::Alarmed()) && !Watchdog::Hung());
  if (endless) {
    Watchdog::AlarmOff();
    if (result == -EINTR && Watchdog::Alarmed()) return kBlocked;
  }
  if (result > 0) UnpackEvents(buffer, result, &outcome->events);
  outcome->cut = memory_.CutMask(pointer);
  return result;
}

template <>
int64_t Host::Run<Op::kEpollWait>(const Args& a, Outcome* outcome) {
  const int timeout_ms = static_cast<int>(a[3]);
  const bool by_ring = uring_ != nullptr && timeout_ms == 0;
  const auto wait = [&](char* buffer) {
    const int most = static_cast<int>(a[2]);
    return by_ring
               ? static_cast<int>(uring_->EpollWait(Real(a[0]), buffer, most))
               : RawEpollWait(Real(a[0]), buffer, most, timeout_ms);
  };
  return Wait(wait, a[1], timeout_ms < 0, outcome);
}

template <>
int64_t Host::Run<Op::kEpollPwait>(const Args& a, Outcome* outcome) {
  const int timeout_ms = static_cast<int>(a[3]);
  const uint64_t no_signals = 0;
  const auto wait = [&](char* buffer) {
    return RawEpollPwait(Real(a[0]), buffer, static_cast<int>(a[2]), timeout_ms,
                         UserMemory::Pointer(a[4], &no_signals), a[5]);
  };
  return Wait(wait, a[1], timeout_ms < 0, outcome);
}

template <>
int64_t Host::Run<Op::kEpollPwait2>(const Args& a, Outcome* outcome) {
  const WaitTime time(&a[3]);
  const int64_t timespec[2] = {time.seconds, time.nanoseconds};
  const uint64_t no_signals = 0;
  const auto wait = [&](char* buffer) {
    return RawEpollPwait2(Real(a[0]), buffer, static_cast<int>(a[2]),
                          UserMemory::Pointer(a[3], timespec),
                          UserMemory::Pointer(a[6], &no_signals), a[7]);
  };
  return Wait(wait, a[1], time.endless(), outcome);
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
  if (uring_ != nullptr && query.fd >= 0) {
    const int64_t mask = uring_->Poll(Real(a[0]), query.events);
    outcome->revents = mask == -EBADF ? POLLNVAL : static_cast<uint32_t>(mask);
    return mask == 0 ? 0 : 1;
  }
  const int result = Poll({&query, 1});
  outcome->revents = query.revents;
  return result;
}

template <>
int64_t Host::Run<Op::kSelect>(const Args& a, Outcome* outcome) {
  const int fd = Real(a[0]);
  constexpr int kBits = 64;  // of a word of a set
  const size_t words = fd < 0 ? 0 : fd / kBits + 1;
  constexpr uint32_t kSets[] = {POLLIN, POLLOUT, POLLPRI};
  std::array<std::vector<uint64_t>, 3> sets;
  for (size_t i = 0; i < sets.size(); ++i) {
    sets[i].resize(words);
    if (fd >= 0 && (a[1] & kSets[i])) sets[i].back() = 1ull << fd % kBits;
  }
  int64_t result;
  do {
    timespec now = {};
    std::array<std::vector<uint64_t>, 3> left = sets;
    result = Result(syscall(SYS_pselect6, fd < 0 ? 0 : fd + 1, left[0].data(),
                            left[1].data(), left[2].data(), &now, nullptr));
    outcome->revents = 0;
    for (size_t i = 0; i < sets.size() && result >= 0; ++i) {
      if (words > 0 && left[i].back() != 0) outcome->revents |= kSets[i];
    }
    // As poll, it is interrupted even where it would not sleep.
  } while (result == -EINTR && !Watchdog::Hung());
  return result;
}

template <>
int64_t Host::Run<Op::kKcmp>(const Args& a, Outcome*) {
  const pid_t self = getpid();
  kcmp_epoll_slot slot = {};
  slot.efd = static_cast<uint32_t>(Real(a[1]));
  slot.tfd = static_cast<uint32_t>(Real(a[2]));
  slot.toff = static_cast<uint32_t>(a[3]);
  const auto compare = [&] {
    return Result(syscall(SYS_kcmp, self, self, KCMP_EPOLL_TFD, Real(a[0]),
                          UserMemory::Pointer(a[4], &slot)));
  };
  int64_t result = compare();
  if (result <= 0) return result;
  // Another file: is there one item that has this one?
  for (slot.toff = 0; (result = compare()) > 0; ++slot.toff) {
  }
  return result == 0 ? 0 : 1;
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
int64_t Host::Run<Op::kFcntlDup>(const Args& a, Outcome*) {
  const int lowest = Real(a[2]);
  return FdResult(Result(syscall(SYS_fcntl, Real(a[0]), a[1], lowest)));
}

template <>
int64_t Host::Run<Op::kFcntl>(const Args& a, Outcome*) {
  return Result(syscall(SYS_fcntl, Real(a[0]), a[1], a[2]));
}

template <>
int64_t Host::Run<Op::kIoctl>(const Args& a, Outcome* outcome) {
  // A network interface's ioctl would read more than the value.
  uint64_t argument[32] = {static_cast<uint64_t>(a[2])};
  const int64_t result = Result(syscall(SYS_ioctl, Real(a[0]), a[1],
                                        UserMemory::Pointer(a[3], argument)));
  outcome->value = argument[0];
  return result;
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
