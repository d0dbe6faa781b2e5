// Calls on timerfds, by the host and by the reference.

#include <linux/ioctl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// Further away than any program lives, by every clock, absolute or not: the
// year 2096.
constexpr time_t kFarSeconds = 4'000'000'000;

constexpr int kSettleMs = 2000;

timespec TimeOf(int64_t value) {
  switch (static_cast<TimerValue>(value)) {
    case TimerValue::kOff:
      return {0, 0};
    case TimerValue::kNow:
      return {0, 1};
    case TimerValue::kFar:
      return {kFarSeconds, 0};
  }
  return {0, 0};
}

// The period of TIMER_SHORT: it has passed before anybody can look.
constexpr long kShortNs = 1;

void AwaitExpiry(int fd) {
  pollfd expired = {fd, POLLIN, 0};
  while (poll(&expired, 1, kSettleMs) < 0) {
  }
}

timespec IntervalOf(TimerValue value, TimerInterval interval) {
  if (interval == TimerInterval::kFar) return {kFarSeconds, 0};
  const bool again =
      interval == TimerInterval::kShort && value == TimerValue::kNow;
  return {0, again ? kShortNs : 0};
}

}  // namespace

template <>
int64_t Host::Run<Op::kTimerfdCreate>(const Args& a, Outcome*) {
  return FdResult(Result(syscall(SYS_timerfd_create, a[0], a[1])));
}

template <>
int64_t Reference::Run<Op::kTimerfdCreate>(const Args& a, Outcome*) {
  return TimerfdCreate(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

// The kernel expires a timer in an interrupt, soon. Polling a timerfd changes
// nothing, so we wait until it has happened.
template <>
int64_t Host::Run<Op::kTimerfdSettime>(const Args& a, Outcome*) {
  const TimerValue value = static_cast<TimerValue>(a[2]);
  const TimerInterval interval = static_cast<TimerInterval>(a[3]);
  const itimerspec spec = {IntervalOf(value, interval), TimeOf(a[2])};
  const int64_t result =
      Result(syscall(SYS_timerfd_settime, Real(a[0]), a[1], &spec, nullptr));
  if (result == 0 && value == TimerValue::kNow) AwaitExpiry(Real(a[0]));
  periodic_timers_ |= interval == TimerInterval::kShort;
  return result;
}

// A periodic timer starts again when it is read, and is soon there. Only its
// fdinfo tells the two apart without a change.
void Host::SettleTimer(int fd) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
  if (!ReadInto(path, &fdinfo_)) return;
  if (strstr(fdinfo_.data(), "it_value: (0, ") != nullptr &&
      strstr(fdinfo_.data(), "it_interval: (0, 1)") != nullptr) {
    AwaitExpiry(fd);
  }
}

template <>
int64_t Reference::Run<Op::kTimerfdSettime>(const Args& a, Outcome*) {
  return TimerfdSettime(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                        static_cast<TimerValue>(a[2]),
                        static_cast<TimerInterval>(a[3]));
}

}  // namespace pollux
