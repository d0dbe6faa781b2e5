// Calls on io_urings, by the host and by the reference.

#include <errno.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

constexpr size_t kRingBytes = 4096;
static_assert(sizeof(io_uring_sqe) * IoUring::kSubmissions <= kRingBytes);

// Where the kernel puts the parts of a ring: the same for all of one size.
io_uring_params layout;

// Part of a ring, mapped as long as this lives: a descriptor of the ring is all
// that a program has, and another may refer to the same.
class Mapping {
 public:
  Mapping(int fd, uint64_t part)
      : memory_(mmap(nullptr, kRingBytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                     fd, static_cast<off_t>(part))) {}
  ~Mapping() {
    if (good()) munmap(memory_, kRingBytes);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  bool good() const { return memory_ != MAP_FAILED; }
  template <typename T>
  T* At(uint32_t offset) const {
    return reinterpret_cast<T*>(static_cast<char*>(memory_) + offset);
  }
  std::atomic_ref<uint32_t> Number(uint32_t offset) const {
    return std::atomic_ref<uint32_t>(*At<uint32_t>(offset));
  }

 private:
  void* memory_;
};

int64_t SetUp() {
  layout = {};
  const int64_t fd =
      syscall(SYS_io_uring_setup, IoUring::kSubmissions, &layout);
  if (fd < 0) return -errno;
  const bool known = (layout.features & IORING_FEAT_SINGLE_MMAP) &&
                     layout.cq_entries == IoUring::kCompletions;
  if (known) return fd;
  close(static_cast<int>(fd));
  return -ENOSYS;
}

// Is `fd` a ring? 0, or what io_uring_enter(2) says of it.
int64_t Check(int fd) {
  return syscall(SYS_io_uring_enter, fd, 0, 0, 0, nullptr, 0) < 0 ? -errno : 0;
}

}  // namespace

bool Host::FindIoUring() {
  const int64_t fd = SetUp();
  if (fd >= 0) close(static_cast<int>(fd));
  return fd >= 0;
}

template <>
int64_t Host::Run<Op::kIoUringSetup>(const Args&, Outcome*) {
  return io_uring_ ? FdResult(SetUp()) : -ENOSYS;
}

template <>
int64_t Reference::Run<Op::kIoUringSetup>(const Args&, Outcome*) {
  return IoUringSetup(world_);
}

template <>
int64_t Host::Run<Op::kIoUringNop>(const Args& a, Outcome*) {
  const int fd = Real(a[0]);
  if (const int64_t error = Check(fd)) return error;
  const Mapping rings(fd, IORING_OFF_SQ_RING);
  const Mapping entries(fd, IORING_OFF_SQES);
  if (!rings.good() || !entries.good()) return -ENOMEM;
  const uint32_t waiting =
      rings.Number(layout.cq_off.tail) - rings.Number(layout.cq_off.head);
  if (waiting == IoUring::kCompletions) return -EBUSY;
  const uint32_t tail = rings.Number(layout.sq_off.tail);
  const uint32_t slot = tail % IoUring::kSubmissions;
  memset(entries.At<io_uring_sqe>(0) + slot, 0, sizeof(io_uring_sqe));
  rings.At<uint32_t>(layout.sq_off.array)[slot] = slot;
  rings.Number(layout.sq_off.tail) = tail + 1;
  return Result(syscall(SYS_io_uring_enter, fd, 1, 0, 0, nullptr, 0));
}

template <>
int64_t Reference::Run<Op::kIoUringNop>(const Args& a, Outcome*) {
  return IoUringNop(world_, static_cast<int>(a[0]));
}

template <>
int64_t Host::Run<Op::kIoUringReap>(const Args& a, Outcome*) {
  const int fd = Real(a[0]);
  if (const int64_t error = Check(fd)) return error;
  const Mapping rings(fd, IORING_OFF_SQ_RING);
  if (!rings.good()) return -ENOMEM;
  const uint32_t head = rings.Number(layout.cq_off.head);
  if (head == rings.Number(layout.cq_off.tail)) return 0;
  rings.Number(layout.cq_off.head) = head + 1;
  return 1;
}

template <>
int64_t Reference::Run<Op::kIoUringReap>(const Args& a, Outcome*) {
  return IoUringReap(world_, static_cast<int>(a[0]));
}

}  // namespace pollux
