// FIFOs, and descriptors of a path.
//
// A FIFO is a name in a file system behind which there is a Pipe while somebody
// has it open. A program gets at it through an O_PATH descriptor, which is a
// name too: it can be duplicated, closed and opened, and nothing else sees it.

#ifndef POLLUX_CORE_FIFO_H_
#define POLLUX_CORE_FIFO_H_

#include "core/file.h"
#include "core/pool.h"

namespace pollux {

// What a FIFO or an open pipe has in a file system.
struct Fifo {
  Index pipe = kNil;   // mirrors inode::i_pipe
  bool named = false;  // not one of pipe(2)
};

// What an O_PATH descriptor names.
struct Path {
  FileType type = FileType::kPlain;
  // Of a pipe a Fifo, of others the object of the file.
  Index object = kNil;
};

// Of O_PATH descriptors; the object is a Path.
extern const FileOps kPathOps;

// open(2) with O_PATH of what is behind `fd`, through /proc. Returns the
// descriptor or -errno.
int OpenPath(World& world, int fd);

// Makes a FIFO and an O_PATH descriptor of it. Returns that, or -errno: ENOSPC
// once the machine's supply of FIFOs is used up.
int Mkfifo(World& world);

}  // namespace pollux

#endif  // POLLUX_CORE_FIFO_H_
