// signalfd: pending signals as a file.
//
// The signals of a program are always blocked: they wait until a signalfd reads
// them, or an epoll_pwait lets them in. Those sent to the thread and those sent
// to the process wait apart, and a signalfd shows those of the thread that
// asks.

#ifndef POLLUX_CORE_SIGNALFD_H_
#define POLLUX_CORE_SIGNALFD_H_

#include <array>
#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

// The signals that programs send, by rising number.
enum class Signal : uint8_t {
  kUrg,       // SIGURG
  kIo,        // SIGIO
  kRealTime,  // SIGRTMIN; every one that is sent waits, not only the first
};
inline constexpr int kSignals = 3;

// A set of signals: bit n for Signal n.
using SignalSet = uint32_t;

// Mirrors sigpending: how many of each signal wait.
struct PendingSignals {
  std::array<uint16_t, kSignals> count = {};

  SignalSet set() const {
    SignalSet set = 0;
    for (int i = 0; i < kSignals; ++i) set |= (count[i] > 0 ? 1u : 0u) << i;
    return set;
  }
};

// Those of the process, and what its threads share.
struct SignalState {
  PendingSignals thread;   // mirrors task_struct::pending of the program
  PendingSignals process;  // mirrors signal_struct::shared_pending
  Index wait = kNil;       // mirrors sighand_struct::signalfd_wqh; made late
};

extern const FileOps kSignalfdOps;

// Returns the descriptor or -errno.
int Signalfd4(World& world, SignalSet mask, int flags);

// signalfd(2) on a signalfd: gives it another mask. Returns 0 or -errno.
int ChangeSignalfd(World& world, int fd, SignalSet mask);

// Sends a signal to the thread (tgkill) or to the process (kill). Returns 0.
int RaiseSignal(World& world, Signal signal);
int KillProcess(World& world, Signal signal);

// A signal that no program knows interrupts the thread; it waits nowhere, but
// who watches a signalfd hears of it.
void InterruptThread(World& world);

// Lets in whatever waits, but of the signal that comes first only one. False if
// none waited.
bool DeliverSignals(World& world);

}  // namespace pollux

#endif  // POLLUX_CORE_SIGNALFD_H_
