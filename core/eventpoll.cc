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

// The bits that mean something, to epoll or to a file.
constexpr uint32_t kKnownBits =
    EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE | kErrHup | EPOLLIN |
    EPOLLPRI | EPOLLOUT | EPOLLRDNORM | EPOLLRDBAND | EPOLLWRNORM |
    EPOLLWRBAND | EPOLLMSG | EPOLLRDHUP;

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

// Some item that was added as `fd`, or kNil.
Index FindNumber(const World& world, Index ep, int fd) {
  Index item = world.eventpolls[ep].items.head;
  while (item != kNil && world.epitems[item].fd != fd) {
    item = world.epitems[item].ep_link.next;
  }
  return item;
}

// Kernel: ep_find.
Index Find(const World& world, Index ep, Index file, int fd) {
  if (world.Has(Quirk::kKeyIgnoresFile)) return FindNumber(world, ep, fd);
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
  const uint32_t rdnorm = world.Has(Quirk::kNestedKeyRdnorm) ? EPOLLRDNORM : 0u;
  ++world.wake_nests;
  WakeUp(world, world.eventpolls[ep].poll_wait, EPOLLIN | rdnorm | key, 1);
  --world.wake_nests;
}

void MoveToTail(World& world, Index item) {
  ReadyList& ready = world.eventpolls[world.epitems[item].ep].ready;
  ready.Remove(world.epitems, item);
  ready.PushBack(world.epitems, item);
}

// Appends a ready item, and wakes who waits for that, unless the epoll is one
// with the quirk `silent`. Kernel: the common end of ep_insert and ep_modify.
void Enqueue(World& world, Index item, Quirk silent) {
  Index ep = world.epitems[item].ep;
  world.epitems[item].linked = true;
  world.epitems[item].woken_at = 0;
  world.eventpolls[ep].ready.PushBack(world.epitems, item);
  if (!world.Has(silent)) WakeWatchers(world, ep);
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

// Puts the rest of the batch in front of all that came since. Kernel:
// ep_done_scan.
void DoneScan(World& world, Index ep, ReadyList batch) {
  Eventpoll& e = world.eventpolls[ep];
  SpliceOvflist(world, e);
  e.scanning = false;
  if (world.Has(Quirk::kLeftoverLast)) std::swap(e.ready, batch);
  e.ready.SpliceFront(world.epitems, batch);
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

// The copy of scan.item's event has faulted: it goes back to the head of the
// batch.
void PutBack(World& world, Scan& scan) {
  Epitem& it = world.epitems[scan.item];
  if ((it.events & EPOLLONESHOT) && world.Has(Quirk::kFaultDisarmsOneshot)) {
    it.events &= PrivateBits(world);
  }
  if (world.Has(Quirk::kFaultLosesEvent)) return;
  it.linked = true;
  if (world.Has(Quirk::kFaultMovesToTail)) {
    world.eventpolls[it.ep].ready.PushBack(world.epitems, scan.item);
  } else {
    scan.batch.PushFront(world.epitems, scan.item);
  }
}

// Copies the sampled event of scan.item to user space: first its mask, then its
// data. Kernel: epoll_put_uevent.
bool PutEvent(World& world, Scan& scan) {
  if (scan.delivered.size() >= scan.buffer.writable) {
    const bool cut = scan.buffer.cut && !world.Has(Quirk::kCutEventUnwritten);
    if (cut) scan.cut = scan.revents;
    PutBack(world, scan);
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

int FinishScan(World& world, ScanEnd end) {
  Scan& scan = world.scan;
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
  const uint32_t readable =
      world.Has(Quirk::kEpollNoRdnorm) ? EPOLLIN : EPOLLIN | EPOLLRDNORM;
  ReadyList batch = StartScan(world, ep);
  uint32_t mask = 0;
  Index item = batch.head;
  while (item != kNil && mask == 0) {
    Index next = ReadyList::Next(world.epitems, item);
    const bool ready = ItemPoll(world, item, false) != 0;
    const bool consumed = (world.epitems[item].events & EPOLLET) &&
                          world.Has(Quirk::kPollConsumesEdge);
    if (ready) mask = readable;
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
  world.eventpolls.Free(ep);
}

// --- ADD and MOD

// Items that were added as `fd` when that was another file.
void DropGhosts(World& world, Index ep, Index file, int fd) {
  Index next;
  for (Index i = world.eventpolls[ep].items.head; i != kNil; i = next) {
    next = world.epitems[i].ep_link.next;
    if (world.epitems[i].fd == fd && world.epitems[i].file != file) {
      Remove(world, i);
    }
  }
}

// Kernel: ep_insert.
int Insert(World& world, Index ep, const Event& event, Index file, int fd,
           bool full_check) {
  if (world.user_watches >= world.machine.max_user_watches) return -ENOSPC;
  if (world.Has(Quirk::kAddDropsGhosts)) DropGhosts(world, ep, file, fd);
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
  if (event.events & EPOLLET && world.Has(Quirk::kEdgeNotAtAdd)) ready = false;
  if (ready && !world.epitems[item].linked &&
      !world.Has(Quirk::kAddDoesNotPoll)) {
    Enqueue(world, item, Quirk::kAddSilent);
  }
  return 0;
}

// Kernel: ep_modify.
int Modify(World& world, Index item, const Event& event) {
  Epitem& it = world.epitems[item];
  const bool disarmed = (it.events & ~PrivateBits(world)) == 0;
  if (!world.Has(Quirk::kModKeepsOldMask)) it.events = event.events;
  if (!world.Has(Quirk::kModKeepsOldData)) it.data = event.data;
  if (disarmed && world.Has(Quirk::kModKeepsDisarmed)) {
    it.events &= PrivateBits(world);
  }
  if (ItemPoll(world, item, false) == 0) return 0;
  if (it.linked) {
    if (world.Has(Quirk::kModMovesToTail)) MoveToTail(world, item);
    if (world.Has(Quirk::kModOfQueuedWakes)) WakeWatchers(world, it.ep);
  } else if (!world.Has(Quirk::kModDoesNotPoll)) {
    Enqueue(world, item, Quirk::kModSilent);
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
      if (IsExclusive(world, item) && !world.Has(Quirk::kExclusiveModifiable)) {
        return -EINVAL;
      }
      return Modify(world, item, event);
    default:
      return -EINVAL;
  }
}

// The checks of epoll_wait's arguments, then the scan. Kernel: do_epoll_wait,
// ep_poll.
int BeginWait(World& world, int epfd, const EventBuffer& buffer, ScanEnd* end) {
  world.scan.cut = 0;
  Index file = FileOf(world, epfd);
  const bool too_many =
      buffer.maxevents > kMaxEvents && !world.Has(Quirk::kMaxeventsUnlimited);
  const bool bad_size = buffer.maxevents <= 0 || too_many;
  if (world.Has(Quirk::kWaitChecksSizeFirst)) {
    if (bad_size) return -EINVAL;
    if (!buffer.in_user_space) return -EFAULT;
  }
  if (file == kNil) return -EBADF;
  if (bad_size) return -EINVAL;
  if (!buffer.in_user_space) return -EFAULT;
  if (!IsEpoll(world, file)) return -EINVAL;
  if (world.Has(Quirk::kTimerfdPeriodEdges)) RepeatPeriodicEdges(world);
  Scan& scan = world.scan;
  scan.ep = world.files[file].object;
  scan.buffer = buffer;
  scan.delivered.clear();
  scan.edges.clear();
  scan.batch = StartScan(world, scan.ep);
  *end = SendEvents(world, scan);
  return 0;
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
    .ioctl = EventpollIoctl,
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
  } else if (world.Has(Quirk::kWakeMovesToTail)) {
    MoveToTail(world, item);
  }
  if (!world.Has(Quirk::kNestedNotWoken)) {
    WakeWatchers(world, ep, key & kUringWake);
  }
  // An exclusive item takes a wake-up only for a thread that sleeps in
  // epoll_wait; none does here.
  return !IsExclusive(world, item);
}

void Remove(World& world, Index item) {
  Epitem& it = world.epitems[item];
  for (Index entry = it.first_wait; entry != kNil;) {
    Index next = world.wait_entries[entry].next_of_item;
    RemoveWaitEntry(world, entry);
    entry = next;
  }
  Eventpoll& e = world.eventpolls[it.ep];
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
  const int least = world.Has(Quirk::kCreateSizeZero) ? 0 : 1;
  return size < least ? -EINVAL : EpollCreate1(world, 0);
}

int EpollCreate1(World& world, int flags) {
  const int more = world.Has(Quirk::kCreate1Nonblock) ? O_NONBLOCK : 0;
  if (flags & ~(EPOLL_CLOEXEC | more)) return -EINVAL;
  Index ep = world.eventpolls.Allocate();
  world.eventpolls[ep].poll_wait = NewWaitQueue(world);
  Index file = NewFile(world, FileType::kEventpoll, O_RDWR, ep);
  world.eventpolls[ep].file = file;
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

// Kernel: file_can_poll.
static bool CanWatch(const World& world, Index file) {
  return OpsOf(world.files[file].type).poll != nullptr ||
         world.Has(Quirk::kPlainFilesWatched);
}

// What epolls that check in another order than Linux find first: 0 or -errno.
static int CheckedFirst(const World& world, int epfd, int op, int fd,
                        const Event* event) {
  const bool known =
      op == EPOLL_CTL_ADD || op == EPOLL_CTL_MOD || op == EPOLL_CTL_DEL;
  if (!known && world.Has(Quirk::kCtlUnknownOpFirst)) return -EINVAL;
  const Index epoll_file = FileOf(world, epfd);
  const bool closed = epoll_file == kNil || FileOf(world, fd) == kNil;
  if (closed && world.Has(Quirk::kCtlBadFdFirst)) return -EBADF;
  if (!closed && !IsEpoll(world, epoll_file) &&
      world.Has(Quirk::kCtlNotEpollFirst)) {
    return -EINVAL;
  }
  const bool faults = op == EPOLL_CTL_DEL && event == nullptr;
  return faults && world.Has(Quirk::kDelReadsEvent) ? -EFAULT : 0;
}

int EpollCtl(World& world, int epfd, int op, int fd, const Event* user_event) {
  if (int error = CheckedFirst(world, epfd, op, fd, user_event)) return error;
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
  const Index ep = world.files[epoll_file].object;
  if (op == EPOLL_CTL_ADD && world.Has(Quirk::kExistsFirst) &&
      Find(world, ep, file, fd) != kNil) {
    return -EEXIST;
  }
  if (OpHasEvent(op) && (event.events & PrivateBits(world) & EPOLLEXCLUSIVE) &&
      !ExclusiveAllowed(world, op, file, event.events)) {
    return -EINVAL;
  }
  if (OpHasEvent(op) && (event.events & ~kKnownBits) &&
      world.Has(Quirk::kUnknownBitsRefused)) {
    return -EINVAL;
  }
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

int EpollWait(World& world, int epfd, const EventBuffer& buffer) {
  ScanEnd end;
  if (int error = BeginWait(world, epfd, buffer, &end)) return error;
  return FinishScan(world, end);
}

int Freeze(World& world, int epfd, const EventBuffer& buffer) {
  const ScanThread scan_thread(world);
  ScanEnd end;
  world.frozen_result = BeginWait(world, epfd, buffer, &end);
  if (world.frozen_result < 0) return 0;
  if (end == ScanEnd::kFrozen) return 1;
  world.frozen_result = FinishScan(world, end);
  return 0;
}

int Thaw(World& world) {
  const ScanThread scan_thread(world);
  Scan& scan = world.scan;
  if (scan.ep == kNil) return world.frozen_result;
  scan.buffer.freeze_at = ~0u;
  ScanEnd end =
      PutEvent(world, scan) ? SendEvents(world, scan) : ScanEnd::kFault;
  return FinishScan(world, end);
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
