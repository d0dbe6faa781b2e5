// splice(2) and tee(2) between pipes.

#ifndef POLLUX_CORE_SPLICE_H_
#define POLLUX_CORE_SPLICE_H_

#include <cstdint>

namespace pollux {

struct World;

// Moves up to `length` bytes, never blocking (SPLICE_F_NONBLOCK). Returns the
// bytes moved or -errno; EINVAL where not both are pipes.
int64_t Splice(World& world, int fd_in, int fd_out, uint64_t length);

// The same, but the bytes stay in `fd_in`, too.
int64_t Tee(World& world, int fd_in, int fd_out, uint64_t length);

}  // namespace pollux

#endif  // POLLUX_CORE_SPLICE_H_
