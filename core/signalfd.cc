// signalfd: pending signals, masks and wake-ups.

#include "core/signalfd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint64_t kRecordBytes = sizeof(signalfd_siginfo);

// The number that a record of the signal shows.
constexpr uint32_t kNumbers[kSignals] = {SIGURG, SIGIO, 34};

// Those that the thread which runs now could take. A scan that is frozen, or
// goes on, runs in a thread to which no program sends any.
SignalSet Visible(const World& world) {
  const SignalState& signals = world.signals;
  SignalSet set = signals.process.set();
  if (!world.in_scan_thread) set |= signals.thread.set();
  return set;
}

// Takes one signal of `mask`, the thread's own before the process's, the lowest
// number first. Returns it, or -1. Kernel: dequeue_signal.
int Dequeue(SignalState& signals, SignalSet mask) {
  for (PendingSignals* pending : {&signals.thread, &signals.process}) {
    for (int i = 0; i < kSignals; ++i) {
      if (!(mask & (1u << i)) || pending->count[i] == 0) continue;
      --pending->count[i];
      return i;
    }
  }
  return -1;
}

SignalSet MaskOf(const World& world, Index file) {
  return world.files[file].object;
}

// As emulations do that look at the mask first.
void NotifyMatching(World& world, SignalSet set) {
  const auto& entries = world.wait_queues[world.signals.wait].entries;
  for (Index entry = entries.head; entry != kNil;) {
    const WaitEntry e = world.wait_entries[entry];
    if (MaskOf(world, world.epitems[e.item].file) & set) {
      PollCallback(world, e.item, kNoKey);
    }
    entry = e.link.next;
  }
}

// Every signal that is queued wakes whoever watches any signalfd of the
// process, whatever its mask. Kernel: signalfd_notify.
void Notify(World& world, SignalSet set) {
  if (world.signals.wait == kNil) return;
  if (world.Has(Quirk::kSignalfdOwnSignalsOnly)) {
    NotifyMatching(world, set);
  } else {
    WakeUp(world, world.signals.wait, kNoKey, 1);
  }
}

// Of a standard signal only the first waits, and only that wakes. Kernel:
// __send_signal_locked.
int Send(World& world, PendingSignals& pending, Signal signal) {
  const int i = static_cast<int>(signal);
  const bool queues =
      signal == Signal::kRealTime || world.Has(Quirk::kSignalfdStandardQueues);
  if (pending.count[i] > 0 && !queues) return 0;
  ++pending.count[i];
  Notify(world, 1u << i);
  return 0;
}

// Kernel: signalfd_poll.
uint32_t SignalfdPoll(World& world, Index file, PollTable& table) {
  PollWait(world, world.signals.wait, table);
  return (Visible(world) & MaskOf(world, file)) != 0 ? EPOLLIN : 0u;
}

// Kernel: signalfd_read_iter. It wakes nobody.
int64_t SignalfdRead(World& world, Index file, uint64_t length,
                     uint64_t* value) {
  const uint64_t records = length / kRecordBytes;
  if (records == 0) return -EINVAL;
  uint64_t read = 0;
  for (; read < records; ++read) {
    const int signal = Dequeue(world.signals, MaskOf(world, file));
    if (signal < 0) break;
    if (read == 0) *value = kNumbers[signal];
  }
  return read == 0 ? -EAGAIN : static_cast<int64_t>(read * kRecordBytes);
}

}  // namespace

const FileOps kSignalfdOps = {
    .name = "[signalfd]",
    .poll = SignalfdPoll,
    .read = SignalfdRead,
    .seeks = true,
};

int Signalfd4(World& world, SignalSet mask, int flags) {
  if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK)) return -EINVAL;
  if (world.signals.wait == kNil) world.signals.wait = NewWaitQueue(world);
  const Index file = NewFile(world, FileType::kSignalfd,
                             O_RDWR | (flags & SFD_NONBLOCK), mask);
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

int ChangeSignalfd(World& world, int fd, SignalSet mask) {
  const Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (world.files[file].type != FileType::kSignalfd) return -EINVAL;
  world.files[file].object = mask;
  if (!world.Has(Quirk::kSignalfdChangeSilent)) {
    WakeUp(world, world.signals.wait, kNoKey, 1);
  }
  return 0;
}

int RaiseSignal(World& world, Signal signal) {
  return Send(world, world.signals.thread, signal);
}

int KillProcess(World& world, Signal signal) {
  return Send(world, world.signals.process, signal);
}

void InterruptThread(World& world) { Notify(world, 0); }

// The handler of the first signal returns to a mask that blocks all again, but
// those of the others return into it, where only the first is blocked: whatever
// else waits is let in before that. Kernel: exit_to_user_mode_loop.
bool DeliverSignals(World& world) {
  constexpr SignalSet kAll = (1u << kSignals) - 1;
  const int first = Dequeue(world.signals, kAll);
  if (first < 0) return false;
  while (Dequeue(world.signals, kAll & ~(1u << first)) >= 0) {
  }
  return true;
}

}  // namespace pollux
