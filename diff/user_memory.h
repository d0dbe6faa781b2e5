// Memory of every kind that a pointer of a system call can point to.

#ifndef POLLUX_DIFF_USER_MEMORY_H_
#define POLLUX_DIFF_USER_MEMORY_H_

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
  // as many events as a program has calls.
  char* Buffer(int64_t pointer) const;

  // `good` for kGoodPointer, else the bad address that the word stands for.
  static const void* Pointer(int64_t pointer, const void* good);

 private:
  char* memory_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_USER_MEMORY_H_
