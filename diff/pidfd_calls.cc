// Calls on pidfds, by the host and by the reference.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "diff/host.h"
#include "diff/process.h"
#include "diff/reference.h"

namespace pollux {
namespace {

#ifndef P_PIDFD
constexpr idtype_t kPidfd = static_cast<idtype_t>(3);
#else
constexpr idtype_t kPidfd = P_PIDFD;
#endif

// It has no exit signal, so only __WALL finds it.
constexpr int kWaitOptions = WEXITED | __WALL;

constexpr int kSettleMs = 2000;

}  // namespace

int64_t Host::StartProcess(int64_t flags, Processes::Descriptors descriptors) {
  // Bad flags are refused before there is a process to clean up.
  if (flags & ~int64_t{O_NONBLOCK}) {
    return FdResult(Result(syscall(SYS_pidfd_open, getpid(), flags)));
  }
  const int64_t pid = processes_.Start(descriptors);
  if (pid < 0) return pid;
  return FdResult(Result(syscall(SYS_pidfd_open, pid, flags)));
}

template <>
int64_t Host::Run<Op::kPidfdFork>(const Args& a, Outcome*) {
  return StartProcess(a[0], Processes::Descriptors::kShared);
}

template <>
int64_t Host::Run<Op::kFork>(const Args& a, Outcome*) {
  return StartProcess(a[0], Processes::Descriptors::kCopied);
}

template <>
int64_t Reference::Run<Op::kFork>(const Args& a, Outcome*) {
  return Fork(world_, static_cast<uint32_t>(a[0]));
}

int64_t Host::PidOf(int64_t pidfd) {
  constexpr char kField[] = "\nPid:";
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", Real(pidfd));
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -EBADF;
  char text[1024];
  const ssize_t size = read(fd, text, sizeof(text) - 1);
  close(fd);
  text[std::max<ssize_t>(size, 0)] = 0;
  const char* pid = strstr(text, kField);
  return pid == nullptr ? -EBADF : atoi(pid + sizeof(kField) - 1);
}

template <>
int64_t Host::Run<Op::kChildClose>(const Args& a, Outcome*) {
  const int64_t pid = PidOf(a[0]);
  if (pid == -EBADF) return pid;
  return processes_.Call(static_cast<pid_t>(pid), SYS_close, {Real(a[1])});
}

template <>
int64_t Reference::Run<Op::kChildClose>(const Args& a, Outcome*) {
  return ChildClose(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kChildEpollCtl>(const Args& a, Outcome*) {
  if (signalfd_made_) return -EOPNOTSUPP;
  const int64_t pid = PidOf(a[0]);
  if (pid == -EBADF) return pid;
  epoll_event event;
  event.events = static_cast<uint32_t>(a[5]);
  event.data.u64 = static_cast<uint64_t>(a[6]);
  const auto pointer = reinterpret_cast<intptr_t>(memory_.Event(a[4], event));
  return processes_.Call(static_cast<pid_t>(pid), SYS_epoll_ctl,
                         {Real(a[1]), a[2], Real(a[3]), pointer});
}

template <>
int64_t Reference::Run<Op::kChildEpollCtl>(const Args& a, Outcome*) {
  const Event event{static_cast<uint32_t>(a[5]), static_cast<uint64_t>(a[6])};
  return ChildEpollCtl(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                       static_cast<int>(a[2]), static_cast<int>(a[3]),
                       IsGood(a[4]) ? &event : nullptr);
}

template <>
int64_t Reference::Run<Op::kPidfdFork>(const Args& a, Outcome*) {
  return PidfdFork(world_, static_cast<uint32_t>(a[0]));
}

// A process dies some time after its signal: wait until it has.
template <>
int64_t Host::Run<Op::kPidfdKill>(const Args& a, Outcome*) {
  const int64_t result =
      Result(syscall(SYS_pidfd_send_signal, Real(a[0]), SIGKILL, nullptr, 0));
  if (result == 0) {
    // Its mask tells first, then its watchers are woken, all under a lock that
    // waitid takes, too.
    pollfd dead = {Real(a[0]), POLLIN, 0};
    while (poll(&dead, 1, kSettleMs) < 0) {
    }
    siginfo_t info;
    waitid(kPidfd, Real(a[0]), &info, kWaitOptions | WNOHANG | WNOWAIT);
  }
  return result;
}

template <>
int64_t Reference::Run<Op::kPidfdKill>(const Args& a, Outcome*) {
  return PidfdKill(world_, static_cast<int>(a[0]));
}

template <>
int64_t Host::Run<Op::kWaitid>(const Args& a, Outcome*) {
  siginfo_t info = {};
  if (a[0] < 0) return -EBADF;
  const int64_t result =
      Result(waitid(kPidfd, Real(a[0]), &info, kWaitOptions | WNOHANG));
  return result == 0 ? info.si_pid != 0 : result;
}

template <>
int64_t Reference::Run<Op::kWaitid>(const Args& a, Outcome*) {
  return WaitPidfd(world_, static_cast<int>(a[0]));
}

}  // namespace pollux
