// Memory of every kind that a pointer of a system call can point to.

#ifndef POLLUX_DIFF_USER_MEMORY_H_
#define POLLUX_DIFF_USER_MEMORY_H_

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>

namespace pollux {

class UserMemory {
 public:
  UserMemory();
  ~UserMemory();
  UserMemory(const UserMemory&) = delete;
  UserMemory& operator=(const UserMemory&) = delete;

  // A buffer of events for a word of ArgKind::kBuffer. A good one has room for
  // as many events as a program has calls. Of one that cuts an event in two the
  // first part is cleared.
  char* Buffer(int64_t pointer) const;

  // The mask that was written to a buffer's cut event, or 0.
  uint32_t CutMask(int64_t pointer) const;

  // An event to be read, for a word of ArgKind::kEventPointer.
  const void* Event(int64_t pointer, const epoll_event& event);

  // `good` for kGoodPointer, else the bad address that the word stands for.
  static const void* Pointer(int64_t pointer, const void* good);

 private:
  char* memory_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_USER_MEMORY_H_
