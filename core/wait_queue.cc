// Wait queues: insertion order, exclusive entries, the walk of a wake-up.

#include "core/wait_queue.h"

#include "core/eventpoll.h"
#include "core/world.h"

namespace pollux {

Index NewWaitQueue(World& world) { return world.wait_queues.Allocate(); }

void FreeWaitQueue(World& world, Index queue) { world.wait_queues.Free(queue); }

Index AddWaitEntry(World& world, Index queue, Index item, bool exclusive) {
  Index entry = world.wait_entries.Allocate();
  WaitEntry& e = world.wait_entries[entry];
  e.queue = queue;
  e.item = item;
  e.exclusive = exclusive;
  auto& entries = world.wait_queues[queue].entries;
  const bool last = exclusive && !world.Has(Quirk::kExclusiveAtHead);
  if (last || world.Has(Quirk::kWakeOldestFirst)) {
    entries.PushBack(world.wait_entries, entry);
  } else {
    entries.PushFront(world.wait_entries, entry);
  }
  return entry;
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
    Index* at = &world.epitems[world.wait_entries[entry].item].first_wait;
    while (*at != entry) at = &world.wait_entries[*at].next_of_item;
    *at = world.wait_entries[entry].next_of_item;
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
    bool success = PollCallback(world, e.item, key);
    if (success && e.exclusive && --nr_exclusive == 0) return;
    entry = e.link.next;
  }
}

}  // namespace pollux
