// Wait queues: who is told when a file changes.
//
// Stands for the kernel's wait_queue_head and wait_queue_entry. An entry on a
// file's queue belongs to an epitem or to a thread in poll(2); one on the queue
// of an epoll's sleepers to a thread in epoll_wait(2). A wake-up walks the queue
// from head to tail and calls PollCallback or WakeThread for each. Ordinary
// entries go to the head (add_wait_queue), exclusive ones to the tail
// (add_wait_queue_exclusive), but sleepers, exclusive too, to the head.
//
//   Index queue = NewWaitQueue(world);
//   AddWaitEntry(world, queue, item, /*exclusive=*/false);
//   WakeUp(world, queue, EPOLLIN | EPOLLRDNORM, 1);

#ifndef POLLUX_CORE_WAIT_QUEUE_H_
#define POLLUX_CORE_WAIT_QUEUE_H_

#include <cstdint>
#include <source_location>
#include <string_view>

#include "core/list.h"

namespace pollux {

struct World;

// One entry (kernel: eppoll_entry, poll_table_entry).
struct WaitEntry {
  Index queue = kNil;
  Index item = kNil;           // the epitem to call, or
  int thread = -1;             // the thread to wake
  Index next_of_owner = kNil;  // mirrors eppoll_entry::next
  Link link = {};
  bool exclusive = false;
};

struct WaitQueue {
  List<WaitEntry, &WaitEntry::link> entries;
};

// A line of the reference that wakes, as a number: what a test counts to say
// which wake-ups it has seen. Functions that wake on behalf of others take
// theirs as a last parameter.
struct WakeSite {
  constexpr WakeSite(std::source_location at = std::source_location::current())
      : id(IdOf(at.file_name(), at.line())) {}

  static constexpr uint32_t IdOf(std::string_view file, uint32_t line) {
    uint32_t hash = 2166136261u ^ line;
    for (char c : file) hash = (hash ^ static_cast<uint8_t>(c)) * 16777619u;
    return hash;
  }

  uint32_t id;
};

// Key 0: a wake-up that does not tell what happened; every entry listens.
inline constexpr uint32_t kNoKey = 0;
// In a key: an io_uring has woken, which outer epolls are told, too. Kernel:
// EPOLL_URING_WAKE.
inline constexpr uint32_t kUringWake = 1u << 27;
// As nr_exclusive: the walk is never cut short (wake_up_all).
inline constexpr int kWakeAll = 0;

Index NewWaitQueue(World& world);
void FreeWaitQueue(World& world, Index queue);

// Each queues an owner and returns the entry.
Index AddWaitEntry(World& world, Index queue, Index item, bool exclusive);
Index AddPollingThread(World& world, Index queue, int thread);
Index AddSleeper(World& world, Index queue, int thread);
void RemoveWaitEntry(World& world, Index entry);
// Forgets all entries of a queue that is going to die, so that their items
// hear nothing more of it.
void DropWaitEntries(World& world, Index queue);

// Calls the entries of `queue` in order, with `key`. Stops after
// `nr_exclusive` exclusive entries whose call succeeded. Kernel: __wake_up.
void WakeUp(World& world, Index queue, uint32_t key, int nr_exclusive,
            WakeSite site = WakeSite());

}  // namespace pollux

#endif  // POLLUX_CORE_WAIT_QUEUE_H_
