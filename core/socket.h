// Sockets: the system calls that every family of sockets has.
//
// Each call looks its descriptor up and hands over to the family's method
// (kernel: struct proto_ops). A socket is named by a descriptor of it, in place
// of an address: addresses are the machine's business.

#ifndef POLLUX_CORE_SOCKET_H_
#define POLLUX_CORE_SOCKET_H_

#include <netinet/in.h>
#include <sys/epoll.h>

#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;

// What a type of sockets does in each call. All return a value >= 0, or -errno.
struct SocketOps {
  int (*bind)(World&, Index file);
  // `target`: the socket whose address is meant.
  int (*connect)(World&, Index file, Index target);
  int (*listen)(World&, Index file, int backlog);
  // Returns a new file of the connection, which has no descriptor yet.
  int (*accept)(World&, Index file, int flags, Index* accepted);
  int (*shutdown)(World&, Index file, int how);
  int64_t (*send)(World&, Index file, uint64_t length, int flags);
  int64_t (*recv)(World&, Index file, uint64_t length, int flags);
  int (*setsockopt)(World&, Index file, int option, int value);
  int (*getsockopt)(World&, Index file, int option, int* value);
  bool has_levels = false;  // are there options beside SOL_SOCKET's?
};

// An option and its level as one number; those of SOL_SOCKET are themselves.
constexpr int SocketOption(int level, int option) {
  return level << 16 | option;
}
constexpr int LevelOf(int option) {
  return option >> 16 != 0 ? option >> 16 : 1;  // SOL_SOCKET
}

inline constexpr int kTcpNotsentLowat = SocketOption(IPPROTO_TCP, 25);

// Keys of data that came, and of room to write. Kernel: sock_def_readable,
// sock_def_write_space.
inline constexpr uint32_t kSockReadKey =
    EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
inline constexpr uint32_t kSockWriteKey = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
// The description that a message carries: what sendmsg was given, or recvmsg
// has taken out of a message. Kernel: struct scm_cookie, for one file.
struct Scm {
  bool sends = false;  // `file` is what sendmsg was asked to pass
  Index file = kNil;   // kNil: none, or one that is not open
};

// Of a sendmsg: can what it should pass be passed? 0, -EBADF if it is not open,
// or -EINVAL for an io_uring. Kernel: scm_send.
int ScmSend(const World& world);

// Takes a reference to `file`, which a message carries, for a recvmsg that took
// it out (or, with `peek`, looked at it). False if it is kNil. Kernel:
// unix_detach_fds, unix_peek_fds.
bool ScmReceive(World& world, Index& file, bool peek);

// Drops what no recvmsg has installed. Kernel: scm_destroy.
void ScmDestroy(World& world);

// Bits of a socket's shutdown state, as in the kernel.
inline constexpr uint8_t kRcvShutdown = 1;
inline constexpr uint8_t kSendShutdown = 2;
inline constexpr uint8_t kShutdownMask = kRcvShutdown | kSendShutdown;

// --- What the families share

// The part of a mask that a socket's shutdown state makes.
uint32_t ShutdownMask(const World& world, uint8_t shutdown);
// Returns the error, negative, and clears it. Kernel: sock_error.
int TakeError(int& error);
// What SO_ERROR tells; it clears the error.
int TakeSoError(const World& world, int& error);
// The buffer that SO_SNDBUF gives, in bytes.
uint32_t SndbufFor(const World& world, int value);

// --- System calls

// AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK; others return -EAFNOSUPPORT.
int Socket(World& world, int domain, int type, int protocol);
int Socketpair(World& world, int domain, int type, int protocol, int fds[2]);

// Gives the socket an address of its own.
int Bind(World& world, int fd);
// Connects to the address of the socket `target`.
int Connect(World& world, int fd, int target);
int Listen(World& world, int fd, int backlog);
int Accept4(World& world, int fd, int flags);
int Shutdown(World& world, int fd, int how);
int64_t Send(World& world, int fd, uint64_t length, int flags);
int64_t Recv(World& world, int fd, uint64_t length, int flags);
// sendmsg(2) of one byte with the description behind `passed` (SCM_RIGHTS). An
// AF_UNIX socket is refused (EOPNOTSUPP): in flight it would keep itself alive,
// until the kernel looks for such loops in its own time.
int64_t SendFd(World& world, int fd, int passed);
// recvmsg(2) of one byte with room for one descriptor, which is returned; or
// -errno, and ENOMSG where the byte came without. `flags`: MSG_PEEK,
// MSG_CMSG_CLOEXEC.
int64_t RecvFd(World& world, int fd, int flags);
// `option`: as SocketOption makes it.
int Setsockopt(World& world, int fd, int option, int value);
int Getsockopt(World& world, int fd, int option, int* value);

}  // namespace pollux

#endif  // POLLUX_CORE_SOCKET_H_
