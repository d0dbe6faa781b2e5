// Wait queues: who is told when a file changes.
//
// Stands for the kernel's wait_queue_head and wait_queue_entry. An entry on a
// file's queue belongs to an epitem; a wake-up walks the queue from head to
// tail and calls PollCallback for each. Ordinary entries go to the head
// (add_wait_queue), exclusive ones to the tail (add_wait_queue_exclusive).
//
//   Index queue = NewWaitQueue(world);
//   AddWaitEntry(world, queue, item, /*exclusive=*/false);
//   WakeUp(world, queue, EPOLLIN | EPOLLRDNORM, 1);

#ifndef POLLUX_CORE_WAIT_QUEUE_H_
#define POLLUX_CORE_WAIT_QUEUE_H_

#include <cstdint>

#include "core/list.h"

namespace pollux {

struct World;

// One entry (kernel: eppoll_entry).
struct WaitEntry {
  Index queue = kNil;
  Index item = kNil;          // the epitem to call
  Index next_of_item = kNil;  // mirrors eppoll_entry::next
  Link link;
  bool exclusive = false;
};

struct WaitQueue {
  List<WaitEntry, &WaitEntry::link> entries;
};

// Key 0: a wake-up that does not tell what happened; every entry listens.
inline constexpr uint32_t kNoKey = 0;
// As nr_exclusive: the walk is never cut short (wake_up_all).
inline constexpr int kWakeAll = 0;

Index NewWaitQueue(World& world);
void FreeWaitQueue(World& world, Index queue);

// Queues `item` and returns the entry.
Index AddWaitEntry(World& world, Index queue, Index item, bool exclusive);
void RemoveWaitEntry(World& world, Index entry);
// Forgets all entries of a queue that is going to die, so that their items
// hear nothing more of it.
void DropWaitEntries(World& world, Index queue);

// Calls the entries of `queue` in order, with `key`. Stops after
// `nr_exclusive` exclusive entries whose call succeeded. Kernel: __wake_up.
void WakeUp(World& world, Index queue, uint32_t key, int nr_exclusive);

}  // namespace pollux

#endif  // POLLUX_CORE_WAIT_QUEUE_H_
