// FIFOs: from a name to a pipe.

#include "core/fifo.h"

#include <errno.h>

#include "core/world.h"

namespace pollux {
namespace {

Index NewFifo(World& world, Index pipe, bool named) {
  world.fifos.push_back({pipe, named});
  return static_cast<Index>(world.fifos.size() - 1);
}

// Kernel: fifo_open.
int OpenFifo(World& world, Index fifo, int flags) {
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

int PathOpen(World& world, Index file, int flags) {
  const Path path = world.paths[world.files[file].object];
  if (path.type == FileType::kPipe) return OpenFifo(world, path.object, flags);
  const FileOps& ops = OpsOf(path.type);
  if (ops.open_object == nullptr) return -ENXIO;
  return ops.open_object(world, path.object, flags);
}

void PathRelease(World& world, Index file) {
  const Index index = world.files[file].object;
  const Path path = world.paths[index];
  const FileOps& ops = OpsOf(path.type);
  if (ops.drop != nullptr) ops.drop(world, path.object);
  world.paths.Free(index);
}

// Takes over `path`, with the reference that it holds.
int InstallPath(World& world, const Path& path, uint32_t flags) {
  const Index index = world.paths.Allocate();
  world.paths[index] = path;
  return InstallFd(world, NewFile(world, FileType::kPath, O_PATH, index),
                   flags);
}

Path PathTo(World& world, Index file) {
  const File& f = world.files[file];
  if (f.type == FileType::kPath) return world.paths[f.object];
  if (f.type != FileType::kPipe) return {f.type, f.object};
  Pipe& pipe = world.pipes[f.object];
  if (pipe.fifo == kNil) pipe.fifo = NewFifo(world, f.object, false);
  return {FileType::kPipe, pipe.fifo};
}

}  // namespace

const FileOps kPathOps = {
    .name = "O_PATH", .release = PathRelease, .open = PathOpen};

int OpenPath(World& world, int fd) {
  const Index file = RawFileOf(world, fd);
  if (file == kNil) return -ENOENT;
  const Path path = PathTo(world, file);
  const FileOps& ops = OpsOf(path.type);
  if (ops.hold != nullptr) ops.hold(world, path.object);
  return InstallPath(world, path, O_CLOEXEC);
}

int Mkfifo(World& world) {
  if (world.fifos_made >= world.machine.fifos) return -ENOSPC;
  ++world.fifos_made;
  return InstallPath(world, {FileType::kPipe, NewFifo(world, kNil, true)}, 0);
}

}  // namespace pollux
