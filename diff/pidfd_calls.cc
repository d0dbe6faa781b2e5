// Calls on pidfds, by the host and by the reference.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

// Raw calls: nothing that another task of the same memory uses is touched.
int Sleep(void*) {
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  for (;;) syscall(SYS_pause);
}

}  // namespace

int64_t Processes::Start() {
  if (pids_.size() >= kMost) return -EAGAIN;
  if (stacks_.empty()) stacks_.resize(kMost * kStackBytes);
  char* top = stacks_.data() + (pids_.size() + 1) * kStackBytes;
  top -= reinterpret_cast<uintptr_t>(top) % 16;
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  const pid_t pid = clone(Sleep, top, CLONE_VM | CLONE_FILES, nullptr);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &old, nullptr);
  if (pid < 0) return -error;
  pids_.push_back(pid);
  return pid;
}

void Processes::Clear() {
  // One that the program has reaped is no child any more, and its number
  // belongs to nobody or to a stranger: only children may be killed.
  for (pid_t pid : pids_) {
    siginfo_t info = {};
    if (waitid(P_PID, pid, &info, kWaitOptions | WNOHANG | WNOWAIT) != 0) {
      continue;
    }
    kill(pid, SIGKILL);
    while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {
    }
  }
  pids_.clear();
}

template <>
int64_t Host::Run<Op::kPidfdFork>(const Args& a, Outcome*) {
  // Bad flags are refused before there is a process to clean up.
  if (a[0] & ~int64_t{O_NONBLOCK}) {
    return FdResult(Result(syscall(SYS_pidfd_open, getpid(), a[0])));
  }
  const int64_t pid = processes_.Start();
  if (pid < 0) return pid;
  return FdResult(Result(syscall(SYS_pidfd_open, pid, a[0])));
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
