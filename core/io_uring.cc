// io_uring: completions, masks and wake-ups.

#include "core/io_uring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "core/world.h"

namespace pollux {
namespace {

IoUring& IoUringOf(World& world, Index file) {
  return world.io_urings[world.files[file].object];
}

// The ring behind `fd`, or null with *error set.
IoUring* Find(World& world, int fd, int* error) {
  const Index file = FileOf(world, fd);
  *error = file == kNil ? -EBADF : -EOPNOTSUPP;
  if (file == kNil || world.files[file].type != FileType::kIoUring) {
    return nullptr;
  }
  return &IoUringOf(world, file);
}

// What is submitted is taken at once, so there is always room. Kernel:
// io_uring_poll.
uint32_t IoUringPoll(World& world, Index file, PollTable& table) {
  const IoUring& ring = IoUringOf(world, file);
  PollWait(world, ring.wait, table);
  return EPOLLOUT | EPOLLWRNORM |
         (ring.completions > 0 ? EPOLLIN | EPOLLRDNORM : 0u);
}

void IoUringRelease(World& world, Index file) {
  const Index object = world.files[file].object;
  FreeWaitQueue(world, world.io_urings[object].wait);
  world.io_urings.Free(object);
}

}  // namespace

const FileOps kIoUringOps = {
    .name = "[io_uring]",
    .poll = IoUringPoll,
    .release = IoUringRelease,
};

int IoUringSetup(World& world) {
  if (!world.machine.io_uring) return -ENOSYS;
  const Index object = world.io_urings.Allocate();
  world.io_urings[object].wait = NewWaitQueue(world);
  return InstallFd(world, NewFile(world, FileType::kIoUring, O_RDWR, object),
                   O_CLOEXEC);
}

// Every completion wakes, whether or not older ones wait. Kernel:
// io_poll_wq_wake.
int IoUringNop(World& world, int fd) {
  int error;
  IoUring* ring = Find(world, fd, &error);
  if (ring == nullptr) return error;
  if (ring->completions == IoUring::kCompletions) return -EBUSY;
  ++ring->completions;
  if (ring->completions == 1 || !world.Has(Quirk::kUringEdgeOnlyFromEmpty)) {
    WakeUp(world, ring->wait, kUringWake | EPOLLIN, kWakeAll);
  }
  return 1;
}

// The kernel does not even notice.
int IoUringReap(World& world, int fd) {
  int error;
  IoUring* ring = Find(world, fd, &error);
  if (ring == nullptr) return error;
  if (ring->completions == 0) return 0;
  --ring->completions;
  return 1;
}

}  // namespace pollux
