// Pipes.
//
// A pipe has a ring of slots of one page each; that a write may still find room
// in the last slot while no slot is free makes its poll mask less than obvious.
// The read and the write end are two descriptions of one Pipe, with one wait
// queue for each direction.

#ifndef POLLUX_CORE_PIPE_H_
#define POLLUX_CORE_PIPE_H_

#include <cstdint>

#include "core/list.h"

namespace pollux {

struct World;
struct FileOps;

// One slot in use (kernel: struct pipe_buffer).
struct PipeBuffer {
  Link link;
  uint32_t offset = 0;     // bytes already read from its page
  uint32_t length = 0;     // bytes still to be read
  bool packet = false;     // O_DIRECT: read whole or cut, never merged
  bool can_merge = false;  // a write may fill up its page
};

struct Pipe {
  List<PipeBuffer, &PipeBuffer::link> buffers;
  uint32_t used = 0;       // slots in use
  uint32_t max_usage = 0;  // slots
  uint32_t readers = 0;    // descriptions, not descriptors
  uint32_t writers = 0;
  uint32_t w_counter = 1;   // openings for writing; mirrors w_counter
  Index fifo = kNil;        // its inode, once somebody has asked for that
  bool poll_usage = false;  // a poll method was ever called on either end
  Index rd_wait = kNil;
  Index wr_wait = kNil;
};

extern const FileOps kPipeOps;

// fds[0] reads, fds[1] writes. Returns 0 or -errno.
int Pipe2(World& world, int fds[2], int flags);

// fcntl(2) with F_GETPIPE_SZ or F_SETPIPE_SZ (`size`: bytes). Returns the size
// in bytes or -errno; EBADF for what is no pipe.
int PipeFcntl(World& world, Index file, int command, uint32_t size);

// A pipe that nobody has open.
Index NewPipe(World& world);
void FreePipe(World& world, Index pipe);

// Opens the pipe without blocking. Returns the descriptor or -errno. Kernel:
// fifo_open.
int OpenPipe(World& world, Index pipe, int flags);

}  // namespace pollux

#endif  // POLLUX_CORE_PIPE_H_
