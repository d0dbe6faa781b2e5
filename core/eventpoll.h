// eventpoll: interest lists, ready lists, wake-ups and scans.
//
// The heart of the reference. Each function stands for one of fs/eventpoll.c
// and bears its name in our style; rules hold for Linux 6.18 unless a quirk
// says otherwise.
//
//   wake-up ─▶ PollCallback ─▶ ready list ─▶ WakeWatchers (outer epolls)
//   epoll_wait ─▶ StartScan ─▶ SendEvents ─▶ DoneScan
//
// While a scan runs, the ready list is empty, its former content is the scan's
// private batch, and PollCallback puts items on the overflow list instead.

#ifndef POLLUX_CORE_EVENTPOLL_H_
#define POLLUX_CORE_EVENTPOLL_H_

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "core/epitem.h"
#include "core/event.h"
#include "core/file.h"
#include "core/wait_queue.h"

namespace pollux {

using ReadyList = List<Epitem, &Epitem::ready_link>;

struct Eventpoll {
  Index file = kNil;                     // mirrors eventpoll::file
  ReadyList ready;                       // mirrors eventpoll::rdllist
  Index ovflist = kNil;                  // newest first, by ovf_next
  bool scanning = false;                 // ovflist is in use
  Index poll_wait = kNil;                // mirrors eventpoll::poll_wait
  List<Epitem, &Epitem::ep_link> items;  // stands for eventpoll::rbr
  uint64_t busy_poll = 0;                // as EpollParams
  uint32_t check_generation = 0;         // mirrors eventpoll::gen
  int check_depth = 0;                   // mirrors loop_check_depth
};

// An edge-triggered delivery that a wake-up has led to.
struct Edge {
  FileType type = FileType::kEventpoll;  // of the file that woke
  uint32_t wake_site = 0;
};

// A running scan of ep_send_events. Between the calls of a program it is idle,
// unless the program froze it in the middle of a copy.
struct Scan {
  Index ep = kNil;
  ReadyList batch;  // mirrors the local txlist
  EventBuffer buffer;
  Index item = kNil;             // its event is being copied
  uint32_t revents = 0;          // that event's mask, already sampled
  std::vector<Event> delivered;  // what user space has in its buffer
  std::vector<Edge> edges;       // among these, the wake-ups seen as edges
  uint32_t cut = 0;              // the mask of one more whose data faulted
};

// The argument of EPIOCSPARAMS and EPIOCGPARAMS in eight bytes. Kernel: struct
// epoll_params.
struct EpollParams {
  explicit EpollParams(uint64_t bytes)
      : usecs(static_cast<uint32_t>(bytes)),
        budget(static_cast<uint16_t>(bytes >> 32)),
        prefer(static_cast<uint8_t>(bytes >> 48)),
        pad(static_cast<uint8_t>(bytes >> 56)) {}
  uint32_t usecs;
  uint16_t budget;
  uint8_t prefer;
  uint8_t pad;
};
inline constexpr uint32_t kEpiocsparams = 0x40088a01;
inline constexpr uint32_t kEpiocgparams = 0x80088a02;

// --- Mechanisms

// Called by a wake-up of a file that `item` watches. `key`: what happened, or
// kNoKey. Returns whether an exclusive waiter took the wake-up. Kernel:
// ep_poll_callback.
bool PollCallback(World& world, Index item, uint32_t key);

// The part of a file's release that drops the items watching it. Kernel:
// eventpoll_release_file.
void EventpollReleaseFile(World& world, Index file);

// Does the item have EPOLLEXCLUSIVE, and does the kernel know that bit?
bool IsExclusive(const World& world, Index item);

// Drops `item` at once, with whatever it had queued. Kernel: ep_remove.
void Remove(World& world, Index item);

extern const FileOps kEventpollOps;

// The ioctl method of epolls. Kernel: ep_eventpoll_ioctl.
int EventpollIoctl(World& world, Index file, uint32_t request,
                   uint64_t* argument);

// --- System calls: a value >= 0, or -errno

int EpollCreate(World& world, int size);
int EpollCreate1(World& world, int flags);
// `event` null: the pointer could not be read.
int EpollCtl(World& world, int epfd, int op, int fd, const Event* event);
// epoll_wait with timeout 0, or later when its timeout has passed: no thread
// sleeps in the reference. The events are in world.scan.delivered.
int EpollWait(World& world, int epfd, const EventBuffer& buffer);

// Is there the system call epoll_pwait2?
bool HasEpollPwait2(const World& world);

// Like EpollWait, but the copy of event `buffer.freeze_at` does not end.
// Returns 1 if the scan is now frozen there, 0 if it ended before; either way
// Thaw returns what epoll_wait returns. An error returns as itself.
int Freeze(World& world, int epfd, const EventBuffer& buffer);
int Thaw(World& world);

// kcmp(2) of KCMP_EPOLL_TFD within one process: 0 if `fd` names the file of the
// `toff`-th item of `epfd` with number `tfd`, 1 if not, or -errno. Which of
// several comes first is a matter of kernel addresses: any of them will do.
// Kernel: kcmp_epoll_target.
int KcmpEpollTfd(const World& world, int fd, int epfd, int tfd, uint32_t toff);

// The interest list of `epfd`, in no particular order: 0 or -errno.
int Fdinfo(const World& world, int epfd, std::vector<InterestLine>* lines);

}  // namespace pollux

#endif  // POLLUX_CORE_EVENTPOLL_H_
