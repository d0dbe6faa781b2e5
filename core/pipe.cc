// Pipes: slots, masks and wake-ups.

#include "core/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kReadKey = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kWriteKey = EPOLLOUT | EPOLLWRNORM;

Pipe& PipeOf(World& world, Index file) {
  return world.pipes[world.files[file].object];
}

bool Full(const Pipe& pipe) { return pipe.used >= pipe.max_usage; }

// Kernel: pipe_poll.
uint32_t PipePoll(World& world, Index file, PollTable& table) {
  Pipe& pipe = PipeOf(world, file);
  const File& f = world.files[file];
  pipe.poll_usage = true;
  uint32_t mask = 0;
  if (CanRead(f)) {
    PollWait(world, pipe.rd_wait, table);
    if (pipe.used > 0) mask |= kReadKey;
    if (pipe.writers == 0) mask |= EPOLLHUP;
  }
  if (CanWrite(f)) {
    PollWait(world, pipe.wr_wait, table);
    if (!Full(pipe)) mask |= kWriteKey;
    if (pipe.readers == 0) mask |= EPOLLERR;
  }
  return mask;
}

// Kernel: pipe_inode_info::poll_usage, which never goes back.
bool PipePollChanges(const World& world, Index file) {
  return !world.pipes[world.files[file].object].poll_usage;
}

// Adds the odd bytes of a write to the last slot if they fit there. Returns
// how many it took.
uint32_t Merge(World& world, Pipe& pipe, uint64_t length) {
  const uint32_t chars = length & (world.machine.page_size - 1);
  if (chars == 0 || pipe.buffers.empty()) return 0;
  PipeBuffer& last = world.pipe_buffers[pipe.buffers.tail];
  if (last.packet) return 0;
  if (last.offset + last.length + chars > world.machine.page_size) return 0;
  last.length += chars;
  return chars;
}

void Append(World& world, Pipe& pipe, uint32_t length, bool packet) {
  Index buffer = world.pipe_buffers.Allocate();
  world.pipe_buffers[buffer].length = length;
  world.pipe_buffers[buffer].packet = packet;
  pipe.buffers.PushBack(world.pipe_buffers, buffer);
  ++pipe.used;
}

// Does a write wake readers? Every one does that finds the pipe empty, and
// every one at all, even a failing one, once somebody has polled the pipe; as
// ADD polls, that is all that an epoll can see.
bool WriteWakes(const World& world, const Pipe& pipe, bool was_empty) {
  if (was_empty) return true;
  return pipe.poll_usage && !world.Has(Quirk::kPipeEdgeOnlyWhenEmpty);
}

// Kernel: pipe_write.
int64_t PipeWrite(World& world, Index file, uint64_t length, uint64_t) {
  if (length == 0) return 0;
  Pipe& pipe = PipeOf(world, file);
  const bool packet = world.files[file].flags & O_DIRECT;
  uint64_t done = 0;
  bool was_empty = false;
  int64_t error = -EAGAIN;
  if (pipe.readers == 0) {
    error = -EPIPE;
  } else {
    was_empty = pipe.used == 0;
    done = Merge(world, pipe, length);
    while (done < length && !Full(pipe)) {
      uint64_t chunk =
          std::min<uint64_t>(length - done, world.machine.page_size);
      Append(world, pipe, static_cast<uint32_t>(chunk), packet);
      done += chunk;
    }
  }
  if (WriteWakes(world, pipe, was_empty)) {
    WakeUp(world, pipe.rd_wait, kReadKey, 1);
  }
  return done > 0 ? static_cast<int64_t>(done) : error;
}

// Does a read wake writers? Only one that makes a full pipe have a free slot.
bool ReadWakes(const World& world, bool was_full, bool freed) {
  if (world.Has(Quirk::kPipeReadWakesAlways)) return freed;
  if (world.Has(Quirk::kPipeReadWakesIfWasFull)) return was_full;
  return was_full && freed;
}

// Kernel: pipe_read.
int64_t PipeRead(World& world, Index file, uint64_t length, uint64_t*) {
  if (length == 0) return 0;
  Pipe& pipe = PipeOf(world, file);
  if (pipe.used == 0) return pipe.writers == 0 ? 0 : -EAGAIN;
  const bool was_full = Full(pipe);
  bool freed = false;
  uint64_t done = 0;
  while (done < length && pipe.used > 0) {
    Index head = pipe.buffers.head;
    PipeBuffer& buffer = world.pipe_buffers[head];
    uint32_t chunk =
        static_cast<uint32_t>(std::min<uint64_t>(buffer.length, length - done));
    done += chunk;
    buffer.offset += chunk;
    buffer.length -= chunk;
    // The rest of a packet that did not fit is lost, and ends the read.
    const bool packet = buffer.packet;
    if (buffer.length == 0 || packet) {
      pipe.buffers.Remove(world.pipe_buffers, head);
      world.pipe_buffers.Free(head);
      --pipe.used;
      freed = true;
    }
    if (packet) break;
  }
  if (ReadWakes(world, was_full, freed)) {
    WakeUp(world, pipe.wr_wait, kWriteKey, 1);
  }
  return static_cast<int64_t>(done);
}

void FreePipe(World& world, Index index) {
  Pipe& pipe = world.pipes[index];
  while (!pipe.buffers.empty()) {
    Index head = pipe.buffers.head;
    pipe.buffers.Remove(world.pipe_buffers, head);
    world.pipe_buffers.Free(head);
  }
  FreeWaitQueue(world, pipe.rd_wait);
  FreeWaitQueue(world, pipe.wr_wait);
  world.pipes.Free(index);
}

// Kernel: pipe_release.
void PipeRelease(World& world, Index file) {
  const File& f = world.files[file];
  Pipe& pipe = world.pipes[f.object];
  if (CanRead(f)) --pipe.readers;
  if (CanWrite(f)) --pipe.writers;
  const bool one_side_left = (pipe.readers == 0) != (pipe.writers == 0);
  if (one_side_left && !world.Has(Quirk::kPipeCloseSilent)) {
    WakeUp(world, pipe.rd_wait, kNoKey, kWakeAll);
    WakeUp(world, pipe.wr_wait, kNoKey, kWakeAll);
  }
  if (pipe.readers == 0 && pipe.writers == 0) FreePipe(world, f.object);
}

}  // namespace

const FileOps kPipeOps = {
    .name = "pipe",
    .poll = PipePoll,
    .read = PipeRead,
    .write = PipeWrite,
    .release = PipeRelease,
    .poll_changes = PipePollChanges,
};

int Pipe2(World& world, int fds[2], int flags) {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return -EINVAL;
  Index index = world.pipes.Allocate();
  Pipe& pipe = world.pipes[index];
  pipe.max_usage = world.machine.pipe_buffers;
  pipe.readers = pipe.writers = 1;
  pipe.rd_wait = NewWaitQueue(world);
  pipe.wr_wait = NewWaitQueue(world);
  const uint32_t status = flags & (O_NONBLOCK | O_DIRECT);
  Index rd = NewFile(world, FileType::kPipe, O_RDONLY | status, index);
  Index wr = NewFile(world, FileType::kPipe, O_WRONLY | status, index);
  return InstallPair(world, rd, wr, fds);
}

}  // namespace pollux
