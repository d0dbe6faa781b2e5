// Splicing: whole slots change their pipe, or are shared.

#include "core/splice.h"

#include <errno.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

// What both calls check. Sets the two pipes; returns 0, or -errno.
int FindPipes(World& world, int fd_in, int fd_out, Index* in, Index* out) {
  const Index file_in = FileOf(world, fd_in);
  const Index file_out = FileOf(world, fd_out);
  if (file_in == kNil || file_out == kNil) return -EBADF;
  const File& from = world.files[file_in];
  const File& to = world.files[file_out];
  if (!CanRead(from) || !CanWrite(to)) return -EBADF;
  const bool pipes = from.type == FileType::kPipe && to.type == FileType::kPipe;
  if (!pipes || from.object == to.object) return -EINVAL;

  *in = from.object;
  *out = to.object;
  return 0;
}

// Kernel: ipipe_prep and opipe_prep.
int Prepare(const Pipe& in, const Pipe& out) {
  if (in.used == 0 && in.writers > 0) return -EAGAIN;
  if (out.used < out.max_usage) return 0;
  return out.readers == 0 ? -EPIPE : -EAGAIN;
}

// Appends a copy of a slot, cut to `length` bytes. What two pipes share, or
// what was cut, must not grow any more.
void AppendCopy(World& world, Pipe& out, Index buffer, uint32_t length,
                bool may_grow) {
  const Index copy = world.pipe_buffers.Allocate();
  world.pipe_buffers[copy] = world.pipe_buffers[buffer];
  world.pipe_buffers[copy].length = length;
  may_grow = may_grow || world.Has(Quirk::kSharedSlotsMerge);
  world.pipe_buffers[copy].can_merge &= may_grow;
  out.buffers.PushBack(world.pipe_buffers, copy);
  ++out.used;
}

void WakeReaders(World& world, const Pipe& out) {
  if (world.Has(Quirk::kSpliceSilent)) return;
  WakeUp(world, out.rd_wait, kNoKey, 1);
}

}  // namespace

// Kernel: splice_pipe_to_pipe.
int64_t Splice(World& world, int fd_in, int fd_out, uint64_t length) {
  if (length == 0) return 0;
  Index in_index, out_index;
  int error = FindPipes(world, fd_in, fd_out, &in_index, &out_index);
  if (error != 0) return error;
  Pipe& in = world.pipes[in_index];
  Pipe& out = world.pipes[out_index];
  if ((error = Prepare(in, out)) != 0) return error;
  if (out.readers == 0) return -EPIPE;
  uint64_t done = 0;
  bool freed = false;
  while (done < length && in.used > 0 && out.used < out.max_usage) {
    const Index head = in.buffers.head;
    const uint32_t bytes = static_cast<uint32_t>(
        std::min<uint64_t>(world.pipe_buffers[head].length, length - done));
    const bool whole = bytes == world.pipe_buffers[head].length;
    AppendCopy(world, out, head, bytes, whole);
    if (whole) {
      in.buffers.Remove(world.pipe_buffers, head);
      world.pipe_buffers.Free(head);
      --in.used;
      freed = true;
    } else {
      world.pipe_buffers[head].offset += bytes;
      world.pipe_buffers[head].length -= bytes;
    }
    done += bytes;
  }
  if (done > 0) WakeReaders(world, out);
  if (freed && !world.Has(Quirk::kSpliceSilent)) {
    WakeUp(world, in.wr_wait, kNoKey, 1);
  }
  return static_cast<int64_t>(done);
}

// Kernel: do_tee and link_pipe.
int64_t Tee(World& world, int fd_in, int fd_out, uint64_t length) {
  if (length == 0) return 0;
  Index in_index, out_index;
  int error = FindPipes(world, fd_in, fd_out, &in_index, &out_index);
  if (error != 0) return error;
  Pipe& in = world.pipes[in_index];
  Pipe& out = world.pipes[out_index];
  if ((error = Prepare(in, out)) != 0) return error;
  if (out.readers == 0) return -EPIPE;
  uint64_t done = 0;
  for (Index i = in.buffers.head;
       i != kNil && done < length && out.used < out.max_usage;
       i = world.pipe_buffers[i].link.next) {
    const uint32_t bytes = static_cast<uint32_t>(
        std::min<uint64_t>(world.pipe_buffers[i].length, length - done));
    AppendCopy(world, out, i, bytes, false);
    done += bytes;
  }
  if (done > 0) WakeReaders(world, out);
  return static_cast<int64_t>(done);
}

}  // namespace pollux
