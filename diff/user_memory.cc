// User memory: one mapping, with the good buffer, then a page that cannot be
// touched, with partial buffers and half an event running into it, then one
// that cannot be written.

#include "diff/user_memory.h"

#include <sys/mman.h>

#include <cstring>

#include "diff/calls.h"
#include "diff/program.h"
#include "diff/raw_epoll.h"

namespace pollux {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kOdd = 1;  // bytes
constexpr size_t kGoodBytes =
    (kOdd + Program::kMaxCalls * kRawEventSize + kPage - 1) / kPage * kPage;
constexpr size_t kMaskBytes = sizeof(epoll_event::events);
constexpr size_t kReadOnlyAt = kGoodBytes + kPage;
constexpr size_t kAllBytes = kReadOnlyAt + kPage;

// Never mapped: the last page below the lowest that mmap gives, and an address
// that no process can have.
constexpr uintptr_t kUnmapped = 0x1000;
constexpr uintptr_t kKernel = 0xffff888000000000;

}  // namespace

UserMemory::UserMemory() : memory_(MapLow(kAllBytes)) {
  mprotect(memory_ + kGoodBytes, kPage, PROT_NONE);
  mprotect(memory_ + kReadOnlyAt, kPage, PROT_READ);
}

UserMemory::~UserMemory() { munmap(memory_, kAllBytes); }

char* UserMemory::Buffer(int64_t pointer) const {
  if (pointer == kReadOnlyPointer) return memory_ + kReadOnlyAt;
  if (pointer == kOddPointer) return memory_ + kOdd;
  if (pointer < kPartialPointer) {
    return const_cast<char*>(
        static_cast<const char*>(Pointer(pointer, memory_)));
  }
  const size_t cut = pointer >= kCutPointer ? kMaskBytes : 0;
  memset(memory_ + kGoodBytes - cut, 0, cut);
  return memory_ + kGoodBytes - cut - SlotsOf(pointer) * kRawEventSize;
}

uint32_t UserMemory::CutMask(int64_t pointer) const {
  uint32_t mask = 0;
  if (pointer >= kCutPointer) {
    memcpy(&mask, memory_ + kGoodBytes - kMaskBytes, kMaskBytes);
  }
  return mask;
}

const void* UserMemory::Event(int64_t pointer, const epoll_event& event) {
  if (pointer == kOddPointer) {
    return memcpy(memory_ + kOdd, &event, sizeof(event));
  }
  if (pointer == kHalfPointer) {
    char* const half = memory_ + kGoodBytes - sizeof(event) / 2;
    return memcpy(half, &event, sizeof(event) / 2);
  }
  return Pointer(pointer, &event);
}

const void* UserMemory::Pointer(int64_t pointer, const void* good) {
  switch (pointer) {
    case kGoodPointer:
      return good;
    case kUnmappedPointer:
      return reinterpret_cast<const void*>(kUnmapped);
    case kKernelPointer:
      return reinterpret_cast<const void*>(kKernel);
    default:
      return nullptr;
  }
}

}  // namespace pollux
