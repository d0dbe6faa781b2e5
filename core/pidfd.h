// pidfd: a process as a file.
//
// The processes of a program do nothing but wait for their death.

#ifndef POLLUX_CORE_PIDFD_H_
#define POLLUX_CORE_PIDFD_H_

#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Process {
  enum class State : uint8_t { kRuns, kZombie, kReaped };
  State state = State::kRuns;
  Index wait = kNil;  // mirrors pid::wait_pidfd
  uint32_t files = 0;
};

extern const FileOps kPidfdOps;

// Starts a process and opens a pidfd of it (pidfd_open). Returns the
// descriptor or -errno: EAGAIN once there are as many as a program can start.
int PidfdFork(World& world, uint32_t flags);

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
