// POSIX message queues as files, which Linux makes of them.

#ifndef POLLUX_CORE_MQUEUE_H_
#define POLLUX_CORE_MQUEUE_H_

#include <array>
#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Mqueue {
  static constexpr uint32_t kMostMessages = 4;  // of a program's queue
  static constexpr uint32_t kMessageBytes = 8;  // at most (mq_msgsize)

  Index wait = kNil;      // mirrors mqueue_inode_info::wait_q
  uint32_t holders = 0;   // descriptions and paths
  uint32_t capacity = 0;  // mq_maxmsg
  uint32_t messages = 0;  // mq_curmsgs
  std::array<uint8_t, kMostMessages> bytes = {};  // of each, the oldest first
};

extern const FileOps kMqueueOps;

// Makes a queue without a name. Returns the descriptor or -errno: ENOSPC once
// there are as many as a program can make.
int MqOpen(World& world, int flags, uint32_t capacity);

// mq_timedsend(2) and mq_timedreceive(2) with a time that has passed. They
// return 0, or the bytes of the message, or -errno.
int MqSend(World& world, int fd, uint32_t bytes);
int MqReceive(World& world, int fd, uint32_t bytes);

}  // namespace pollux

#endif  // POLLUX_CORE_MQUEUE_H_
