// eventfd: a 64-bit counter as a file.

#ifndef POLLUX_CORE_EVENTFD_H_
#define POLLUX_CORE_EVENTFD_H_

#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Eventfd {
  uint64_t count = 0;
  bool semaphore = false;  // a read takes 1, not all
  Index wait = kNil;       // mirrors eventfd_ctx::wqh
};

extern const FileOps kEventfdOps;

// Returns the descriptor or -errno.
int Eventfd2(World& world, uint32_t initval, int flags);

}  // namespace pollux

#endif  // POLLUX_CORE_EVENTFD_H_
