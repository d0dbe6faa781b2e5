// Frozen scans by userfaultfd.

#include "diff/frozen_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "diff/raw_epoll.h"

namespace pollux {
namespace {

constexpr size_t kPage = 4096;
// The pages behind the first: room for every event that a program can get.
constexpr size_t kMissingPages = 4;

// userfaultfd(2), or the device where only that is permitted.
int OpenUserfaultfd() {
  int fd = static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK));
#ifdef USERFAULTFD_IOC_NEW
  if (fd < 0) {
    int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    if (device < 0) return -1;
    fd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
    close(device);
  }
#endif
  return fd;
}

bool Register(int uffd, char* start) {
  uffdio_api api = {};
  api.api = UFFD_API;
  if (ioctl(uffd, UFFDIO_API, &api) != 0) return false;
  uffdio_register range = {};
  range.range = {reinterpret_cast<uintptr_t>(start), kMissingPages * kPage};
  range.mode = UFFDIO_REGISTER_MODE_MISSING;
  return ioctl(uffd, UFFDIO_REGISTER, &range) == 0;
}

}  // namespace

FrozenScan::FrozenScan() {
  uffd_ = OpenUserfaultfd();
  done_fd_ = eventfd(0, EFD_CLOEXEC);
  if (uffd_ < 0 || done_fd_ < 0) return;
  char* pages = MapLow((1 + kMissingPages) * kPage);
  if (pages == nullptr) return;
  if (Register(uffd_, pages + kPage)) {
    pages_ = pages;
  } else {
    munmap(pages, (1 + kMissingPages) * kPage);
  }
}

FrozenScan::~FrozenScan() {
  std::vector<Event> ignored;
  if (running_) Finish(&ignored);
  if (thread_.joinable()) {
    stop_ = true;
    ++sequence_;
    sequence_.notify_one();
    thread_.join();
  }
  if (pages_ != nullptr) munmap(pages_, (1 + kMissingPages) * kPage);
  if (uffd_ >= 0) close(uffd_);
  if (done_fd_ >= 0) close(done_fd_);
}

void FrozenScan::Serve() {
  for (uint32_t seen = 0;;) {
    sequence_.wait(seen);
    seen = sequence_;
    if (stop_) return;
    result_ = RawEpollWait(epfd_, buffer_, maxevents_, 0);
    const uint64_t one = 1;
    [[maybe_unused]] ssize_t n = write(done_fd_, &one, sizeof(one));
  }
}

void FrozenScan::FollowCaller() {
  const int cpu = sched_getcpu();
  if (cpu < 0 || cpu == thread_cpu_) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(thread_.native_handle(), sizeof(set), &set);
  thread_cpu_ = cpu;
}

int FrozenScan::Start(int epfd, const EventBuffer& buffer) {
  if (!thread_.joinable()) thread_ = std::thread([this] { Serve(); });
  FollowCaller();
  epfd_ = epfd;
  maxevents_ = buffer.maxevents;
  // Event `freeze_at` is the first on the missing page.
  buffer_ = pages_ + kPage - buffer.freeze_at * kRawEventSize;
  running_ = true;
  ++sequence_;
  sequence_.notify_one();

  pollfd fds[2] = {{uffd_, POLLIN, 0}, {done_fd_, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  uffd_msg message;
  frozen_ = (fds[0].revents & POLLIN) &&
            read(uffd_, &message, sizeof(message)) == sizeof(message);
  if (!frozen_) WaitUntilDone();
  return frozen_ ? 1 : 0;
}

void FrozenScan::WaitUntilDone() {
  uint64_t count;
  while (read(done_fd_, &count, sizeof(count)) < 0 && errno == EINTR) {
  }
}

int FrozenScan::Finish(std::vector<Event>* events) {
  running_ = false;
  if (frozen_) {
    uffdio_zeropage zero = {};
    zero.range = {reinterpret_cast<uintptr_t>(pages_ + kPage),
                  kMissingPages * kPage};
    ioctl(uffd_, UFFDIO_ZEROPAGE, &zero);
    WaitUntilDone();
    frozen_ = false;
  }
  if (result_ > 0) UnpackEvents(buffer_, result_, events);
  madvise(pages_ + kPage, kMissingPages * kPage, MADV_DONTNEED);
  return result_;
}

}  // namespace pollux
