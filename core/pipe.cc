// Pipes: slots, masks and wake-ups.

#include "core/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <bit>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kReadKey = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kWriteKey = EPOLLOUT | EPOLLWRNORM;

Pipe& PipeOf(World& world, Index file) {
  return world.pipes[world.files[file].object];
}

bool Full(const Pipe& pipe) { return pipe.used >= pipe.max_usage; }

// Will later writes wake readers because of this poll?
bool NoticesPoll(const World& world, const File& file, uint32_t key) {
  return !world.Has(Quirk::kPipeWakesEdgePollers) ||
         (CanRead(file) && (key & EPOLLET));
}

// Kernel: pipe_poll.
uint32_t PipePoll(World& world, Index file, PollTable& table) {
  Pipe& pipe = PipeOf(world, file);
  const File& f = world.files[file];
  if (NoticesPoll(world, f, table.key)) pipe.poll_usage = true;
  uint32_t mask = 0;
  if (CanRead(f)) {
    PollWait(world, pipe.rd_wait, table);
    if (pipe.used > 0) mask |= kReadKey;
    // A FIFO's reader that came before the first writer has not lost one yet.
    const bool lost =
        f.f_pipe != pipe.w_counter || world.Has(Quirk::kFifoHupBeforeWriter);
    if (pipe.writers == 0 && lost) mask |= EPOLLHUP;
  }
  if (CanWrite(f)) {
    if (pipe.wr_wait != pipe.rd_wait || !CanRead(f)) {
      PollWait(world, pipe.wr_wait, table);
    }
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
  if (!last.can_merge) return 0;
  if (last.offset + last.length + chars > world.machine.page_size) return 0;
  last.length += chars;
  return chars;
}

void Append(World& world, Pipe& pipe, uint32_t length, bool packet) {
  Index buffer = world.pipe_buffers.Allocate();
  world.pipe_buffers[buffer].length = length;
  world.pipe_buffers[buffer].packet = packet;
  world.pipe_buffers[buffer].can_merge = !packet;
  pipe.buffers.PushBack(world.pipe_buffers, buffer);
  ++pipe.used;
}

// Does a write wake readers? Every one does that finds the pipe empty, and
// every one at all, even a failing one, once somebody has polled the pipe; as
// ADD polls, that is all that an epoll can see.
bool WriteWakes(const World& world, const Pipe& pipe, bool was_empty,
                bool moved) {
  if (was_empty) return true;
  if (!moved && world.Has(Quirk::kPipeFailedWriteSilent)) return false;
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
  if (WriteWakes(world, pipe, was_empty, done > 0)) {
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

// Does a close wake the others? Only one by which one side has gone.
bool ReleaseWakes(const World& world, const Pipe& pipe) {
  if (world.Has(Quirk::kPipeCloseSilent)) return false;
  if (world.Has(Quirk::kPipeReleaseWakes)) return pipe.readers || pipe.writers;
  return (pipe.readers == 0) != (pipe.writers == 0);
}

// Kernel: pipe_release.
void PipeRelease(World& world, Index file) {
  const File& f = world.files[file];
  Pipe& pipe = world.pipes[f.object];
  if (CanRead(f)) --pipe.readers;
  if (CanWrite(f)) --pipe.writers;
  if (ReleaseWakes(world, pipe)) {
    WakeUp(world, pipe.rd_wait, kNoKey, kWakeAll);
    WakeUp(world, pipe.wr_wait, kNoKey, kWakeAll);
  }
  if (pipe.readers == 0 && pipe.writers == 0) FreePipe(world, f.object);
}

int PipeOpen(World& world, Index file, int flags) {
  return OpenPipe(world, world.files[file].object, flags);
}

// Bytes rounded up to what a pipe can have. Kernel: round_pipe_size.
uint32_t RoundPipeSize(const World& world, uint32_t size) {
  return std::bit_ceil(std::max(size, world.machine.page_size));
}

}  // namespace

const FileOps kPipeOps = {
    .name = "pipe",
    .poll = PipePoll,
    .read = PipeRead,
    .write = PipeWrite,
    .release = PipeRelease,
    .open = PipeOpen,
    .poll_changes = PipePollChanges,
};

Index NewPipe(World& world) {
  Index index = world.pipes.Allocate();
  Pipe& pipe = world.pipes[index];
  pipe.max_usage = world.machine.pipe_buffers;
  pipe.rd_wait = NewWaitQueue(world);
  pipe.wr_wait =
      world.Has(Quirk::kPipeOneQueue) ? pipe.rd_wait : NewWaitQueue(world);
  return index;
}

void FreePipe(World& world, Index index) {
  Pipe& pipe = world.pipes[index];
  while (!pipe.buffers.empty()) {
    Index head = pipe.buffers.head;
    pipe.buffers.Remove(world.pipe_buffers, head);
    world.pipe_buffers.Free(head);
  }
  if (pipe.fifo != kNil) world.fifos[pipe.fifo].pipe = kNil;
  FreeWaitQueue(world, pipe.rd_wait);
  if (pipe.wr_wait != pipe.rd_wait) FreeWaitQueue(world, pipe.wr_wait);
  world.pipes.Free(index);
}

int Pipe2(World& world, int fds[2], int flags) {
  int known = O_CLOEXEC | O_NONBLOCK | O_DIRECT;
  if (world.Has(Quirk::kPipeNoPackets)) known &= ~O_DIRECT;
  if (flags & ~known) return -EINVAL;
  const Index index = NewPipe(world);
  world.pipes[index].readers = world.pipes[index].writers = 1;
  const uint32_t status = flags & (O_NONBLOCK | O_DIRECT);
  Index rd =
      NewFile(world, FileType::kPipe, O_RDONLY | (flags & O_NONBLOCK), index);
  Index wr = NewFile(world, FileType::kPipe, O_WRONLY | status, index);
  return InstallPair(world, rd, wr, static_cast<uint32_t>(flags), fds);
}

// Somebody has opened the side of a pipe that nobody had open. Kernel:
// wake_up_partner.
static void WakePartner(World& world, const Pipe& pipe, bool fifo) {
  if (world.Has(Quirk::kFifoOpenSilent)) return;
  if (!fifo && world.Has(Quirk::kPipeReopenSilent)) return;
  WakeUp(world, pipe.rd_wait, kNoKey, kWakeAll);
  if (world.Has(Quirk::kFifoOpenWakesWriters)) {
    WakeUp(world, pipe.wr_wait, kNoKey, kWakeAll);
  }
}

int OpenPipe(World& world, Index index, int flags) {
  Pipe& pipe = world.pipes[index];
  const int mode = flags & O_ACCMODE;
  if (mode == O_ACCMODE) return -EINVAL;
  const bool fifo = pipe.fifo != kNil && world.fifos[pipe.fifo].named;
  if (mode == O_WRONLY && fifo && pipe.readers == 0) return -ENXIO;
  bool first = false;
  if (mode != O_WRONLY) first |= pipe.readers++ == 0;
  if (mode != O_RDONLY) {
    ++pipe.w_counter;
    first |= pipe.writers++ == 0;
  }
  if (first) WakePartner(world, pipe, fifo);
  Index file = NewFile(world, FileType::kPipe, OpenFlags(flags), index);
  if (mode == O_RDONLY && fifo && pipe.writers == 0) {
    world.files[file].f_pipe = pipe.w_counter;
  }
  return InstallFd(world, file, static_cast<uint32_t>(flags));
}

int PipeFcntl(World& world, Index file, int command, uint32_t size) {
  if (world.files[file].type != FileType::kPipe) return -EBADF;
  Pipe& pipe = PipeOf(world, file);
  if (command == F_SETPIPE_SZ) {
    const uint32_t slots = RoundPipeSize(world, size) / world.machine.page_size;
    if (slots < pipe.used) return -EBUSY;
    pipe.max_usage = slots;
    // Kernel: pipe_resize_ring.
    if (!world.Has(Quirk::kPipeResizeSilent)) {
      WakeUp(world, pipe.wr_wait, kNoKey, 1);
    }
  }
  return static_cast<int>(pipe.max_usage * world.machine.page_size);
}

}  // namespace pollux
