// POSIX message queues: messages, masks and wake-ups.

#include "core/mqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kReadMask = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kWriteMask = EPOLLOUT | EPOLLWRNORM;

// Of the line of text that read(2) gives. Kernel: mqueue_read_file.
constexpr int64_t kStatusBytes = 60;

Mqueue& MqueueOf(World& world, Index file) {
  return world.mqueues[world.files[file].object];
}

// It does not matter how the queue was opened. Kernel: mqueue_poll_file.
uint32_t MqueuePoll(World& world, Index file, PollTable& table) {
  const Mqueue& mq = MqueueOf(world, file);
  PollWait(world, mq.wait, table);
  return (mq.messages > 0 ? kReadMask : 0) |
         (mq.messages < mq.capacity ? kWriteMask : 0);
}

// Not a message, but a line that describes the queue.
int64_t MqueueRead(World& world, Index file, uint64_t length, uint64_t*) {
  int64_t& position = world.files[file].position;
  const int64_t rest = std::max<int64_t>(kStatusBytes - position, 0);
  const int64_t read = std::min(static_cast<int64_t>(length), rest);
  position += read;
  return read;
}

// Kernel: default_llseek.
int64_t MqueueSeek(World& world, Index file, int64_t offset) {
  if (offset < 0) return -EINVAL;
  return world.files[file].position = offset;
}

void HoldMqueue(World& world, Index mqueue) { ++world.mqueues[mqueue].holders; }

void DropMqueue(World& world, Index mqueue) {
  if (--world.mqueues[mqueue].holders > 0) return;
  FreeWaitQueue(world, world.mqueues[mqueue].wait);
  world.mqueues.Free(mqueue);
}

void MqueueRelease(World& world, Index file) {
  DropMqueue(world, world.files[file].object);
}

int OpenMqueue(World& world, Index mqueue, int flags) {
  HoldMqueue(world, mqueue);
  return InstallFd(world,
                   NewFile(world, FileType::kMqueue, OpenFlags(flags), mqueue),
                   static_cast<uint32_t>(flags));
}

// The queue behind `fd` if that can do what `may` says, or null.
Mqueue* Find(World& world, int fd, bool (*may)(const File&)) {
  const Index file = FileOf(world, fd);
  if (file == kNil || world.files[file].type != FileType::kMqueue ||
      !may(world.files[file])) {
    return nullptr;
  }
  return &MqueueOf(world, file);
}

}  // namespace

const FileOps kMqueueOps = {
    .name = "mqueue",
    .poll = MqueuePoll,
    .read = MqueueRead,
    .release = MqueueRelease,
    .open_object = OpenMqueue,
    .hold = HoldMqueue,
    .drop = DropMqueue,
    .seek = MqueueSeek,
};

int MqOpen(World& world, int flags, uint32_t capacity) {
  if (world.mqueues_made >= world.machine.mqueues) return -ENOSPC;
  if (capacity == 0) return -EINVAL;
  ++world.mqueues_made;
  const Index mqueue = world.mqueues.Allocate();
  world.mqueues[mqueue].wait = NewWaitQueue(world);
  world.mqueues[mqueue].capacity = capacity;
  HoldMqueue(world, mqueue);
  // mq_open keeps O_CLOEXEC, and closes on exec anyway.
  const int kept = flags & (O_ACCMODE | O_NONBLOCK | O_CLOEXEC);
  return InstallFd(world, NewFile(world, FileType::kMqueue, kept, mqueue),
                   O_CLOEXEC);
}

// Every message that is sent wakes. Kernel: do_mq_timedsend, __do_notify.
int MqSend(World& world, int fd, uint32_t bytes) {
  Mqueue* mq = Find(world, fd, CanWrite);
  if (mq == nullptr) return -EBADF;
  if (bytes > Mqueue::kMessageBytes) return -EMSGSIZE;
  if (mq->messages == mq->capacity) return -EAGAIN;
  mq->bytes[mq->messages++] = static_cast<uint8_t>(bytes);
  if (mq->messages == 1 || !world.Has(Quirk::kMqEdgeOnlyFromEmpty)) {
    WakeUp(world, mq->wait, kNoKey, 1);
  }
  return 0;
}

// And so does every message that is received. Kernel: pipelined_receive.
int MqReceive(World& world, int fd, uint32_t bytes) {
  Mqueue* mq = Find(world, fd, CanRead);
  if (mq == nullptr) return -EBADF;
  if (bytes < Mqueue::kMessageBytes) return -EMSGSIZE;
  if (mq->messages == 0) return -EAGAIN;
  const int received = mq->bytes[0];
  std::shift_left(mq->bytes.begin(), mq->bytes.end(), 1);
  --mq->messages;
  if (!world.Has(Quirk::kMqReceiveSilent)) {
    WakeUp(world, mq->wait, kNoKey, 1);
  }
  return received;
}

}  // namespace pollux
