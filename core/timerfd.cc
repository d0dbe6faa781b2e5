// timerfd: ticks, masks and wake-ups.

#include "core/timerfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

Timerfd& TimerfdOf(World& world, Index file) {
  return world.timerfds[world.files[file].object];
}

// No RDNORM, like an eventfd. Kernel: timerfd_poll.
uint32_t TimerfdPoll(World& world, Index file, PollTable& table) {
  const Timerfd& t = TimerfdOf(world, file);
  PollWait(world, t.wait, table);
  return t.ticks > 0 ? EPOLLIN : 0u;
}

// Every expiration wakes, even while older ones are unread. Kernel:
// timerfd_triggered.
void Tick(World& world, Timerfd& t, uint64_t ticks) {
  const bool first = t.ticks == 0;
  t.ticks = ticks;
  if (first || !world.Has(Quirk::kTimerfdEdgeOnlyFromZero)) {
    WakeUp(world, t.wait, EPOLLIN, 1);
  }
}

// It wakes nobody, but starts a periodic timer again. Kernel:
// timerfd_read_iter.
int64_t TimerfdRead(World& world, Index file, uint64_t length,
                    uint64_t* value) {
  if (length < sizeof(uint64_t)) return -EINVAL;
  Timerfd& t = TimerfdOf(world, file);
  if (t.ticks == 0) return -EAGAIN;
  *value = t.ticks;
  t.ticks = 0;
  if (t.periodic) {
    world.ticks_by_clock = true;
    Tick(world, t, 1);
  }
  return sizeof(uint64_t);
}

void TimerfdRelease(World& world, Index file) {
  const Index object = world.files[file].object;
  FreeWaitQueue(world, world.timerfds[object].wait);
  world.timerfds.Free(object);
}

// Kernel: timerfd_ioctl.
int TimerfdIoctl(World& world, Index file, uint32_t request,
                 uint64_t* argument) {
  if (request != kSetTicks || !world.machine.timerfd_set_ticks ||
      world.Has(Quirk::kTimerfdNoSetTicks)) {
    return -ENOTTY;
  }
  if (argument == nullptr) return -EFAULT;
  if (*argument == 0) return -EINVAL;
  Tick(world, TimerfdOf(world, file), *argument);
  return 0;
}

}  // namespace

const FileOps kTimerfdOps = {
    .name = "[timerfd]",
    .poll = TimerfdPoll,
    .read = TimerfdRead,
    .release = TimerfdRelease,
    .seeks = true,
    .ioctl = TimerfdIoctl,
};

int TimerfdCreate(World& world, int clock, int flags) {
  const bool known =
      clock == CLOCK_MONOTONIC || clock == CLOCK_REALTIME ||
      (clock == CLOCK_BOOTTIME && !world.Has(Quirk::kTimerfdNoBoottime));
  if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) || !known) return -EINVAL;
  const Index object = world.timerfds.Allocate();
  world.timerfds[object].wait = NewWaitQueue(world);
  const Index file = NewFile(world, FileType::kTimerfd,
                             O_RDWR | (flags & TFD_NONBLOCK), object);
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

int TimerfdSettime(World& world, int fd, int flags, TimerValue value,
                   TimerInterval interval) {
  if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) return -EINVAL;
  const Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (world.files[file].type != FileType::kTimerfd) return -EINVAL;
  Timerfd& t = TimerfdOf(world, file);
  if (!world.Has(Quirk::kTimerfdSettimeKeepsTicks)) t.ticks = 0;
  const bool past = flags & TFD_TIMER_ABSTIME;
  t.periodic = false;
  if (value != TimerValue::kNow) return 0;
  if (past && world.Has(Quirk::kTimerfdPastIgnored)) return 0;
  t.periodic = interval == TimerInterval::kShort;
  Tick(world, t, t.ticks + 1);
  return 0;
}

void RepeatPeriodicEdges(World& world) {
  for (Index file : world.fds) {
    if (file == kNil || world.files[file].type != FileType::kTimerfd) continue;
    const Timerfd& t = TimerfdOf(world, file);
    if (t.periodic) WakeUp(world, t.wait, EPOLLIN, 1);
  }
  // Those that only a child or a message holds.
  for (Index file = 0; file < world.files.size(); ++file) {
    const File& f = world.files[file];
    if (f.count == 0 || f.type != FileType::kTimerfd) continue;
    if (std::count(world.fds.begin(), world.fds.end(), file) > 0) continue;
    const Timerfd& t = TimerfdOf(world, file);
    if (t.periodic) WakeUp(world, t.wait, EPOLLIN, 1);
  }
}

}  // namespace pollux
