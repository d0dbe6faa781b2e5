// The other door to the kernel's epoll: io_uring.
//
// The same operations as epoll_ctl(2), epoll_wait(2) and poll(2) with timeout 0
// make, asked for by requests in a ring: whoever comes in here must be told the
// same story. A wait and a poll that find nothing would stay in the ring until
// something comes: they are cancelled, and count as 0.
//
//   Uring uring;
//   if (uring.unavailable().empty()) result = uring.EpollCtl(epfd, op, fd, &e);

#ifndef POLLUX_DIFF_URING_H_
#define POLLUX_DIFF_URING_H_

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace pollux {

class Uring {
 public:
  // Opens a ring.
  Uring();
  ~Uring();
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;

  // Why there is no such door here, or an empty string.
  const std::string& unavailable() const { return unavailable_; }
  // Requests that were completed.
  uint64_t requests() const { return requests_; }

  // Each returns what the system call returns: a value, or -errno.
  int64_t EpollCtl(int epfd, int op, int fd, const void* event);
  // Timeout 0.
  int64_t EpollWait(int epfd, void* buffer, int maxevents);
  // The mask of `fd`, of those events that are asked for; EBADF, too, which
  // poll(2) tells as POLLNVAL.
  int64_t Poll(int fd, uint32_t events);

 private:
  // Which of the requests that a kernel may lack does this one know?
  bool Knows(int operation) const;
  bool Map(const io_uring_params& params);
  io_uring_sqe* NextRequest();
  // Hands `count` requests over and waits for `completions` results.
  void Enter(unsigned count, unsigned completions);
  // Takes the result of request `id` if it is there, and drops others.
  bool TakeResult(uint64_t id, int64_t* result);
  // Makes the request; what does not end at once is cancelled and 0.
  int64_t Ask(const io_uring_sqe& request);

  std::string unavailable_;
  uint64_t requests_ = 0;
  int ring_ = -1;
  char* memory_ = nullptr;  // of both queues
  size_t memory_bytes_ = 0;
  io_uring_sqe* requests_memory_ = nullptr;
  unsigned entries_ = 0;
  // In memory_:
  uint32_t* submit_tail_ = nullptr;
  uint32_t* submit_mask_ = nullptr;
  uint32_t* submit_array_ = nullptr;
  uint32_t* complete_head_ = nullptr;
  uint32_t* complete_tail_ = nullptr;
  uint32_t* complete_mask_ = nullptr;
  io_uring_cqe* results_ = nullptr;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_URING_H_
