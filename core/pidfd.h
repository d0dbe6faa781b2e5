// pidfd: a process as a file.
//
// The processes of a program wait for their death. Some share all descriptors
// with the program, and some have copies of those that were open when they
// began (fork): they hold the descriptions until they close them or die, and
// make a few calls on them when they are told to.

#ifndef POLLUX_CORE_PIDFD_H_
#define POLLUX_CORE_PIDFD_H_

#include <cstdint>
#include <vector>

#include "core/event.h"
#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Process {
  enum class State : uint8_t { kRuns, kZombie, kReaped };
  State state = State::kRuns;
  Index wait = kNil;   // mirrors pid::wait_pidfd
  uint32_t files = 0;  // pidfds and paths that name it, and its own life

  // Of one with descriptors of its own, as in World.
  bool forked = false;
  std::vector<Index> fds;
  std::vector<bool> close_on_exec;
  uint32_t next_fd = 0;
};

extern const FileOps kPidfdOps;

// Starts a process and opens a pidfd of it (pidfd_open). Returns the
// descriptor or -errno: EAGAIN once there are as many as a program can start.
int PidfdFork(World& world, uint32_t flags);

// The same with a process that has copies of all descriptors. Kernel: dup_fd.
int Fork(World& world, uint32_t flags);

// close(2) and epoll_ctl(2) by a process that has descriptors of its own.
// EBADF: `pidfd` is none; ESRCH: it shares its descriptors, or is dead. Once the
// program has made a signalfd, epoll_ctl is EOPNOTSUPP: it would watch for the
// signals of the child.
int ChildClose(World& world, int pidfd, int fd);
int ChildEpollCtl(World& world, int pidfd, int epfd, int op, int fd,
                  const Event* event);

// Another description of a process. Returns the descriptor or -errno.
int OpenPidfd(World& world, Index process, int flags);

// Drops one of the references that descriptions and paths hold.
void ReleaseProcess(World& world, Index process);

// pidfd_send_signal(2) with SIGKILL, whose effect is not waited for by the
// kernel but by us. Returns 0 or -errno.
int PidfdKill(World& world, int fd);

// waitid(2) with P_PIDFD, WEXITED and WNOHANG. Returns 1 if it has reaped the
// process, 0 if that still runs, or -errno.
int WaitPidfd(World& world, int fd);

}  // namespace pollux

#endif  // POLLUX_CORE_PIDFD_H_
