// An epoll_wait that is stopped in the middle of the kernel's scan.
//
// A second thread calls epoll_wait with a buffer that runs into a page which is
// not there and is registered with userfaultfd(2). The kernel stops in the copy
// of the first event on that page, inside its scan, until the page is given.
// Meanwhile wake-ups go to the overflow list, deterministically.

#ifndef POLLUX_DIFF_FROZEN_SCAN_H_
#define POLLUX_DIFF_FROZEN_SCAN_H_

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "core/event.h"

namespace pollux {

class FrozenScan {
 public:
  // Opens what it needs; the thread starts with the first Start.
  FrozenScan();
  ~FrozenScan();
  FrozenScan(const FrozenScan&) = delete;
  FrozenScan& operator=(const FrozenScan&) = delete;

  // False where userfaultfd is not permitted or not there.
  bool available() const { return pages_ != nullptr; }

  // Op::kFreeze and Op::kThaw, on real descriptors.
  int Start(int epfd, const EventBuffer& buffer);
  int Finish(std::vector<Event>* events);
  bool running() const { return running_; }

 private:
  void Serve();  // the thread
  // Puts the thread on the CPU of the caller: the two take turns, and a wake-up
  // on another CPU takes longer.
  void FollowCaller();
  void WaitUntilDone();  // for the epoll_wait of the thread to end

  int uffd_ = -1;
  int done_fd_ = -1;  // an eventfd that the thread writes
  char* pages_ = nullptr;

  // The request: written before sequence_ grows, read after.
  int epfd_ = -1;
  int maxevents_ = 0;
  char* buffer_ = nullptr;
  int result_ = 0;

  bool running_ = false;                // started and not finished
  bool frozen_ = false;                 // ... and stopped in the copy
  std::atomic<uint32_t> sequence_ = 0;  // of requests
  std::atomic<bool> stop_ = false;
  std::thread thread_;
  int thread_cpu_ = -1;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_FROZEN_SCAN_H_
