// FIFOs, and descriptors of a path.
//
// A FIFO is a name in a file system behind which there is a Pipe while somebody
// has it open. A program gets at it through an O_PATH descriptor, which is a
// name too: it can be duplicated, closed and opened, and nothing else sees it.

#ifndef POLLUX_CORE_FIFO_H_
#define POLLUX_CORE_FIFO_H_

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Fifo {
  Index pipe = kNil;  // mirrors inode::i_pipe
};

// Of O_PATH descriptors; the object is a Fifo.
extern const FileOps kPathOps;

// Makes a FIFO and an O_PATH descriptor of it. Returns that, or -errno: ENOSPC
// once the machine's supply of FIFOs is used up.
int Mkfifo(World& world);

}  // namespace pollux

#endif  // POLLUX_CORE_FIFO_H_
