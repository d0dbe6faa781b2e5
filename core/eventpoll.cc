// eventpoll: the wake-up callback, the scan, ADD, MOD, DEL.

#include "core/eventpoll.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include <algorithm>
#include <utility>

#include "core/epoll_topology.h"
#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kErrHup = EPOLLERR | EPOLLHUP;

constexpr int kMaxNests = 4;  // kernel: EP_MAX_NESTS

// Kernel: EPOLLEXCLUSIVE_OK_BITS.
constexpr uint32_t kExclusiveOkBits =
    EPOLLIN | EPOLLOUT | kErrHup | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

// Kernel: EP_MAX_EVENTS; struct epoll_event has 12 bytes on x86-64.
constexpr int kMaxEvents = INT_MAX / 12;

bool IsEpoll(const World& world, Index file) {
  return world.files[file].type == FileType::kEventpoll;
}

// The bits of a mask that are no events: what is left of a disarmed
// EPOLLONESHOT item. To a kernel that does not know one, it is an event that
// never happens. Kernel: EP_PRIVATE_BITS.
uint32_t PrivateBits(const World& world) {
  uint32_t bits = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
  if (world.Has(Quirk::kExclusiveUnknown)) bits &= ~EPOLLEXCLUSIVE;
  if (world.Has(Quirk::kWakeupUnknown)) bits &= ~EPOLLWAKEUP;
  return bits;
}

// --- The table of items

// Kernel: ep_find.
Index Find(const World& world, Index ep, Index file, int fd) {
  Index item = world.epitem_table.First(ep, file);
  for (; item != kNil; item = world.epitems[item].hash_next) {
    const Epitem& it = world.epitems[item];
    if (it.ep != ep || it.file != file) continue;
    if (it.fd == fd || world.Has(Quirk::kKeyIgnoresFd)) return item;
  }
  return kNil;
}

// --- Wake-ups

// Tells outer epolls that something is ready here. Kernel: ep_poll_safewake,
// which once cut wakes within wakes.
void WakeWatchers(World& world, Index ep, uint32_t key = 0) {
  const bool cut = world.wake_nests > kMaxNests;
  if (cut && world.Has(Quirk::kWakeNestingGuard)) return;
  ++world.wake_nests;
  WakeUp(world, world.eventpolls[ep].poll_wait, EPOLLIN | key, 1);
  --world.wake_nests;
}

bool HasSleeper(const World& world, Index ep) {
  const Index wq = world.eventpolls[ep].wq;
  return wq != kNil && !world.wait_queues[wq].entries.empty();
}

// Wakes a thread that sleeps in epoll_wait, if there is one.
void WakeSleeper(World& world, Index ep) {
  if (!HasSleeper(world, ep)) return;
  WakeUp(world, world.eventpolls[ep].wq, kNoKey,
         world.Has(Quirk::kWakeAll) ? kWakeAll : 1);
}

// Appends a ready item, and wakes who waits for that, unless the wake-up is
// `lost`. Kernel: the common end of ep_insert and ep_modify.
void Enqueue(World& world, Index item, bool lost) {
  Index ep = world.epitems[item].ep;
  world.epitems[item].linked = true;
  world.epitems[item].woken_at = 0;
  world.eventpolls[ep].ready.PushBack(world.epitems, item);
  if (!lost) WakeSleeper(world, ep);
  WakeWatchers(world, ep);
}

// --- The scan

void SortByFd(World& world, ReadyList& list) {
  std::vector<std::pair<int, Index>> items;
  for (Index i = list.head; i != kNil; i = ReadyList::Next(world.epitems, i)) {
    items.emplace_back(world.epitems[i].fd, i);
  }
  std::sort(items.begin(), items.end());
  list = {};
  for (auto [fd, item] : items) list.PushBack(world.epitems, item);
}

// Steals the ready list. Kernel: ep_start_scan.
ReadyList StartScan(World& world, Index ep) {
  Eventpoll& e = world.eventpolls[ep];
  ReadyList batch = e.ready;
  e.ready = {};
  e.scanning = true;
  if (world.Has(Quirk::kReadySortedByFd)) SortByFd(world, batch);
  return batch;
}

// Moves what arrived during the scan to the front of the ready list, oldest
// first. Items that level-triggered delivery has queued since keep that place.
void SpliceOvflist(World& world, Eventpoll& e) {
  Index item = e.ovflist;
  e.ovflist = kNil;
  while (item != kNil) {
    Epitem& it = world.epitems[item];
    it.on_ovflist = false;
    if (!it.linked) {
      it.linked = true;
      if (world.Has(Quirk::kOvflistLifo)) {
        e.ready.PushBack(world.epitems, item);
      } else {
        e.ready.PushFront(world.epitems, item);
      }
    }
    item = it.ovf_next;
  }
}

// Does a scan that leaves something ready wake the next sleeper?
bool WakesNext(const World& world, const Eventpoll& e) {
  if (e.ready.empty() || world.Has(Quirk::kNoRewakeAfterScan)) return false;
  return e.ready.head != e.ready.tail || !world.Has(Quirk::kWakeOneTooFew);
}

// Puts the rest of the batch in front of all that came since. Kernel:
// ep_done_scan.
void DoneScan(World& world, Index ep, ReadyList batch) {
  Eventpoll& e = world.eventpolls[ep];
  SpliceOvflist(world, e);
  e.scanning = false;
  if (world.Has(Quirk::kLeftoverLast)) std::swap(e.ready, batch);
  e.ready.SpliceFront(world.epitems, batch);
  if (WakesNext(world, e)) WakeSleeper(world, ep);
  if (!e.ready.empty() && world.Has(Quirk::kHarvestWakesWatchers)) {
    WakeWatchers(world, ep);
  }
}

Index PopFront(World& world, ReadyList& batch) {
  Index item = batch.head;
  batch.Remove(world.epitems, item);
  world.epitems[item].linked = false;
  return item;
}

// The events of `item`'s file that its mask asks for. Kernel: ep_item_poll.
uint32_t ItemPoll(World& world, Index item, bool register_waiter) {
  const Epitem& it = world.epitems[item];
  const uint32_t mask = it.events;
  PollTable table{.key = mask, .item = register_waiter ? item : kNil};
  return VfsPoll(world, it.file, table) & mask;
}

// What follows the copy of an event: disarm, forget or queue again.
void AfterDelivery(World& world, Index item) {
  Epitem& it = world.epitems[item];
  if ((it.events & EPOLLONESHOT) && !world.Has(Quirk::kOneshotNotDisarmed)) {
    it.events &=
        PrivateBits(world) | (world.Has(Quirk::kOneshotHearsHup) ? kErrHup : 0);
    return;
  }
  if ((it.events & EPOLLET) && it.woken_at != 0) {
    world.scan.edges.push_back({world.files[it.file].type, it.woken_at});
  }
  bool requeue = !(it.events & EPOLLET) || world.Has(Quirk::kEdgeAsLevel);
  if (requeue && world.Has(Quirk::kLevelNotRequeued)) return;
  if (!requeue && world.Has(Quirk::kEdgeDeliveredTwice)) {
    requeue = it.edge_again = !it.edge_again;
  }
  if (!requeue) return;
  it.linked = true;
  world.eventpolls[it.ep].ready.PushBack(world.epitems, item);
}

// Copies the sampled event of scan.item to user space. On a fault the item
// goes back to the head of the batch. Kernel: epoll_put_uevent.
bool PutEvent(World& world, Scan& scan) {
  if (scan.delivered.size() >= scan.buffer.writable) {
    if (world.Has(Quirk::kFaultLosesEvent)) return false;
    world.epitems[scan.item].linked = true;
    scan.batch.PushFront(world.epitems, scan.item);
    return false;
  }
  scan.delivered.push_back({scan.revents, world.epitems[scan.item].data});
  AfterDelivery(world, scan.item);
  return true;
}

enum class ScanEnd { kDone, kFault, kFrozen };

// Delivers until the batch or the buffer ends. Kernel: ep_send_events.
ScanEnd SendEvents(World& world, Scan& scan) {
  while (!scan.batch.empty() &&
         scan.delivered.size() < static_cast<size_t>(scan.buffer.maxevents)) {
    scan.item = PopFront(world, scan.batch);
    scan.revents = ItemPoll(world, scan.item, false);
    if (scan.revents == 0) continue;
    if (scan.delivered.size() == scan.buffer.freeze_at) return ScanEnd::kFrozen;
    if (!PutEvent(world, scan)) return ScanEnd::kFault;
  }
  return ScanEnd::kDone;
}

int FinishScan(World& world, Scan& scan, ScanEnd end) {
  DoneScan(world, scan.ep, scan.batch);
  scan.ep = kNil;
  const bool told =
      !scan.delivered.empty() && !world.Has(Quirk::kFaultHidesDelivered);
  if (end == ScanEnd::kFault && !told) return -EFAULT;
  return static_cast<int>(scan.delivered.size());
}

// --- The file methods of an epoll

// Readable if an item is really ready. Items found not ready on the way are
// unlinked: polling an epoll changes the order of later events. Kernel:
// __ep_eventpoll_poll.
uint32_t EventpollPoll(World& world, Index file, PollTable& table) {
  Index ep = world.files[file].object;
  PollWait(world, world.eventpolls[ep].poll_wait, table);
  const bool too_deep = world.poll_nests > kMaxNests;
  if (too_deep && world.Has(Quirk::kPollNestingGuard)) return 0;
  ++world.poll_nests;
  world.stuck |= world.eventpolls[ep].scanning;
  ReadyList batch = StartScan(world, ep);
  uint32_t mask = 0;
  Index item = batch.head;
  while (item != kNil && mask == 0) {
    Index next = ReadyList::Next(world.epitems, item);
    const bool ready = ItemPoll(world, item, false) != 0;
    const bool consumed = (world.epitems[item].events & EPOLLET) &&
                          world.Has(Quirk::kPollConsumesEdge);
    if (ready) mask = EPOLLIN | EPOLLRDNORM;
    if (ready ? consumed : !world.Has(Quirk::kPollKeepsStale)) {
      batch.Remove(world.epitems, item);
      world.epitems[item].linked = false;
    }
    item = next;
  }
  DoneScan(world, ep, batch);
  --world.poll_nests;
  return mask;
}

// Kernel: ep_clear_and_put. Nobody watches it any more at this point.
void EventpollRelease(World& world, Index file) {
  Index ep = world.files[file].object;
  Eventpoll& e = world.eventpolls[ep];
  while (!e.items.empty()) Remove(world, e.items.head);
  FreeWaitQueue(world, e.poll_wait);
  if (e.wq != kNil) FreeWaitQueue(world, e.wq);
  world.eventpolls.Free(ep);
}

// --- ADD and MOD

// Kernel: ep_insert.
int Insert(World& world, Index ep, const Event& event, Index file, int fd,
           bool full_check) {
  if (world.user_watches >= world.machine.max_user_watches) return -ENOSPC;
  Index item = world.epitems.Allocate();
  Epitem& it = world.epitems[item];
  it.file = file;
  it.fd = fd;
  it.ep = ep;
  it.events = event.events;
  it.data = event.data;
  world.files[file].watchers.PushFront(world.epitems, item);
  world.eventpolls[ep].items.PushBack(world.epitems, item);
  world.epitem_table.Insert(world.epitems, item);
  ++world.user_watches;

  if (full_check && !ReversePathCheck(world, file)) {
    Remove(world, item);
    return -EINVAL;
  }
  bool ready = ItemPoll(world, item, true) != 0;
  if (ready && !world.epitems[item].linked &&
      !world.Has(Quirk::kAddDoesNotPoll)) {
    Enqueue(world, item, world.Has(Quirk::kLostWakeupOnAdd));
  }
  return 0;
}

// Kernel: ep_modify.
int Modify(World& world, Index item, const Event& event) {
  Epitem& it = world.epitems[item];
  if (!world.Has(Quirk::kModKeepsOldMask)) it.events = event.events;
  if (!world.Has(Quirk::kModKeepsOldData)) it.data = event.data;
  bool ready = ItemPoll(world, item, false) != 0;
  if (ready && !world.epitems[item].linked &&
      !world.Has(Quirk::kModDoesNotPoll)) {
    Enqueue(world, item, world.Has(Quirk::kLostWakeupOnMod));
  }
  return 0;
}

bool OpHasEvent(int op) { return op != EPOLL_CTL_DEL; }

// May `op` be tried with EPOLLEXCLUSIVE in its mask?
bool ExclusiveAllowed(const World& world, int op, Index file, uint32_t events) {
  if (op == EPOLL_CTL_MOD) return world.Has(Quirk::kExclusiveInMod);
  if (op != EPOLL_CTL_ADD || world.Has(Quirk::kExclusiveUnchecked)) return true;
  return !IsEpoll(world, file) && !(events & ~kExclusiveOkBits);
}

// Looks the item up and does `op`. Kernel: the switch of do_epoll_ctl.
int Apply(World& world, Index ep, int op, Index file, int fd, Event event,
          bool full_check) {
  Index item = Find(world, ep, file, fd);
  if (!world.Has(Quirk::kHupMaskable)) event.events |= kErrHup;
  switch (op) {
    case EPOLL_CTL_ADD:
      if (item != kNil) return -EEXIST;
      return Insert(world, ep, event, file, fd, full_check);
    case EPOLL_CTL_DEL:
      if (item == kNil) return -ENOENT;
      Remove(world, item);
      return 0;
    case EPOLL_CTL_MOD:
      if (item == kNil) return -ENOENT;
      if (IsExclusive(world, item)) return -EINVAL;
      return Modify(world, item, event);
    default:
      return -EINVAL;
  }
}

ScanEnd BeginScan(World& world, Index ep, Scan& scan) {
  scan.ep = ep;
  scan.delivered.clear();
  scan.edges.clear();
  if (world.Has(Quirk::kTimerfdPeriodEdges)) RepeatPeriodicEdges(world);
  scan.batch = StartScan(world, ep);
  return SendEvents(world, scan);
}

// Checks, then the world's own scan begins.
int BeginWait(World& world, int epfd, const EventBuffer& buffer, ScanEnd* end) {
  Index file;
  if (int error = CheckWait(world, epfd, buffer, &file)) return error;
  world.scan.buffer = buffer;
  *end = BeginScan(world, world.files[file].object, world.scan);
  return 0;
}

// Wakes a sleeper of `item`'s epoll. Returns whether an exclusive item has then
// taken the wake-up: if somebody slept, and the key has one of IN and OUT that
// the item asks for, or neither.
bool WakeForItem(World& world, const Epitem& item, uint32_t key) {
  if (!HasSleeper(world, item.ep)) return world.Has(Quirk::kExclusiveStarves);
  const uint32_t direction = key & (EPOLLIN | EPOLLOUT);
  const bool both = direction == (EPOLLIN | EPOLLOUT);
  const bool taken = !both && (direction & ~item.events) == 0;
  WakeSleeper(world, item.ep);
  return taken;
}

// While it lives, what runs is not the program's thread.
class ScanThread {
 public:
  explicit ScanThread(World& world) : world_(world) {
    world.in_scan_thread = true;
  }
  ~ScanThread() { world_.in_scan_thread = false; }
  ScanThread(const ScanThread&) = delete;
  ScanThread& operator=(const ScanThread&) = delete;

 private:
  World& world_;
};

}  // namespace

const FileOps kEventpollOps = {
    .name = "[eventpoll]",
    .poll = EventpollPoll,
    .release = EventpollRelease,
    .poll_changes = [](const World&, Index) { return true; },
    .seeks = true,
    .unknown_ioctl =
        [](const World& world, Index) {
          return world.Has(Quirk::kEpollIoctlNotty) ? -ENOTTY : -EINVAL;
        },
};

bool IsExclusive(const World& world, Index item) {
  return world.epitems[item].events & PrivateBits(world) & EPOLLEXCLUSIVE;
}

bool PollCallback(World& world, Index item, uint32_t key) {
  Epitem& it = world.epitems[item];
  // Disarmed by EPOLLONESHOT.
  if ((it.events & ~PrivateBits(world)) == 0) return false;
  if (key != kNoKey && !(key & it.events)) return false;
  const Index ep = it.ep;
  Eventpoll& e = world.eventpolls[ep];
  if (e.scanning) {
    if (!it.on_ovflist && !world.Has(Quirk::kOvflistLost)) {
      it.on_ovflist = true;
      it.woken_at = world.wake_site;
      it.ovf_next = e.ovflist;
      e.ovflist = item;
    }
    if (world.Has(Quirk::kScanWakesNobody)) return false;
  } else if (!it.linked) {
    it.linked = true;
    it.woken_at = world.wake_site;
    e.ready.PushBack(world.epitems, item);
  }
  const bool taken = WakeForItem(world, it, key);
  if (!world.Has(Quirk::kNestedNotWoken)) {
    WakeWatchers(world, ep, key & kUringWake);
  }
  return !IsExclusive(world, item) || taken;
}

void Remove(World& world, Index item) {
  Epitem& it = world.epitems[item];
  for (Index entry = it.first_wait; entry != kNil;) {
    Index next = world.wait_entries[entry].next_of_owner;
    RemoveWaitEntry(world, entry);
    entry = next;
  }
  Eventpoll& e = world.eventpolls[it.ep];
  world.stuck |= e.scanning;
  if (it.linked) e.ready.Remove(world.epitems, item);
  world.files[it.file].watchers.Remove(world.epitems, item);
  e.items.Remove(world.epitems, item);
  world.epitem_table.Erase(world.epitems, item);
  world.epitems.Free(item);
  --world.user_watches;
}

void EventpollReleaseFile(World& world, Index file) {
  auto& watchers = world.files[file].watchers;
  while (!watchers.empty()) Remove(world, watchers.head);
}

int EpollCreate(World& world, int size) {
  return size <= 0 ? -EINVAL : EpollCreate1(world, 0);
}

int EpollCreate1(World& world, int flags) {
  if (flags & ~EPOLL_CLOEXEC) return -EINVAL;
  Index ep = world.eventpolls.Allocate();
  world.eventpolls[ep].poll_wait = NewWaitQueue(world);
  Index file = NewFile(world, FileType::kEventpoll, O_RDWR, ep);
  world.eventpolls[ep].file = file;
  return InstallFd(world, file);
}

// Kernel: file_can_poll.
static bool CanWatch(const World& world, Index file) {
  return OpsOf(world.files[file].type).poll != nullptr ||
         world.Has(Quirk::kPlainFilesWatched);
}

int EpollCtl(World& world, int epfd, int op, int fd, const Event* user_event) {
  if (OpHasEvent(op) && user_event == nullptr) return -EFAULT;
  Event event = user_event != nullptr ? *user_event : Event{};
  Index epoll_file = FileOf(world, epfd);
  if (epoll_file == kNil) return -EBADF;
  Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (!CanWatch(world, file)) return -EPERM;
  if (!world.machine.keeps_epollwakeup) {
    event.events &= ~(EPOLLWAKEUP & PrivateBits(world));
  }
  if (epoll_file == file || !IsEpoll(world, epoll_file)) return -EINVAL;
  if (OpHasEvent(op) && (event.events & PrivateBits(world) & EPOLLEXCLUSIVE) &&
      !ExclusiveAllowed(world, op, file, event.events)) {
    return -EINVAL;
  }
  const Index ep = world.files[epoll_file].object;
  bool full_check = false;
  if (op == EPOLL_CTL_ADD) {
    full_check =
        IsEpoll(world, file) || !world.files[epoll_file].watchers.empty();
    if (IsEpoll(world, file) &&
        !LoopCheck(world, ep, world.files[file].object)) {
      return -ELOOP;
    }
  }
  return Apply(world, ep, op, file, fd, event, full_check);
}

bool HasEpollPwait2(const World& world) {
  return !world.Has(Quirk::kNoEpollPwait2);
}

int CheckWait(const World& world, int epfd, const EventBuffer& buffer,
              Index* file) {
  *file = FileOf(world, epfd);
  bool bad_size = buffer.maxevents <= 0 || buffer.maxevents > kMaxEvents;
  if (world.Has(Quirk::kWaitChecksSizeFirst)) {
    if (bad_size) return -EINVAL;
    if (!buffer.in_user_space) return -EFAULT;
  }
  if (*file == kNil) return -EBADF;
  if (bad_size) return -EINVAL;
  if (!buffer.in_user_space) return -EFAULT;
  return IsEpoll(world, *file) ? 0 : -EINVAL;
}

int Harvest(World& world, Index ep, Scan& scan) {
  const ScanEnd end = BeginScan(world, ep, scan);
  return FinishScan(world, scan, end);
}

int EpollWait(World& world, int epfd, const EventBuffer& buffer) {
  ScanEnd end;
  if (int error = BeginWait(world, epfd, buffer, &end)) return error;
  return FinishScan(world, world.scan, end);
}

int Freeze(World& world, int epfd, const EventBuffer& buffer) {
  const ScanThread scan_thread(world);
  ScanEnd end;
  world.frozen_result = BeginWait(world, epfd, buffer, &end);
  if (world.frozen_result < 0) return 0;
  if (end == ScanEnd::kFrozen) return 1;
  world.frozen_result = FinishScan(world, world.scan, end);
  return 0;
}

int Thaw(World& world) {
  const ScanThread scan_thread(world);
  Scan& scan = world.scan;
  if (scan.ep == kNil) return world.frozen_result;
  scan.buffer.freeze_at = ~0u;
  ScanEnd end =
      PutEvent(world, scan) ? SendEvents(world, scan) : ScanEnd::kFault;
  return FinishScan(world, scan, end);
}

int Fdinfo(const World& world, int epfd, std::vector<InterestLine>* lines) {
  lines->clear();
  Index file = FileOf(world, epfd);
  if (file == kNil) return -EBADF;
  if (!IsEpoll(world, file)) return -EINVAL;
  if (world.Has(Quirk::kNoEpollFdinfo)) return 0;
  const Eventpoll& e = world.eventpolls[world.files[file].object];
  for (Index i = e.items.head; i != kNil; i = world.epitems[i].ep_link.next) {
    const Epitem& it = world.epitems[i];
    lines->push_back({it.fd, it.events, it.data});
  }
  return 0;
}

}  // namespace pollux
