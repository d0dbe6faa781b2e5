// eventfd: counter, masks and wake-ups.

#include "core/eventfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint64_t kOverflow = ~0ull;  // never reached by write(2)

Eventfd& EventfdOf(World& world, Index file) {
  return world.eventfds[world.files[file].object];
}

// No RDNORM and no WRNORM, unlike other files. Kernel: eventfd_poll.
uint32_t EventfdPoll(World& world, Index file, PollTable& table) {
  const Eventfd& e = EventfdOf(world, file);
  PollWait(world, e.wait, table);
  uint32_t mask = 0;
  if (e.count > 0) mask |= EPOLLIN;
  if (e.count == kOverflow) mask |= EPOLLERR;
  if (e.count < kOverflow - 1) mask |= EPOLLOUT;
  return mask;
}

// Every read that succeeds wakes, even though the counter was writable
// before. Kernel: eventfd_read.
int64_t EventfdRead(World& world, Index file, uint64_t length,
                    uint64_t* value) {
  if (length < sizeof(uint64_t)) return -EINVAL;
  Eventfd& e = EventfdOf(world, file);
  if (e.count == 0) return -EAGAIN;
  bool one = e.semaphore && !world.Has(Quirk::kEventfdSemaphoreIgnored);
  *value = one ? 1 : e.count;
  e.count -= *value;
  if (!world.Has(Quirk::kEventfdReadSilent)) {
    WakeUp(world, e.wait, EPOLLOUT, 1);
  }
  return sizeof(uint64_t);
}

// Every write that succeeds wakes, even that of 0. Kernel: eventfd_write.
int64_t EventfdWrite(World& world, Index file, uint64_t length,
                     uint64_t value) {
  bool too_long =
      length > sizeof(uint64_t) && !world.Has(Quirk::kEventfdLongWriteOk);
  if (length < sizeof(uint64_t) || too_long) return -EINVAL;
  if (value == kOverflow) return -EINVAL;
  Eventfd& e = EventfdOf(world, file);
  if (value >= kOverflow - e.count) return -EAGAIN;
  const bool was_zero = e.count == 0;
  e.count += value;
  if (was_zero || !world.Has(Quirk::kEventfdEdgeOnlyFromZero)) {
    WakeUp(world, e.wait, EPOLLIN, 1);
  }
  return sizeof(uint64_t);
}

// Kernel: eventfd_release. Its wake-up (HUP) finds nobody.
void EventfdRelease(World& world, Index file) {
  Index object = world.files[file].object;
  FreeWaitQueue(world, world.eventfds[object].wait);
  world.eventfds.Free(object);
}

}  // namespace

const FileOps kEventfdOps = {
    .name = "[eventfd]",
    .poll = EventfdPoll,
    .read = EventfdRead,
    .write = EventfdWrite,
    .release = EventfdRelease,
    .seeks = true,
};

int Eventfd2(World& world, uint32_t initval, int flags) {
  if (flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) return -EINVAL;
  Index object = world.eventfds.Allocate();
  Eventfd& e = world.eventfds[object];
  e.count = initval;
  e.semaphore = flags & EFD_SEMAPHORE;
  e.wait = NewWaitQueue(world);
  Index file = NewFile(world, FileType::kEventfd,
                       O_RDWR | (flags & EFD_NONBLOCK), object);
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

}  // namespace pollux
