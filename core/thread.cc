// Threads: the sleeping half of epoll_wait and poll, and signals.

#include "core/thread.h"

#include <errno.h>
#include <sys/poll.h>

#include <algorithm>
#include <utility>

#include "core/world.h"

namespace pollux {
namespace {

constexpr UserSignals kHandled = kUsr1 | kUsr2;

// A harvest that finds nothing although something looks ready is tried again;
// only a mutant could do so for ever.
constexpr int kMostRounds = 16;

// --- Signals

bool SignalPending(const Thread& t) { return t.pending & ~t.blocked; }

// Runs the handlers of what is pending and not blocked. Kernel: get_signal.
void Deliver(Thread& t) {
  const UserSignals signals = t.pending & ~t.blocked;
  t.pending &= ~signals;
  t.handled |= signals & kHandled;
}

// Kernel: set_user_sigmask.
void SetTemporaryMask(Thread& t, const UserSignals* mask) {
  if (mask == nullptr) return;
  t.saved = std::exchange(t.blocked, *mask);
  t.restore = true;
}

// What follows a system call: handlers run, under the temporary mask only if
// they are why it ended. Kernel: restore_saved_sigmask_unless.
void RestoreMask(const World& world, Thread& t, int64_t result) {
  if (t.restore && !world.Has(Quirk::kSignalMaskNotRestored)) {
    if (result == -EINTR) Deliver(t);
    t.blocked = t.saved;
  }
  t.restore = false;
  Deliver(t);
}

// --- Sleeping

void RemoveEntries(World& world, Thread& t) {
  while (t.first_wait != kNil) {
    const Index next = world.wait_entries[t.first_wait].next_of_owner;
    RemoveWaitEntry(world, t.first_wait);
    t.first_wait = next;
  }
}

void Return(World& world, int thread, int64_t result) {
  Thread& t = world.threads[thread];
  RemoveEntries(world, t);
  t.slept_in = std::exchange(t.in, Waiting::kNone);
  t.runnable = false;
  const bool timed_out = t.timed_out && t.timeout != Timeout::kZero;
  t.early = result == 0 && timed_out && world.Has(Quirk::kTimeoutEarly);
  const bool interrupted =
      SignalPending(t) && world.Has(Quirk::kEintrEatsEvent) && result > 0;
  t.result = interrupted ? -EINTR : result;
  RestoreMask(world, t, t.result);
  const Index file = std::exchange(t.file, kNil);
  if (file != kNil) PutFile(world, file);
}

// Queues the thread as the newest sleeper. Kernel: __add_wait_queue_exclusive.
void FallAsleep(World& world, int thread, Index ep) {
  Eventpoll& e = world.eventpolls[ep];
  if (e.wq == kNil) e.wq = NewWaitQueue(world);
  Thread& t = world.threads[thread];
  t.runnable = false;
  t.first_wait = AddSleeper(world, e.wq, thread);
}

Index EpollOf(const World& world, const Thread& t) {
  return world.files[t.file].object;
}

// A thread that was woken and finds nothing.
bool GivesUp(const World& world, const Thread& t, bool woken) {
  return t.timed_out || (woken && world.Has(Quirk::kWakeAll));
}

// Does a signal end the wait? Not even SA_RESTART makes it go on.
bool Interrupted(const World& world, Thread& t) {
  if (!SignalPending(t)) return false;
  if ((t.pending & ~t.blocked) != kUsr1) return true;
  if (!world.Has(Quirk::kWaitRestarts)) return true;
  Deliver(t);
  return false;
}

// Kernel: the loop of ep_poll. `available`: something may be ready.
void LoopEpollWait(World& world, int thread, bool available, bool woken) {
  Thread& t = world.threads[thread];
  const Index ep = EpollOf(world, t);
  for (int round = 0; round < kMostRounds; ++round) {
    if (available) {
      const int result = Harvest(world, ep, t.scan);
      if (result != 0) return Return(world, thread, result);
    }
    if (GivesUp(world, t, woken)) return Return(world, thread, 0);
    if (Interrupted(world, t)) return Return(world, thread, -EINTR);
    available = !world.eventpolls[ep].ready.empty();
    if (!available) break;
  }
  FallAsleep(world, thread, ep);
}

void RunEpollWait(World& world, int thread) {
  Thread& t = world.threads[thread];
  const bool woken = t.first_wait == kNil && !t.timed_out;
  // Whoever woke it has also taken it off the queue; if nobody has, a timeout
  // finds nothing.
  const bool available = t.first_wait == kNil || !t.timed_out;
  RemoveEntries(world, t);
  LoopEpollWait(world, thread, available, woken);
}

// --- Hashing

// FNV-1a, over words.
class Hasher {
 public:
  uint64_t value() const { return value_; }

  void Add(uint64_t word) {
    value_ = (value_ ^ word) * 0x100000001b3;
    value_ ^= value_ >> 29;
  }

  void AddFile(const World& world, Index file) {
    Add(file);
    const File& f = world.files[file];
    if (f.type == FileType::kPipe) {
      Add(world.pipes[f.object].poll_usage);
      return;
    }
    if (f.type != FileType::kEventpoll) return;
    const Eventpoll& e = world.eventpolls[f.object];
    for (Index i = e.items.head; i != kNil; i = world.epitems[i].ep_link.next) {
      const Epitem& item = world.epitems[i];
      Add(uint64_t{i} << 32 | item.events);
      for (Index entry = item.first_wait; entry != kNil;) {
        AddQueue(world, world.wait_entries[entry].queue);
        entry = world.wait_entries[entry].next_of_owner;
      }
    }
    Add(kNil);
    AddList(world, e.ready.head);
    for (Index i = e.ovflist; i != kNil; i = world.epitems[i].ovf_next) Add(i);
    Add(e.scanning);
    AddQueue(world, e.poll_wait);
    if (e.wq != kNil) AddQueue(world, e.wq);
  }

 private:
  void AddList(const World& world, Index head) {
    for (Index i = head; i != kNil; i = ReadyList::Next(world.epitems, i)) {
      Add(i);
    }
    Add(kNil);
  }

  // Who is on the queue, and in which order.
  void AddQueue(const World& world, Index queue) {
    Index i = world.wait_queues[queue].entries.head;
    for (; i != kNil; i = world.wait_entries[i].link.next) {
      const WaitEntry& entry = world.wait_entries[i];
      Add(entry.item != kNil ? entry.item : ~uint64_t{0} - entry.thread);
    }
    Add(kNil);
  }

  uint64_t value_ = 0xcbf29ce484222325;
};

// --- poll(2)

// One look at the descriptor, which registers the thread if `first`. Kernel:
// do_pollfd.
uint32_t PollOnce(World& world, int thread, bool first) {
  Thread& t = world.threads[thread];
  if (t.fd < 0) return 0;
  const Index file = FileOf(world, t.fd);
  if (file == kNil) return POLLNVAL;
  PollTable table{.key = t.events, .thread = first ? thread : -1};
  return VfsPoll(world, file, table) & t.events;
}

void LoopPoll(World& world, int thread, bool first) {
  Thread& t = world.threads[thread];
  t.revents = PollOnce(world, thread, first);
  if (t.revents != 0) return Return(world, thread, 1);
  if (SignalPending(t)) return Return(world, thread, -EINTR);
  if (t.timed_out) return Return(world, thread, 0);
  t.runnable = false;
}

}  // namespace

int64_t Wait(World& world, int thread, int epfd, const EventBuffer& buffer,
             Timeout timeout, const UserSignals* mask) {
  Thread& t = world.threads[thread];
  SetTemporaryMask(t, mask);
  Index file;
  if (const int error = CheckWait(world, epfd, buffer, &file)) {
    RestoreMask(world, t, error);
    return error;
  }
  world.highest_thread = std::max(world.highest_thread, thread);
  t.in = Waiting::kEpollWait;
  t.timeout = timeout;
  t.timed_out = timeout == Timeout::kZero;
  t.file = file;
  ++world.files[file].count;
  t.scan.buffer = buffer;
  t.scan.delivered.clear();
  const Eventpoll& e = world.eventpolls[EpollOf(world, t)];
  // It waits for the mutex of a scan that is frozen.
  t.runnable = e.scanning;
  if (!t.runnable) LoopEpollWait(world, thread, !e.ready.empty(), false);
  return t.in == Waiting::kNone ? t.result : kAsleep;
}

int64_t PollWaiting(World& world, int thread, int fd, uint32_t events,
                    Timeout timeout) {
  Thread& t = world.threads[thread];
  world.highest_thread = std::max(world.highest_thread, thread);
  t.in = Waiting::kPoll;
  t.timeout = timeout;
  t.timed_out = timeout == Timeout::kZero;
  t.fd = fd;
  t.events = events | POLLERR | POLLHUP;
  // Its wait entries refer to the file.
  t.file = fd < 0 ? kNil : FileOf(world, fd);
  if (t.file != kNil) ++world.files[t.file].count;
  LoopPoll(world, thread, true);
  return t.in == Waiting::kNone ? t.result : kAsleep;
}

bool CanRun(const World& world, int thread) {
  const Thread& t = world.threads[thread];
  if (t.in == Waiting::kNone || !t.runnable) return false;
  const Index file = t.in == Waiting::kPoll ? FileOf(world, t.fd) : t.file;
  if (file == kNil || world.files[file].type != FileType::kEventpoll) {
    return true;
  }
  return !world.eventpolls[world.files[file].object].scanning;
}

void RunThread(World& world, int thread) {
  // Whose pending signals a signalfd shows.
  const bool outer = std::exchange(world.in_scan_thread, thread != 0);
  if (world.threads[thread].in == Waiting::kEpollWait) {
    RunEpollWait(world, thread);
  } else {
    LoopPoll(world, thread, false);
  }
  world.in_scan_thread = outer;
}

bool CanTimeOut(const World& world, int thread) {
  const Thread& t = world.threads[thread];
  if (t.in == Waiting::kNone || t.timed_out) return false;
  if (t.timeout == Timeout::kZero || t.timeout == Timeout::kEndless) {
    return false;
  }
  return !t.runnable || CanRun(world, thread);
}

void FireTimer(World& world, int thread) {
  Thread& t = world.threads[thread];
  t.timed_out = true;
  t.runnable = true;
}

void CancelWait(World& world, int thread) { Return(world, thread, 0); }

bool WakeThread(World& world, Index entry, uint32_t key) {
  Thread& t = world.threads[world.wait_entries[entry].thread];
  if (t.in == Waiting::kPoll) {
    if (key != kNoKey && !(key & t.events)) return false;
    if (world.Has(Quirk::kPollWaiterNotWoken)) return false;
  } else {
    t.first_wait = kNil;
    RemoveWaitEntry(world, entry);
  }
  return !std::exchange(t.runnable, true);
}

void EndWaits(World& world, Index file) {
  for (int t = 0; t <= world.highest_thread; ++t) {
    const Thread& thread = world.threads[t];
    if (thread.in == Waiting::kEpollWait && thread.file == file) {
      Return(world, t, -EBADF);
    }
  }
}

uint64_t HashOfChoices(const World& world) {
  Hasher hash;
  for (const Index file : world.fds) {
    if (file != kNil) hash.AddFile(world, file);
  }
  for (int t = 0; t <= world.highest_thread; ++t) {
    const Thread& thread = world.threads[t];
    hash.Add(uint64_t{thread.runnable} << 32 |
             uint64_t{thread.timed_out} << 24 | uint64_t{thread.blocked} << 16 |
             uint64_t{thread.pending} << 8 | static_cast<uint64_t>(thread.in));
    if (thread.file != kNil) hash.AddFile(world, thread.file);
  }
  return hash.value();
}

void SendSignal(World& world, int thread, UserSignals signal) {
  world.highest_thread = std::max(world.highest_thread, thread);
  Thread& t = world.threads[thread];
  const bool blocked = t.blocked & signal;
  if (!blocked && !(signal & kHandled)) return;  // Kernel: sig_ignored.
  if (t.pending & signal) return;                // Kernel: legacy_queue.
  t.pending |= signal;
  InterruptThread(world);
  if (blocked) return;
  if (t.in == Waiting::kNone) {
    Deliver(t);
  } else {
    t.runnable = true;
  }
}

void SetSignalMask(World& world, int thread, UserSignals mask) {
  world.highest_thread = std::max(world.highest_thread, thread);
  Thread& t = world.threads[thread];
  t.blocked = mask;
  Deliver(t);
}

}  // namespace pollux
