// AF_UNIX stream sockets: queues, accounting, masks and wake-ups.

#include "core/unix_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint8_t kShutdownMask = kRcvShutdown | kSendShutdown;
constexpr uint32_t kReadKey = EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND;
constexpr uint32_t kWriteKey = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

// The most that one message holds on x86-64: what fits beside the header
// structures, and 32 KiB in pages.
constexpr uint32_t kMaxMessage = 36544;
constexpr uint32_t kMaxHead = 3776;

UnixSock& SockOf(World& world, Index file) {
  return world.unix_socks[world.files[file].object];
}

// The memory that a message of `size` bytes takes: its head in a slab of one
// of four sizes, the rest in whole pages. Measured with SIOCOUTQ for every
// size; the tests measure again. Kernel: sock_alloc_send_pskb, __alloc_skb.
uint32_t Truesize(const World& world, uint32_t size) {
  const uint32_t page = world.machine.page_size;
  uint32_t paged = size > kMaxHead ? size - kMaxHead : 0;
  paged = std::min(size, (paged + page - 1) / page * page);
  const uint32_t head = size - paged;
  const uint32_t slab = head <= 192    ? 768
                        : head <= 704  ? 1280
                        : head <= 1728 ? 2304
                                       : 4352;
  return slab + (paged + page - 1) / page * page;
}

// Kernel: unix_writable. `references`: what the count that the kernel compares
// holds beyond the charged bytes.
bool Writable(const UnixSock& sock, uint32_t references) {
  return (uint64_t{sock.wmem_alloc} + references) * 4 <= sock.sndbuf;
}

// Kernel: unix_poll.
uint32_t UnixPoll(World& world, Index file, PollTable& table) {
  const UnixSock& sock = SockOf(world, file);
  PollWait(world, sock.wait, table);
  uint32_t mask = 0;
  if (sock.error != 0) mask |= EPOLLERR;
  if (sock.shutdown == kShutdownMask) mask |= EPOLLHUP;
  if (sock.shutdown & kRcvShutdown) {
    mask |= EPOLLIN | EPOLLRDNORM;
    if (!world.Has(Quirk::kNoRdhup)) mask |= EPOLLRDHUP;
  }
  if (!sock.receive_queue.empty()) mask |= EPOLLIN | EPOLLRDNORM;
  if (Writable(sock, 1)) mask |= kWriteKey;
  return mask;
}

// Returns the socket's error, negative, and clears it. Kernel: sock_error.
int TakeError(UnixSock& sock) {
  int error = sock.error;
  sock.error = 0;
  return -error;
}

// Queues one message at the peer.
void SendMessage(World& world, UnixSock& sock, uint32_t size) {
  Index skb = world.skbs.Allocate();
  world.skbs[skb].length = size;
  world.skbs[skb].truesize = Truesize(world, size);
  sock.wmem_alloc += world.skbs[skb].truesize;
  UnixSock& peer = world.unix_socks[sock.peer];
  const bool was_empty = peer.receive_queue.empty();
  peer.receive_queue.PushBack(world.skbs, skb);
  if (was_empty || !world.Has(Quirk::kUnixEdgeOnlyWhenEmpty)) {
    WakeUp(world, peer.wait, kReadKey, 1);
  }
}

// Kernel: unix_stream_sendmsg.
int64_t UnixWrite(World& world, Index file, uint64_t length, uint64_t) {
  UnixSock& sock = SockOf(world, file);
  if (sock.shutdown & kSendShutdown) return -EPIPE;
  const uint32_t most = std::min(kMaxMessage, sock.sndbuf / 2 - 64);
  uint64_t sent = 0;
  while (sent < length) {
    if (sock.wmem_alloc >= sock.sndbuf) {
      return sent > 0 ? static_cast<int64_t>(sent) : -EAGAIN;
    }
    uint64_t size = std::min<uint64_t>(length - sent, most);
    SendMessage(world, sock, static_cast<uint32_t>(size));
    sent += size;
  }
  return static_cast<int64_t>(sent);
}

// Gives a message back to its sender, who may be writable again. Kernel:
// sock_wfree, unix_write_space.
void FreeMessage(World& world, UnixSock& receiver) {
  Index skb = receiver.receive_queue.head;
  const uint32_t truesize = world.skbs[skb].truesize;
  receiver.receive_queue.Remove(world.skbs, skb);
  world.skbs.Free(skb);
  if (receiver.peer == kNil) return;
  UnixSock& sender = world.unix_socks[receiver.peer];
  sender.wmem_alloc -= truesize;
  if (Writable(sender, 2) && !world.Has(Quirk::kUnixRecvSilent)) {
    WakeUp(world, sender.wait, kWriteKey, 1);
  }
}

// Kernel: unix_stream_read_generic.
int64_t UnixRead(World& world, Index file, uint64_t length, uint64_t*) {
  if (length == 0) return 0;
  UnixSock& sock = SockOf(world, file);
  if (sock.receive_queue.empty()) {
    if (sock.error != 0) return TakeError(sock);
    return sock.shutdown & kRcvShutdown ? 0 : -EAGAIN;
  }
  uint64_t done = 0;
  while (done < length && !sock.receive_queue.empty()) {
    Skb& skb = world.skbs[sock.receive_queue.head];
    uint32_t chunk =
        static_cast<uint32_t>(std::min<uint64_t>(skb.length, length - done));
    done += chunk;
    skb.length -= chunk;
    if (skb.length == 0) FreeMessage(world, sock);
  }
  return static_cast<int64_t>(done);
}

// The peer sees both directions shut, and an error if something that it sent
// was never read. Kernel: unix_release_sock.
void UnixRelease(World& world, Index file) {
  Index index = world.files[file].object;
  UnixSock& sock = world.unix_socks[index];
  if (sock.peer != kNil) {
    UnixSock& peer = world.unix_socks[sock.peer];
    peer.shutdown = kShutdownMask;
    if (!sock.receive_queue.empty() && !world.Has(Quirk::kUnixNoReset)) {
      peer.error = ECONNRESET;
    }
    WakeUp(world, peer.wait, kNoKey, kWakeAll);
  }
  while (!sock.receive_queue.empty()) FreeMessage(world, sock);
  if (sock.peer != kNil) world.unix_socks[sock.peer].peer = kNil;
  FreeWaitQueue(world, sock.wait);
  world.unix_socks.Free(index);
}

Index NewSock(World& world) {
  Index index = world.unix_socks.Allocate();
  world.unix_socks[index].sndbuf = world.machine.unix_sndbuf;
  world.unix_socks[index].wait = NewWaitQueue(world);
  return index;
}

}  // namespace

const FileOps kUnixStreamOps = {
    .name = "socket",
    .poll = UnixPoll,
    .read = UnixRead,
    .write = UnixWrite,
    .release = UnixRelease,
};

int Socketpair(World& world, int domain, int type, int protocol, int fds[2]) {
  constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  constexpr int kTypeMask = 0xf;
  if (type & ~(kTypeMask | kFlags)) return -EINVAL;
  if (domain != AF_UNIX) return -EAFNOSUPPORT;
  if (protocol != 0 && protocol != PF_UNIX) return -EPROTONOSUPPORT;
  if ((type & kTypeMask) != SOCK_STREAM) return -ESOCKTNOSUPPORT;
  Index a = NewSock(world);
  Index b = NewSock(world);
  world.unix_socks[a].peer = b;
  world.unix_socks[b].peer = a;
  const uint32_t flags = O_RDWR | (type & SOCK_NONBLOCK);
  Index file_a = NewFile(world, FileType::kUnixStream, flags, a);
  Index file_b = NewFile(world, FileType::kUnixStream, flags, b);
  return InstallPair(world, file_a, file_b, fds);
}

// Each direction that closes here closes as its mirror at the peer. Kernel:
// unix_shutdown.
int Shutdown(World& world, int fd, int how) {
  Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (world.files[file].type != FileType::kUnixStream) return -ENOTSOCK;
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  const uint8_t mode = static_cast<uint8_t>(how + 1);
  UnixSock& sock = SockOf(world, file);
  sock.shutdown |= mode;
  const bool silent = world.Has(Quirk::kUnixShutdownSilent);
  if (!silent) WakeUp(world, sock.wait, kNoKey, kWakeAll);
  if (sock.peer == kNil) return 0;
  UnixSock& peer = world.unix_socks[sock.peer];
  if (mode & kRcvShutdown) peer.shutdown |= kSendShutdown;
  if (mode & kSendShutdown) peer.shutdown |= kRcvShutdown;
  if (!silent) WakeUp(world, peer.wait, kNoKey, kWakeAll);
  return 0;
}

}  // namespace pollux
