// Tasks that share memory with this process, and the calls that they make.

#include "diff/process.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "diff/watchdog.h"

namespace pollux {
namespace {

// It has no exit signal, so only __WALL finds it.
constexpr int kWaitOptions = WEXITED | __WALL;

// Until `word` is no longer `value`, or a signal, or a second has passed.
void WaitWhile(std::atomic<uint32_t>& word, uint32_t value) {
  timespec timeout = {1, 0};
  syscall(SYS_futex, &word, FUTEX_WAIT, value, &timeout, nullptr, 0);
}

void Set(std::atomic<uint32_t>& word, uint32_t value) {
  word = value;
  syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void Mortal() { syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL); }

// Raw calls: nothing that another task of the same memory uses is touched.
int Sleep(void*) {
  Mortal();
  for (;;) syscall(SYS_pause);
}

// It shares even errno with its parent, which waits for the answer meanwhile,
// and looks at none that was set before that.
int Serve(void* memory) {
  Mortal();
  ChildCall& call = *static_cast<ChildCall*>(memory);
  for (;;) {
    while (call.state != ChildCall::kAsked) {
      syscall(SYS_futex, &call.state, FUTEX_WAIT, call.state.load(), nullptr,
              nullptr, 0);
    }
    const auto& a = call.args;
    const long result = syscall(call.number, a[0], a[1], a[2], a[3]);
    call.result = result < 0 ? -errno : result;
    Set(call.state, ChildCall::kDone);
  }
}

}  // namespace

int64_t Processes::Start(Descriptors descriptors) {
  if (processes_.size() >= kMost) return -EAGAIN;
  if (stacks_.empty()) stacks_.resize(kMost * kStackBytes);
  const size_t index = processes_.size();
  char* top = stacks_.data() + (index + 1) * kStackBytes;
  top -= reinterpret_cast<uintptr_t>(top) % 16;
  calls_[index].state = ChildCall::kIdle;
  const bool copied = descriptors == Descriptors::kCopied;
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &old);
  const pid_t pid =
      clone(copied ? Serve : Sleep, top, CLONE_VM | (copied ? 0 : CLONE_FILES),
            &calls_[index]);
  const int error = errno;
  sigprocmask(SIG_SETMASK, &old, nullptr);
  if (pid < 0) return -error;
  processes_.push_back({pid, descriptors});
  return pid;
}

int64_t Processes::Call(pid_t pid, int64_t number,
                        const std::array<int64_t, 4>& args) {
  const auto found =
      std::find_if(processes_.begin(), processes_.end(),
                   [&](const Process& process) { return process.pid == pid; });
  if (found == processes_.end()) return -ESRCH;
  siginfo_t info = {};
  const bool gone =
      waitid(P_PID, pid, &info, kWaitOptions | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid != 0;
  if (gone || found->descriptors == Descriptors::kShared) return -ESRCH;
  ChildCall& call = calls_[found - processes_.begin()];
  call.number = number;
  call.args = args;
  Set(call.state, ChildCall::kAsked);
  while (call.state == ChildCall::kAsked) {
    if (Watchdog::Hung()) return -ETIMEDOUT;
    WaitWhile(call.state, ChildCall::kAsked);
  }
  call.state = ChildCall::kIdle;
  return call.result;
}

void Processes::Clear() {
  // One that the program has reaped is no child any more, and its number
  // belongs to nobody or to a stranger: only children may be killed.
  for (const Process& process : processes_) {
    siginfo_t info = {};
    if (waitid(P_PID, process.pid, &info, kWaitOptions | WNOHANG | WNOWAIT) !=
        0) {
      continue;
    }
    kill(process.pid, SIGKILL);
    while (waitpid(process.pid, nullptr, __WALL) < 0 && errno == EINTR) {
    }
  }
  processes_.clear();
}

}  // namespace pollux
