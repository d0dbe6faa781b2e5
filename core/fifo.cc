// FIFOs: from a name to a pipe.

#include "core/fifo.h"

#include <errno.h>

#include "core/world.h"

namespace pollux {
namespace {

// Kernel: fifo_open.
int PathOpen(World& world, Index file, int flags) {
  const Index fifo = world.files[file].object;
  const bool made = world.fifos[fifo].pipe == kNil;
  if (made) {
    const Index pipe = NewPipe(world);
    world.fifos[fifo].pipe = pipe;
    world.pipes[pipe].fifo = fifo;
  }
  const Index pipe = world.fifos[fifo].pipe;
  const int fd = OpenPipe(world, pipe, flags);
  if (fd < 0 && made) FreePipe(world, pipe);
  return fd;
}

}  // namespace

const FileOps kPathOps = {.name = "O_PATH", .open = PathOpen};

int Mkfifo(World& world) {
  if (world.fifos.size() >= world.machine.fifos) return -ENOSPC;
  world.fifos.push_back({});
  const Index fifo = static_cast<Index>(world.fifos.size() - 1);
  return InstallFd(world, NewFile(world, FileType::kPath, 0, fifo));
}

}  // namespace pollux
