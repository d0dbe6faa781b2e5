// io_uring by raw system calls: one request at a time.

#include "diff/uring.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <vector>

#include "diff/watchdog.h"

namespace pollux {
namespace {

constexpr unsigned kEntries = 4;

// IORING_OP_EPOLL_WAIT, since Linux 6.15: newer than the headers of many.
constexpr int kEpollWait = 59;

// Names of requests in flight.
constexpr uint64_t kRequest = 1;
constexpr uint64_t kCancel = 2;

uint32_t Load(const uint32_t* word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

void Store(uint32_t* word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

}  // namespace

Uring::Uring() {
  io_uring_params params = {};
  ring_ = static_cast<int>(syscall(SYS_io_uring_setup, kEntries, &params));
  if (ring_ < 0) {
    unavailable_ = std::string("io_uring_setup: ") + strerror(errno);
  } else if (!(params.features & IORING_FEAT_SINGLE_MMAP) || !Map(params)) {
    unavailable_ = "the queues of io_uring cannot be mapped";
  } else if (!Knows(IORING_OP_EPOLL_CTL) || !Knows(kEpollWait)) {
    unavailable_ = "io_uring has no IORING_OP_EPOLL_WAIT (before Linux 6.15)";
  }
}

Uring::~Uring() {
  if (memory_ != nullptr) munmap(memory_, memory_bytes_);
  if (requests_memory_ != nullptr) {
    munmap(requests_memory_, entries_ * sizeof(io_uring_sqe));
  }
  if (ring_ >= 0) close(ring_);
}

bool Uring::Map(const io_uring_params& params) {
  entries_ = params.sq_entries;
  memory_bytes_ = std::max<size_t>(
      params.sq_off.array + params.sq_entries * sizeof(uint32_t),
      params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe));
  void* const queues = mmap(nullptr, memory_bytes_, PROT_READ | PROT_WRITE,
                            MAP_SHARED, ring_, IORING_OFF_SQ_RING);
  if (queues == MAP_FAILED) return false;
  memory_ = static_cast<char*>(queues);
  void* const requests =
      mmap(nullptr, entries_ * sizeof(io_uring_sqe), PROT_READ | PROT_WRITE,
           MAP_SHARED, ring_, IORING_OFF_SQES);
  if (requests == MAP_FAILED) return false;
  requests_memory_ = static_cast<io_uring_sqe*>(requests);
  const auto word = [this](uint32_t offset) {
    return reinterpret_cast<uint32_t*>(memory_ + offset);
  };
  submit_tail_ = word(params.sq_off.tail);
  submit_mask_ = word(params.sq_off.ring_mask);
  submit_array_ = word(params.sq_off.array);
  complete_head_ = word(params.cq_off.head);
  complete_tail_ = word(params.cq_off.tail);
  complete_mask_ = word(params.cq_off.ring_mask);
  results_ = reinterpret_cast<io_uring_cqe*>(memory_ + params.cq_off.cqes);
  return true;
}

bool Uring::Knows(int operation) const {
  constexpr unsigned kOperations = 128;
  std::vector<char> memory(sizeof(io_uring_probe) +
                           kOperations * sizeof(io_uring_probe_op));
  auto* const probe = reinterpret_cast<io_uring_probe*>(memory.data());
  if (syscall(SYS_io_uring_register, ring_, IORING_REGISTER_PROBE, probe,
              kOperations) != 0) {
    return false;
  }
  return operation <= probe->last_op &&
         (probe->ops[operation].flags & IO_URING_OP_SUPPORTED);
}

io_uring_sqe* Uring::NextRequest() {
  const uint32_t tail = *submit_tail_;
  const uint32_t at = tail & *submit_mask_;
  submit_array_[at] = at;
  Store(submit_tail_, tail + 1);
  return &requests_memory_[at];
}

void Uring::Enter(unsigned count, unsigned completions) {
  long result;
  do {
    result = syscall(SYS_io_uring_enter, ring_, count, completions,
                     IORING_ENTER_GETEVENTS, nullptr, 0);
    // Interrupted in its wait, it has handed over all the same.
    if (result < 0 && errno == EINTR) count = 0;
  } while (result < 0 && errno == EINTR && !Watchdog::Hung());
}

bool Uring::TakeResult(uint64_t id, int64_t* result) {
  bool found = false;
  uint32_t head = *complete_head_;
  for (; head != Load(complete_tail_); ++head) {
    const io_uring_cqe& done = results_[head & *complete_mask_];
    ++requests_;
    if (done.user_data != id) continue;
    *result = done.res;
    found = true;
  }
  Store(complete_head_, head);
  return found;
}

int64_t Uring::Ask(const io_uring_sqe& request) {
  io_uring_sqe* const asked = NextRequest();
  *asked = request;
  asked->user_data = kRequest;
  Enter(1, 0);
  int64_t result = 0;
  if (TakeResult(kRequest, &result)) return result;
  io_uring_sqe* const cancel = NextRequest();
  *cancel = {};
  cancel->opcode = IORING_OP_ASYNC_CANCEL;
  cancel->addr = kRequest;
  cancel->user_data = kCancel;
  Enter(1, 2);
  if (!TakeResult(kRequest, &result)) return -ETIMEDOUT;
  return result == -ECANCELED ? 0 : result;
}

int64_t Uring::EpollCtl(int epfd, int op, int fd, const void* event) {
  io_uring_sqe* const asked = NextRequest();
  *asked = {};
  asked->opcode = IORING_OP_EPOLL_CTL;
  asked->fd = epfd;
  asked->off = static_cast<uint64_t>(static_cast<int64_t>(fd));
  asked->addr = reinterpret_cast<uintptr_t>(event);
  asked->len = static_cast<uint32_t>(op);
  asked->user_data = kRequest;
  // It never waits for anything but a mutex.
  Enter(1, 1);
  int64_t result = -ETIMEDOUT;
  TakeResult(kRequest, &result);
  return result;
}

int64_t Uring::EpollWait(int epfd, void* buffer, int maxevents) {
  io_uring_sqe request = {};
  request.opcode = static_cast<uint8_t>(kEpollWait);
  request.fd = epfd;
  request.addr = reinterpret_cast<uintptr_t>(buffer);
  request.len = static_cast<uint32_t>(maxevents);
  return Ask(request);
}

int64_t Uring::Poll(int fd, uint32_t events) {
  io_uring_sqe request = {};
  request.opcode = IORING_OP_POLL_ADD;
  request.fd = fd;
  request.poll32_events = events;
  const int64_t mask = Ask(request);
  // Nothing is there, and the file has nobody who would ever tell of more.
  if (mask == -EINVAL) return 0;
  // A request hears of POLLRDHUP, too, without having asked for it.
  return mask < 0 ? mask : mask & (events | POLLERR | POLLHUP);
}

}  // namespace pollux
