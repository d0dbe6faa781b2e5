// The system calls that a program can make, whatever answers them.
//
// A subject is a Syscalls: the host's kernel (host.h), the reference
// (reference.h), later an agent in another kernel or a library. One Executor
// runs programs through it.
//
// Descriptors are counted from the lowest that a program can have: the first
// one that a program makes is 0. Each call returns a value >= 0, or -errno.

#ifndef POLLUX_DIFF_SYSCALLS_H_
#define POLLUX_DIFF_SYSCALLS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "core/event.h"

namespace pollux {

// Returned by EpollWait where the call would not have returned by itself.
inline constexpr int kBlocked = -1000000;

// One row of poll(2).
struct PollQuery {
  int fd = -1;
  uint32_t events = 0;
  uint32_t revents = 0;
};

class Syscalls {
 public:
  virtual ~Syscalls() = default;

  // Called before and after every program; after End nothing of it is left.
  virtual void Begin() = 0;
  virtual void End() = 0;

  virtual int EpollCreate(int size) = 0;
  virtual int EpollCreate1(int flags) = 0;
  // `event` null: a null pointer.
  virtual int EpollCtl(int epfd, int op, int fd, const Event* event) = 0;
  // `writable` of the buffer is all or 0: a null pointer. `events` is what the
  // call filled.
  virtual int EpollWait(int epfd, const EventBuffer& buffer, int timeout_ms,
                        std::vector<Event>* events) = 0;
  // An EpollWait that stops in the copy of event `buffer.freeze_at`: 1 if it is
  // stopped there, 0 if it ended before; or -errno where it cannot be tried.
  virtual int Freeze(int epfd, const EventBuffer& buffer) = 0;
  // Lets it go on and returns what it returns.
  virtual int Thaw(std::vector<Event>* events) = 0;

  virtual int Close(int fd) = 0;
  virtual int Dup(int fd) = 0;
  virtual int Dup2(int oldfd, int newfd) = 0;
  // `value`: the first eight bytes read.
  virtual int64_t Read(int fd, uint64_t count, uint64_t* value) = 0;
  // `value`: what the buffer holds, repeated.
  virtual int64_t Write(int fd, uint64_t count, uint64_t value) = 0;
  // poll(2) with timeout 0.
  virtual int Poll(std::span<PollQuery> queries) = 0;

  virtual int Pipe2(int fds[2], int flags) = 0;
  virtual int Eventfd2(unsigned initval, int flags) = 0;
  virtual int Socketpair(int domain, int type, int protocol, int fds[2]) = 0;
  virtual int Shutdown(int fd, int how) = 0;

  // The interest list of `epfd` as /proc/self/fdinfo shows it, sorted.
  virtual int Fdinfo(int epfd, std::vector<InterestLine>* lines) = 0;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_SYSCALLS_H_
