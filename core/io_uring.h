// io_uring: a queue of completions as a file.

#ifndef POLLUX_CORE_IO_URING_H_
#define POLLUX_CORE_IO_URING_H_

#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct IoUring {
  // As io_uring_setup(4) makes it. A program keeps clear of the overflow.
  static constexpr uint32_t kSubmissions = 4;
  static constexpr uint32_t kCompletions = 8;

  Index wait = kNil;         // mirrors io_ring_ctx::poll_wq
  uint32_t completions = 0;  // that nobody has taken
};

extern const FileOps kIoUringOps;

// Returns the descriptor or -errno.
int IoUringSetup(World& world);

// Submits one IORING_OP_NOP, which is complete when io_uring_enter(2) returns.
// Returns 1 or -errno: EBUSY if there is no room for its completion.
int IoUringNop(World& world, int fd);

// Takes a completion out of the memory that user space shares with the ring.
// Returns 1, 0 if there is none, or -errno.
int IoUringReap(World& world, int fd);

}  // namespace pollux

#endif  // POLLUX_CORE_IO_URING_H_
