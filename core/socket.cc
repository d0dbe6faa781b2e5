// Sockets: descriptors to methods.

#include "core/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

constexpr int kTypeMask = 0xf;
constexpr int kTypeFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr int kTypes = 11;  // SOCK_MAX: the first number that is no type
constexpr uint32_t kMinSndbuf = 4608;  // SOCK_MIN_SNDBUF

// The most connections that may wait (net.core.somaxconn).
constexpr int kSomaxconn = 4096;

// What a call on a socket needs: its file and methods, or an errno.
struct Target {
  int error = 0;  // negative
  Index file = kNil;
  const SocketOps* ops = nullptr;
};

Target SocketOf(const World& world, int fd) {
  const Index file = FileOf(world, fd);
  if (file == kNil) return {.error = -EBADF};
  const SocketOps* ops = OpsOf(world.files[file].type).socket;
  if (ops == nullptr) return {.error = -ENOTSOCK};
  return {.file = file, .ops = ops};
}

// Kernel: __sock_create, as far as it is common to all families.
int CheckType(int domain, int type) {
  if (type & ~(kTypeMask | kTypeFlags)) return -EINVAL;
  if (domain != AF_UNIX && domain != AF_INET && domain != AF_INET6 &&
      domain != AF_NETLINK) {
    return -EAFNOSUPPORT;
  }
  return (type & kTypeMask) >= kTypes ? -EINVAL : 0;
}

// Options of a level that the socket's family does not have are not even
// looked up. Kernel: do_sock_setsockopt, do_sock_getsockopt.
int CheckLevel(const Target& socket, int option) {
  if (socket.error) return socket.error;
  if (LevelOf(option) == SOL_SOCKET || socket.ops->has_levels) return 0;
  return -EOPNOTSUPP;
}

}  // namespace

uint32_t ShutdownMask(const World& world, uint8_t shutdown) {
  uint32_t mask = 0;
  if (shutdown == kShutdownMask) mask |= EPOLLHUP;
  if (shutdown & kRcvShutdown) {
    mask |= EPOLLIN | EPOLLRDNORM;
    if (!world.Has(Quirk::kNoRdhup)) mask |= EPOLLRDHUP;
  }
  return mask;
}

int TakeError(int& error) {
  const int taken = -error;
  error = 0;
  return taken;
}

int TakeSoError(const World& world, int& error) {
  const int taken = error;
  if (!world.Has(Quirk::kSoErrorSticks)) error = 0;
  return taken;
}

uint32_t SndbufFor(const World& world, int value) {
  const uint32_t most = world.machine.wmem_max;
  return std::max(kMinSndbuf, 2 * std::min(static_cast<uint32_t>(value), most));
}

int Socket(World& world, int domain, int type, int protocol) {
  if (int error = CheckType(domain, type)) return error;
  const int kind = type & kTypeMask;
  const int flags = type & kTypeFlags;
  if (domain == AF_UNIX) return UnixSocket(world, kind, flags, protocol);
  return InetSocket(world, domain, kind, flags, protocol);
}

int Socketpair(World& world, int domain, int type, int protocol, int fds[2]) {
  if (int error = CheckType(domain, type)) return error;
  if (domain != AF_UNIX) return -EOPNOTSUPP;
  return UnixSocketpair(world, type & kTypeMask, type & kTypeFlags, protocol,
                        fds);
}

int Bind(World& world, int fd) {
  const Target socket = SocketOf(world, fd);
  return socket.error ? socket.error : socket.ops->bind(world, socket.file);
}

// The address is looked up first.
int Connect(World& world, int fd, int target) {
  const Target named = SocketOf(world, target);
  if (named.error) return named.error;
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  const int result = socket.ops->connect(world, socket.file, named.file);
  RunTaskWork(world);
  return result;
}

int Listen(World& world, int fd, int backlog) {
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  if (backlog < 0) backlog = kSomaxconn;
  return socket.ops->listen(world, socket.file, std::min(backlog, kSomaxconn));
}

int Accept4(World& world, int fd, int flags) {
  if (FileOf(world, fd) == kNil) return -EBADF;
  if (flags & ~kTypeFlags) return -EINVAL;
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  Index accepted = kNil;
  const int error = socket.ops->accept(world, socket.file, flags, &accepted);
  return error ? error : InstallFd(world, accepted, flags);
}

int Shutdown(World& world, int fd, int how) {
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  return socket.ops->shutdown(world, socket.file, how);
}

int64_t Send(World& world, int fd, uint64_t length, int flags) {
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  const int64_t result = socket.ops->send(world, socket.file, length, flags);
  RunTaskWork(world);
  return result;
}

int64_t Recv(World& world, int fd, uint64_t length, int flags) {
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  const int64_t result = socket.ops->recv(world, socket.file, length, flags);
  ScmDestroy(world);
  RunTaskWork(world);
  return result;
}

int64_t SendFd(World& world, int fd, int passed) {
  const Index named = FileOf(world, passed);
  if (named != kNil && IsUnix(world.files[named].type)) return -EOPNOTSUPP;
  world.scm = {true, RawFileOf(world, passed)};
  const int64_t result = Send(world, fd, 1, 0);
  world.scm = {};
  return result;
}

int64_t RecvFd(World& world, int fd, int flags) {
  const Target socket = SocketOf(world, fd);
  if (socket.error) return socket.error;
  int64_t result = socket.ops->recv(world, socket.file, 1, flags);
  if (result >= 0) {
    result = -ENOMSG;
    if (world.scm.file != kNil) {
      const uint32_t cloexec = flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0;
      result = InstallFd(world, world.scm.file, cloexec);
    }
  }
  ScmDestroy(world);
  RunTaskWork(world);
  return result;
}

int ScmSend(const World& world) {
  if (!world.scm.sends) return 0;
  if (world.scm.file == kNil) return -EBADF;
  // Kernel: scm_fp_copy, for it could hold the socket in turn.
  const FileType type = world.files[world.scm.file].type;
  return type == FileType::kIoUring ? -EINVAL : 0;
}

bool ScmReceive(World& world, Index& file, bool peek) {
  if (file == kNil) return false;
  if (peek) ++world.files[file].count;
  world.scm.file = file;
  if (!peek) file = kNil;
  return true;
}

void ScmDestroy(World& world) {
  if (world.scm.file != kNil) PutFile(world, world.scm.file);
  world.scm = {};
}

int Setsockopt(World& world, int fd, int option, int value) {
  const Target socket = SocketOf(world, fd);
  if (int error = CheckLevel(socket, option)) return error;
  return socket.ops->setsockopt(world, socket.file, option, value);
}

int Getsockopt(World& world, int fd, int option, int* value) {
  const Target socket = SocketOf(world, fd);
  if (int error = CheckLevel(socket, option)) return error;
  return socket.ops->getsockopt(world, socket.file, option, value);
}

}  // namespace pollux
