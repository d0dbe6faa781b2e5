// Calls on signals and signalfds, by the host and by the reference.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// In the order of Signal. The last is SIGRTMIN, which only a function knows.
constexpr int kSignalNumbers[kSignals] = {SIGURG, SIGIO, 34};

sigset_t SetOf(int64_t bits) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < kSignals; ++i) {
    if (bits & (1 << i)) sigaddset(&set, kSignalNumbers[i]);
  }
  return set;
}

constexpr int64_t kAllSignals = (1 << kSignals) - 1;

// The kernel's sigset_t is eight bytes long.
int64_t RawSignalfd4(int fd, int64_t bits, int64_t flags) {
  const sigset_t set = SetOf(bits);
  return syscall(SYS_signalfd4, fd, &set, 8, flags);
}

Signal SignalOf(int64_t number) {
  return number == SIGURG  ? Signal::kUrg
         : number == SIGIO ? Signal::kIo
                           : Signal::kRealTime;
}

}  // namespace

volatile int Host::signals_handled_ = 0;

// Threads that start later inherit this, as those must that could take what is
// sent to the process.
void Host::BlockSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { signals_handled_ = signals_handled_ + 1; };
  for (int number : kSignalNumbers) sigaction(number, &action, nullptr);
  const sigset_t set = SetOf(kAllSignals);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Host::ForgetSignals() {
  if (!sent_signals_) return;
  sent_signals_ = false;
  const sigset_t set = SetOf(kAllSignals);
  const timespec now = {};
  while (sigtimedwait(&set, nullptr, &now) > 0 || errno == EINTR) {
  }
}

template <>
int64_t Host::Run<Op::kSignalfd4>(const Args& a, Outcome*) {
  const int64_t fd = FdResult(Result(RawSignalfd4(-1, a[0], a[1])));
  signalfd_made_ |= fd >= 0;
  return fd;
}

template <>
int64_t Reference::Run<Op::kSignalfd4>(const Args& a, Outcome*) {
  return Signalfd4(world_, static_cast<SignalSet>(a[0]),
                   static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kSignalfd>(const Args& a, Outcome*) {
  // -1 would make one.
  if (a[0] < 0) return -EBADF;
  const int64_t result = RawSignalfd4(Real(a[0]), a[1], 0);
  return result < 0 ? -errno : 0;
}

template <>
int64_t Reference::Run<Op::kSignalfd>(const Args& a, Outcome*) {
  return ChangeSignalfd(world_, static_cast<int>(a[0]),
                        static_cast<SignalSet>(a[1]));
}

template <>
int64_t Host::Run<Op::kRaise>(const Args& a, Outcome*) {
  sent_signals_ = true;
  return Result(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), a[0]));
}

template <>
int64_t Reference::Run<Op::kRaise>(const Args& a, Outcome*) {
  return RaiseSignal(world_, SignalOf(a[0]));
}

template <>
int64_t Host::Run<Op::kKill>(const Args& a, Outcome*) {
  sent_signals_ = true;
  return Result(syscall(SYS_kill, getpid(), a[0]));
}

template <>
int64_t Reference::Run<Op::kKill>(const Args& a, Outcome*) {
  return KillProcess(world_, SignalOf(a[0]));
}

}  // namespace pollux
