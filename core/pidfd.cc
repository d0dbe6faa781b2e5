// pidfd: a process's states, masks and wake-ups.

#include "core/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kReadKey = EPOLLIN | EPOLLRDNORM;

// Kernel: pidfd_poll.
uint32_t PidfdPoll(World& world, Index file, PollTable& table) {
  const Process& process = world.processes[world.files[file].object];
  PollWait(world, process.wait, table);
  switch (process.state) {
    case Process::State::kRuns:
      return 0;
    case Process::State::kZombie:
      return kReadKey;
    case Process::State::kReaped:
      return world.Has(Quirk::kPidfdNoHup) ? kReadKey : kReadKey | EPOLLHUP;
  }
  return 0;
}

int NewPidfd(World& world, Index process, uint32_t flags) {
  ++world.processes[process].files;
  return InstallFd(world, NewFile(world, FileType::kPidfd, flags, process));
}

void HoldProcess(World& world, Index process) {
  ++world.processes[process].files;
}

// The process itself lives on.
void PidfdRelease(World& world, Index file) {
  ReleaseProcess(world, world.files[file].object);
}

// The process behind a pidfd, or kNil.
Index ProcessOf(const World& world, int fd) {
  const Index file = FileOf(world, fd);
  if (file == kNil || world.files[file].type != FileType::kPidfd) return kNil;
  return world.files[file].object;
}

}  // namespace

const FileOps kPidfdOps = {
    .name = "[pidfd]",
    .poll = PidfdPoll,
    .release = PidfdRelease,
    .open_object = OpenPidfd,
    .hold = HoldProcess,
    .drop = ReleaseProcess,
};

int PidfdFork(World& world, uint32_t flags) {
  if (world.Has(Quirk::kPidfdMissing)) return -ENOSYS;
  const uint32_t known = world.Has(Quirk::kPidfdNoNonblock) ? 0 : O_NONBLOCK;
  if (flags & ~known) return -EINVAL;
  if (world.processes_started >= world.machine.processes) return -EAGAIN;
  ++world.processes_started;
  const Index process = world.processes.Allocate();
  world.processes[process].wait = NewWaitQueue(world);
  return NewPidfd(world, process, O_RDWR | flags);
}

int OpenPidfd(World& world, Index process, int flags) {
  if (world.Has(Quirk::kPidfdNoReopen)) return -ENXIO;
  const bool writes = (flags & O_ACCMODE) != O_RDONLY;
  if (writes && world.Has(Quirk::kPidfdImmutable)) return -EPERM;
  return NewPidfd(world, process, flags & (O_ACCMODE | O_NONBLOCK));
}

void ReleaseProcess(World& world, Index process) {
  if (--world.processes[process].files > 0) return;
  FreeWaitQueue(world, world.processes[process].wait);
  world.processes.Free(process);
}

int PidfdKill(World& world, int fd) {
  const Index index = ProcessOf(world, fd);
  if (index == kNil) return -EBADF;
  Process& process = world.processes[index];
  if (process.state == Process::State::kReaped) return -ESRCH;
  if (process.state == Process::State::kRuns) {
    process.state = Process::State::kZombie;
    // Kernel: do_notify_pidfd.
    if (!world.Has(Quirk::kPidfdExitSilent)) {
      const bool keyed = !world.Has(Quirk::kPidfdExitUnkeyed);
      WakeUp(world, process.wait, keyed ? kReadKey : kNoKey, kWakeAll);
    }
  }
  return 0;
}

int WaitPidfd(World& world, int fd) {
  if (fd >= 0 && world.Has(Quirk::kPidfdNoWaitid)) return -EINVAL;
  const Index index = ProcessOf(world, fd);
  if (index == kNil) return -EBADF;
  Process& process = world.processes[index];
  if (process.state == Process::State::kReaped) return -ECHILD;
  if (process.state == Process::State::kRuns) return 0;
  process.state = Process::State::kReaped;
  // Kernel: __change_pid.
  if (!world.Has(Quirk::kPidfdNoHup)) {
    WakeUp(world, process.wait, kNoKey, kWakeAll);
  }
  return 1;
}

}  // namespace pollux
