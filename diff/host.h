// The host's kernel as a Syscalls: raw calls in this process.
//
// The fast path of the fuzzers. Descriptors are counted from a base below which
// every number is taken, so that the kernel's rule "the lowest free one" gives
// the same numbers in every program and on every machine.

#ifndef POLLUX_DIFF_HOST_H_
#define POLLUX_DIFF_HOST_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/machine.h"
#include "core/quirks.h"
#include "diff/frozen_scan.h"
#include "diff/syscalls.h"

namespace pollux {

class Host final : public Syscalls {
 public:
  // Ignores SIGPIPE and starts the watchdog for this thread.
  Host();
  ~Host() override;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // False: Freeze is not permitted here.
  bool can_freeze() const { return frozen_scan_.available(); }

  void Begin() override;
  void End() override;
  int EpollCreate(int size) override;
  int EpollCreate1(int flags) override;
  int EpollCtl(int epfd, int op, int fd, const Event* event) override;
  int EpollWait(int epfd, const EventBuffer& buffer, int timeout_ms,
                std::vector<Event>* events) override;
  int Freeze(int epfd, const EventBuffer& buffer) override;
  int Thaw(std::vector<Event>* events) override;
  int Close(int fd) override;
  int Dup(int fd) override;
  int Dup2(int oldfd, int newfd) override;
  int64_t Read(int fd, uint64_t count, uint64_t* value) override;
  int64_t Write(int fd, uint64_t count, uint64_t value) override;
  int Poll(std::span<PollQuery> queries) override;
  int Pipe2(int fds[2], int flags) override;
  int Eventfd2(unsigned initval, int flags) override;
  int Socketpair(int domain, int type, int protocol, int fds[2]) override;
  int Shutdown(int fd, int how) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;

 private:
  int Real(int fd) const { return fd < 0 ? fd : base_ + fd; }
  // Turns a system call's result into ours: a value, or -errno.
  static int64_t Result(int64_t result);
  // The same for a result that is a descriptor.
  int FdResult(int64_t result) const;
  int PairResult(int64_t result, int fds[2]) const;
  // Fills the first `count` bytes of write_buffer_ with `value`.
  void FillWriteBuffer(uint64_t count, uint64_t value);
  // Takes every number below the highest open one, and puts base_ behind.
  void FindBase();

  FrozenScan frozen_scan_;
  std::vector<int> fillers_;  // descriptors that fill holes below base_
  int base_ = 0;
  char* event_buffer_;  // for as many events as a program has calls
  std::vector<uint64_t> write_buffer_;
  uint64_t written_value_ = 0;  // what it holds,
  uint64_t written_bytes_ = 0;  // and how far
  std::vector<uint64_t> read_buffer_;
  std::vector<char> fdinfo_;
};

// The settings of the machine that programs run on.
Machine HostMachine();

// The profile of the running kernel, by its version (uname).
Profile HostProfile();

// Why programs cannot be judged on this machine, or an empty string.
std::string HostUnsupported();

}  // namespace pollux

#endif  // POLLUX_DIFF_HOST_H_
