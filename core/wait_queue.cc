// Wait queues: insertion order, exclusive entries, the walk of a wake-up.

#include "core/wait_queue.h"

#include "core/eventpoll.h"
#include "core/thread.h"
#include "core/world.h"

namespace pollux {

Index NewWaitQueue(World& world) { return world.wait_queues.Allocate(); }

void FreeWaitQueue(World& world, Index queue) { world.wait_queues.Free(queue); }

namespace {

Index Insert(World& world, const WaitEntry& value, bool at_tail) {
  const Index entry = world.wait_entries.Allocate();
  world.wait_entries[entry] = value;
  auto& entries = world.wait_queues[value.queue].entries;
  if (at_tail) {
    entries.PushBack(world.wait_entries, entry);
  } else {
    entries.PushFront(world.wait_entries, entry);
  }
  return entry;
}

}  // namespace

Index AddWaitEntry(World& world, Index queue, Index item, bool exclusive) {
  const bool at_tail = exclusive || world.Has(Quirk::kWakeOldestFirst);
  return Insert(world, {.queue = queue, .item = item, .exclusive = exclusive},
                at_tail);
}

Index AddPollingThread(World& world, Index queue, int thread) {
  return Insert(world, {.queue = queue, .thread = thread}, false);
}

Index AddSleeper(World& world, Index queue, int thread) {
  return Insert(world, {.queue = queue, .thread = thread, .exclusive = true},
                world.Has(Quirk::kSleepersFifo));
}

void RemoveWaitEntry(World& world, Index entry) {
  Index queue = world.wait_entries[entry].queue;
  world.wait_queues[queue].entries.Remove(world.wait_entries, entry);
  world.wait_entries.Free(entry);
}

void DropWaitEntries(World& world, Index queue) {
  auto& entries = world.wait_queues[queue].entries;
  while (!entries.empty()) {
    const Index entry = entries.head;
    const WaitEntry& e = world.wait_entries[entry];
    Index* at = e.item != kNil ? &world.epitems[e.item].first_wait
                               : &world.threads[e.thread].first_wait;
    while (*at != entry) at = &world.wait_entries[*at].next_of_owner;
    *at = e.next_of_owner;
    RemoveWaitEntry(world, entry);
  }
}

void WakeUp(World& world, Index queue, uint32_t key, int nr_exclusive,
            WakeSite site) {
  Index entry = world.wait_queues[queue].entries.head;
  while (entry != kNil) {
    // Read first: an index stays good, a reference need not.
    const WaitEntry e = world.wait_entries[entry];
    world.wake_site = site.id;  // which the wake-up of an outer epoll changes
    const bool success = e.item != kNil ? PollCallback(world, e.item, key)
                                        : WakeThread(world, entry, key);
    if (success && e.exclusive && --nr_exclusive == 0) return;
    entry = e.link.next;
  }
}

}  // namespace pollux
