// A World: everything that the kernel knows about one program, as a value.
//
// Files, wait queues, epolls and items live in flat pools and name each other
// by index. Copying a World forks time. There is no system call, no clock, no
// thread and no pointer inside.
//
//   World world(Profile(), Machine());
//   int fds[2];
//   Pipe2(world, fds, O_NONBLOCK);
//   int epfd = EpollCreate1(world, 0);
//   Event event{EPOLLIN, 7};
//   EpollCtl(world, epfd, EPOLL_CTL_ADD, fds[0], &event);
//   Write(world, fds[1], 3, 0);
//   EpollWait(world, epfd, {.maxevents = 8});  // 1, in world.scan.delivered
//
// The calls are functions in the header of their subject: eventpoll.h, file.h,
// pipe.h, eventfd.h, socket.h.

#ifndef POLLUX_CORE_WORLD_H_
#define POLLUX_CORE_WORLD_H_

#include <vector>

#include "core/epitem_table.h"
#include "core/eventfd.h"
#include "core/eventpoll.h"
#include "core/fifo.h"
#include "core/file.h"
#include "core/inet_socket.h"
#include "core/inotify.h"
#include "core/io_uring.h"
#include "core/machine.h"
#include "core/mqueue.h"
#include "core/pidfd.h"
#include "core/pipe.h"
#include "core/plain_file.h"
#include "core/pool.h"
#include "core/quirks.h"
#include "core/signalfd.h"
#include "core/socket.h"
#include "core/splice.h"
#include "core/still_file.h"
#include "core/timerfd.h"
#include "core/unix_socket.h"
#include "core/wait_arguments.h"
#include "core/wait_queue.h"

namespace pollux {

struct World {
  World() = default;
  World(const Profile& p, const Machine& m) : profile(p), machine(m) {}

  bool Has(Quirk quirk) const { return profile.Has(quirk); }

  // A fresh process: no file is open. Keeps memory, profile and machine.
  void Reset();

  // Bytes held by all pools.
  size_t bytes() const;

  Profile profile;
  Machine machine;

  // The process: which file is behind which descriptor.
  std::vector<Index> fds;
  std::vector<bool> close_on_exec;  // by descriptor; mirrors the fdtable's
  uint32_t next_fd = 0;  // no lower one is free; mirrors files_struct::next_fd

  Pool<File> files;
  std::vector<Index> task_works;  // files; mirrors task_struct::task_works
  Pool<WaitQueue> wait_queues;
  Pool<WaitEntry> wait_entries;

  Pool<Eventpoll> eventpolls;
  Pool<Epitem> epitems;
  EpitemTable epitem_table;
  uint64_t user_watches = 0;  // mirrors user_struct::epoll_watches
  Scan scan;                  // the scan of the running, frozen or last wait
  int frozen_result = 0;      // of a Freeze that did not freeze
  int poll_nests = 0;  // running EventpollPolls; mirrors poll_readywalk_ncalls
  int wake_nests = 0;  // running WakeWatchers; mirrors poll_safewake_ncalls
  uint32_t check_generation = 0;     // mirrors loop_check_gen
  std::vector<Index> checked_files;  // mirrors tfile_check_list

  Pool<Pipe> pipes;
  Pool<PipeBuffer> pipe_buffers;
  std::vector<Fifo> fifos;
  uint32_t fifos_made = 0;  // by Mkfifo
  Pool<Path> paths;
  Pool<Eventfd> eventfds;
  Pool<Timerfd> timerfds;
  Pool<Process> processes;
  uint32_t processes_started = 0;
  uint32_t wake_site = 0;       // of the wake-up that is going on
  bool ticks_by_clock = false;  // the last read gave ticks that a clock counts
  SignalState signals;
  bool in_scan_thread = false;  // it runs the scan that was or is frozen
  Pool<Inotify> inotifies;
  Pool<InotifyEvent> inotify_events;
  Index inotify = kNil;  // the one that is open
  uint32_t inotifies_made = 0;
  std::array<bool, kWatchedFiles> file_exists = {};  // in the folder
  Pool<Mqueue> mqueues;
  uint32_t mqueues_made = 0;
  Pool<IoUring> io_urings;
  Pool<UnixSock> unix_socks;
  Pool<Skb> skbs;
  Scm scm;                        // of the running sendmsg or recvmsg
  std::vector<Index> unix_names;  // who has name 1, 2, ...; kNil: closed
  Pool<InetSock> inet_socks;
  std::vector<Index> inet_names;  // who has address 1, 2, ...; kNil: nobody
  InetBudget inet_budget;         // what the program may still send
};

// Calls `visit` for every pool of `world`.
template <typename WorldT, typename Visit>
void ForEachPool(WorldT& world, Visit visit) {
  visit(world.files);
  visit(world.wait_queues);
  visit(world.wait_entries);
  visit(world.eventpolls);
  visit(world.epitems);
  visit(world.pipes);
  visit(world.pipe_buffers);
  visit(world.eventfds);
  visit(world.paths);
  visit(world.timerfds);
  visit(world.processes);
  visit(world.inotifies);
  visit(world.inotify_events);
  visit(world.mqueues);
  visit(world.io_urings);
  visit(world.unix_socks);
  visit(world.skbs);
  visit(world.inet_socks);
}

}  // namespace pollux

#endif  // POLLUX_CORE_WORLD_H_
