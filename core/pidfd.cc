// pidfd: a process's states, masks and wake-ups.

#include "core/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <utility>

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

int NewPidfd(World& world, Index process, uint32_t flags, uint32_t cloexec) {
  ++world.processes[process].files;
  return InstallFd(world, NewFile(world, FileType::kPidfd, flags, process),
                   cloexec);
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

int StartProcess(World& world, uint32_t flags, Index* process) {
  if (world.Has(Quirk::kPidfdMissing)) return -ENOSYS;
  const uint32_t known = world.Has(Quirk::kPidfdNoNonblock) ? 0 : O_NONBLOCK;
  if (flags & ~known) return -EINVAL;
  if (world.processes_started >= world.machine.processes) return -EAGAIN;
  ++world.processes_started;
  *process = world.processes.Allocate();
  world.processes[*process].wait = NewWaitQueue(world);
  return 0;
}

// Closes every descriptor, the lowest first. Kernel: exit_files.
void ExitFiles(World& world, Index index) {
  if (!world.processes[index].forked) return;
  std::vector<Index> fds;
  fds.swap(world.processes[index].fds);
  for (Index file : fds) {
    if (file != kNil) PutFile(world, file);
  }
  RunTaskWork(world);
}

// Exchanges the descriptors of the program and of a process.
void Switch(World& world, Index index) {
  Process& process = world.processes[index];
  std::swap(world.fds, process.fds);
  std::swap(world.close_on_exec, process.close_on_exec);
  std::swap(world.next_fd, process.next_fd);
}

template <typename CallFunction>
int InChild(World& world, int pidfd, CallFunction call) {
  const Index index = ProcessOf(world, pidfd);
  if (index == kNil) return -EBADF;
  const Process& process = world.processes[index];
  if (!process.forked || process.state != Process::State::kRuns) return -ESRCH;
  Switch(world, index);
  const int result = call();
  Switch(world, index);
  return result;
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
  Index process;
  if (int error = StartProcess(world, flags, &process)) return error;
  return NewPidfd(world, process, O_RDWR | flags, O_CLOEXEC);
}

int Fork(World& world, uint32_t flags) {
  Index index;
  if (int error = StartProcess(world, flags, &index)) return error;
  Process& process = world.processes[index];
  process.forked = true;
  process.files = 1;
  process.fds = world.fds;
  process.close_on_exec = world.close_on_exec;
  process.next_fd = world.next_fd;
  for (Index file : process.fds) {
    if (file != kNil) ++world.files[file].count;
  }
  return NewPidfd(world, index, O_RDWR | flags, O_CLOEXEC);
}

int ChildClose(World& world, int pidfd, int fd) {
  return InChild(world, pidfd, [&] { return Close(world, fd); });
}

int ChildEpollCtl(World& world, int pidfd, int epfd, int op, int fd,
                  const Event* event) {
  if (world.signals.wait != kNil) return -EOPNOTSUPP;
  return InChild(world, pidfd,
                 [&] { return EpollCtl(world, epfd, op, fd, event); });
}

int OpenPidfd(World& world, Index process, int flags) {
  if (world.Has(Quirk::kPidfdNoReopen)) return -ENXIO;
  return NewPidfd(world, process, OpenFlags(flags),
                  static_cast<uint32_t>(flags));
}

void ReleaseProcess(World& world, Index process) {
  if (--world.processes[process].files > 0) return;
  FreeWaitQueue(world, world.processes[process].wait);
  world.processes.Free(process);
}

int PidfdKill(World& world, int fd) {
  const Index index = ProcessOf(world, fd);
  if (index == kNil) return -EBADF;
  if (world.processes[index].state == Process::State::kReaped) return -ESRCH;
  if (world.processes[index].state == Process::State::kRuns) {
    ExitFiles(world, index);
    Process& process = world.processes[index];
    process.state = Process::State::kZombie;
    // Kernel: do_notify_pidfd.
    if (!world.Has(Quirk::kPidfdExitSilent)) {
      const bool keyed = !world.Has(Quirk::kPidfdExitUnkeyed);
      WakeUp(world, process.wait, keyed ? kReadKey : kNoKey, kWakeAll);
    }
    if (process.forked) ReleaseProcess(world, index);
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
