// AF_UNIX stream sockets, made in pairs.
//
// What is sent is charged to its sender until its receiver has read the whole
// message: reading is what makes the other end writable again. The charge is
// the memory that the kernel takes for a message, so that EPOLLOUT comes and
// goes at the same byte as on a real x86-64 kernel.

#ifndef POLLUX_CORE_UNIX_STREAM_H_
#define POLLUX_CORE_UNIX_STREAM_H_

#include <cstdint>

#include "core/list.h"

namespace pollux {

struct World;
struct FileOps;

// A queued message (kernel: struct sk_buff).
struct Skb {
  Link link;
  uint32_t length = 0;    // bytes still to be read
  uint32_t truesize = 0;  // bytes charged to the sender
};

// Bits of UnixSock::shutdown, as in the kernel.
inline constexpr uint8_t kRcvShutdown = 1;
inline constexpr uint8_t kSendShutdown = 2;

struct UnixSock {
  Index peer = kNil;  // kNil once that is closed
  List<Skb, &Skb::link> receive_queue;
  uint32_t wmem_alloc = 0;  // bytes that the peer has not read
  uint32_t sndbuf = 0;      // bytes
  uint8_t shutdown = 0;
  int error = 0;      // mirrors sock::sk_err
  Index wait = kNil;  // mirrors socket_wq::wait
};

extern const FileOps kUnixStreamOps;

// Only AF_UNIX stream pairs are modelled; other domains and types return
// -EAFNOSUPPORT and -ESOCKTNOSUPPORT. Returns 0 or -errno.
int Socketpair(World& world, int domain, int type, int protocol, int fds[2]);

// Returns 0 or -errno.
int Shutdown(World& world, int fd, int how);

}  // namespace pollux

#endif  // POLLUX_CORE_UNIX_STREAM_H_
