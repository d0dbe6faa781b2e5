// Files that hardly change: their masks.

#include "core/still_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "core/world.h"

namespace pollux {
namespace {

// Of struct uffd_msg.
constexpr uint64_t kMessageBytes = 32;

// No machine that runs programs still waits for its first random numbers.
// Kernel: random_poll.
uint32_t RandomPoll(World&, Index, PollTable&) { return EPOLLIN | EPOLLRDNORM; }

int64_t RandomRead(World&, Index, uint64_t length, uint64_t*) {
  return static_cast<int64_t>(length);
}

// Without a buffer that is mapped there is nothing to wait for. Kernel:
// perf_poll.
uint32_t PerfEventPoll(World&, Index, PollTable&) { return EPOLLHUP; }

int64_t PerfEventRead(World&, Index, uint64_t length, uint64_t*) {
  return length < sizeof(uint64_t) ? -ENOSPC : int64_t{sizeof(uint64_t)};
}

// The object of a userfaultfd: has it been told its version?
bool Enabled(const World& world, Index file) {
  return world.files[file].object != 0;
}

// Nobody faults in a program, so there is never a message. Kernel:
// userfaultfd_poll.
uint32_t UserfaultfdPoll(World& world, Index file, PollTable&) {
  return Enabled(world, file) ? 0u : EPOLLERR;
}

int64_t UserfaultfdRead(World& world, Index file, uint64_t length, uint64_t*) {
  if (!Enabled(world, file) || length < kMessageBytes) return -EINVAL;
  return -EAGAIN;
}

int UnknownIsInvalid(const World&, Index) { return -EINVAL; }

}  // namespace

const FileOps kRandomOps = {
    .name = "/dev/random",
    .poll = RandomPoll,
    .read = RandomRead,
    .seeks = true,
    .unknown_ioctl = UnknownIsInvalid,
};

const FileOps kPerfEventOps = {
    .name = "[perf_event]",
    .poll = PerfEventPoll,
    .read = PerfEventRead,
};

const FileOps kUserfaultfdOps = {
    .name = "[userfaultfd]",
    .poll = UserfaultfdPoll,
    .read = UserfaultfdRead,
    .seeks = true,
    .unknown_ioctl = UnknownIsInvalid,
};

int OpenRandom(World& world) {
  return InstallFd(
      world, NewFile(world, FileType::kRandom, O_RDONLY | kLargeFile, kNil), 0);
}

int OpenPerfEvent(World& world) {
  if (!world.machine.perf_event) return -ENOSYS;
  return InstallFd(world, NewFile(world, FileType::kPerfEvent, O_RDWR, kNil),
                   O_CLOEXEC);
}

int OpenUserfaultfd(World& world, int flags) {
  if (!world.machine.userfaultfd) return -ENOSYS;
  const Index file = NewFile(world, FileType::kUserfaultfd,
                             O_RDONLY | (flags & O_NONBLOCK), 0);
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

int EnableUserfaultfd(World& world, int fd) {
  const Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (world.files[file].type != FileType::kUserfaultfd) {
    return UnknownIoctl(world, file);
  }
  if (Enabled(world, file)) return -EINVAL;
  world.files[file].object = 1;
  return 0;
}

}  // namespace pollux
