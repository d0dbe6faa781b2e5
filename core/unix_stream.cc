// AF_UNIX stream sockets: bytes in messages that reads merge, and one byte out
// of band.

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/unix_socket.h"
#include "core/world.h"

namespace pollux {
namespace {

// The most that one message holds on x86-64: what fits beside the header
// structures, and 32 KiB in pages.
constexpr uint32_t kMaxMessage = 36544;
constexpr uint32_t kMaxHead = 3776;

// Kernel: unix_poll.
uint32_t StreamPoll(World& world, Index file, PollTable& table) {
  const UnixSock& sock = UnixSockOf(world, file);
  PollWait(world, sock.wait, table);
  uint32_t mask = ShutdownMask(world, sock.shutdown);
  if (sock.error != 0) mask |= EPOLLERR;
  if (!sock.receive_queue.empty()) mask |= EPOLLIN | EPOLLRDNORM;
  if (sock.oob != kNil && !world.Has(Quirk::kUnixOobNoPri)) mask |= EPOLLPRI;
  const bool fresh = sock.state == UnixState::kClose;
  if (fresh && !world.Has(Quirk::kUnconnectedNoHup)) mask |= EPOLLHUP;
  if (UnixWritable(sock, 1)) mask |= kUnixWriteKey;
  return mask;
}

// The bytes of a message that lie in pages. Measured with SIOCOUTQ for every
// size; the tests measure again.
uint32_t PagedBytes(const World& world, uint32_t size) {
  const uint32_t page = world.machine.page_size;
  const uint32_t rest = size > kMaxHead ? size - kMaxHead : 0;
  return std::min(size, (rest + page - 1) / page * page);
}

// Are there bytes out of band? Kernel: CONFIG_AF_UNIX_OOB.
bool KnowsOob(const World& world) { return !world.Has(Quirk::kUnixNoOob); }

// Queues one message at the peer. False: the peer no longer reads, which only
// one that stopped before it was connected can have kept to itself.
bool SendMessage(World& world, Index index, uint32_t size, bool oob) {
  const uint32_t paged = PagedBytes(world, size);
  const Index skb =
      UnixAllocateSkb(world, index, size, UnixTruesize(world, size, paged));
  const Index peer = world.unix_socks[index].peer;
  if (world.unix_socks[peer].shutdown & kRcvShutdown) {
    UnixFreeSkb(world, skb);
    return false;
  }
  const bool was_empty = world.unix_socks[peer].receive_queue.empty();
  UnixEnqueue(world, peer, skb);
  if (oob) world.unix_socks[peer].oob = skb;
  if (was_empty || !world.Has(Quirk::kUnixEdgeOnlyWhenEmpty)) {
    UnixWake(world, peer, kUnixReadKey, 1);
  }
  return true;
}

// Kernel: unix_stream_sendmsg.
int64_t StreamSend(World& world, Index file, uint64_t length, int flags) {
  if (int error = ScmSend(world)) return error;
  const bool oob = flags & MSG_OOB;
  if (oob && (length == 0 || !KnowsOob(world))) return -EOPNOTSUPP;
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  if (sock.peer == kNil) return -ENOTCONN;
  if (sock.shutdown & kSendShutdown) return -EPIPE;
  const uint32_t most = std::min(kMaxMessage, sock.sndbuf / 2 - 64);
  const uint64_t inband = oob ? length - 1 : length;
  uint64_t sent = 0;
  while (sent < length) {
    if (sock.wmem_alloc >= sock.sndbuf) {
      return sent > 0 ? static_cast<int64_t>(sent) : -EAGAIN;
    }
    // The last byte is a message of its own if it is out of band.
    const bool last = sent >= inband;
    const uint64_t size = last ? 1 : std::min<uint64_t>(inband - sent, most);
    if (!SendMessage(world, index, static_cast<uint32_t>(size), last)) {
      return sent > 0 ? static_cast<int64_t>(sent) : -EPIPE;
    }
    sent += size;
  }
  return static_cast<int64_t>(sent);
}

int64_t StreamWrite(World& world, Index file, uint64_t length, uint64_t) {
  return StreamSend(world, file, length, 0);
}

// Takes the byte out of band; its message stays in the queue, empty. An empty
// one right before it goes. Kernel: unix_stream_recv_urg.
int64_t RecvUrgent(World& world, Index index, int flags) {
  UnixSock& sock = world.unix_socks[index];
  const Index oob = sock.oob;
  if (sock.oob_inline || oob == kNil) return -EINVAL;
  if (flags & MSG_PEEK) return 1;
  sock.oob = kNil;
  world.skbs[oob].length = 0;
  const Index before = world.skbs[oob].link.prev;
  if (before != kNil && world.skbs[before].length == 0) {
    UnixDequeue(world, index, before);
    UnixFreeSkb(world, before);
  }
  return 1;
}

// A read that reaches `skb` steps over an empty message, stops before the byte
// out of band, and drops it when it begins there, unless it is to be read in
// line. Returns the message to read on with, or kNil. Kernel: manage_oob.
Index ManageOob(World& world, Index index, Index skb, bool peek, bool copied) {
  UnixSock& sock = world.unix_socks[index];
  Index empty = kNil;
  Index dropped = kNil;
  if (world.skbs[skb].length == 0) {
    if (copied && (sock.oob == kNil || skb == sock.oob)) return kNil;
    const Index next = world.skbs[skb].link.next;
    if (!peek) {
      UnixDequeue(world, index, skb);
      empty = skb;
    }
    skb = next;
  }
  if (skb != kNil && skb == sock.oob) {
    if (copied) {
      skb = kNil;
    } else if (!peek) {
      sock.oob = kNil;
      if (!sock.oob_inline) {
        UnixDequeue(world, index, skb);
        dropped = skb;
        skb = sock.receive_queue.head;
      }
    } else if (!sock.oob_inline) {
      skb = world.skbs[skb].link.next;
    }
  }
  if (empty != kNil) UnixFreeSkb(world, empty);
  if (dropped != kNil) UnixFreeSkb(world, dropped);
  return skb;
}

// What a read gives that finds no more data after `copied` bytes.
int EndOfData(UnixSock& sock, uint64_t copied, uint64_t target) {
  if (copied >= target) return 0;
  if (sock.error != 0) return UnixTakeError(sock);
  return sock.shutdown & kRcvShutdown ? 0 : -EAGAIN;
}

// Kernel: unix_stream_read_generic.
int64_t StreamRecv(World& world, Index file, uint64_t length, int flags) {
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  if (sock.state != UnixState::kEstablished) return -EINVAL;
  if (flags & MSG_OOB) {
    return KnowsOob(world) ? RecvUrgent(world, index, flags) : -EOPNOTSUPP;
  }
  const bool peek = flags & MSG_PEEK;
  const uint64_t lowat = static_cast<uint64_t>(sock.rcvlowat);
  const uint64_t target = std::max<uint64_t>(
      flags & MSG_WAITALL ? length : std::min(lowat, length), 1);
  uint64_t copied = 0;
  int error = 0;
  Index skb = sock.receive_queue.head;
  for (;;) {
    if (skb != kNil) {
      skb = ManageOob(world, index, skb, peek, copied > 0);
      if (skb == kNil && copied > 0) break;
    }
    while (skb != kNil && world.skbs[skb].length == 0) {
      skb = world.skbs[skb].link.next;
    }
    if (skb == kNil) {
      error = EndOfData(sock, copied, target);
      break;
    }
    const uint64_t chunk =
        std::min<uint64_t>(world.skbs[skb].length, length - copied);
    copied += chunk;
    // A description ends the read, for there is room for those of one message.
    const bool passed = ScmReceive(world, world.skbs[skb].file, peek);
    if (peek) {
      if (passed) break;
      // Goes on to the end, even with nothing left to copy.
      skb = world.skbs[skb].link.next;
      if (skb == kNil || world.Has(Quirk::kUnixPeekStops)) break;
      continue;
    }
    world.skbs[skb].length -= static_cast<uint32_t>(chunk);
    if (world.skbs[skb].length > 0) break;
    UnixDequeue(world, index, skb);
    UnixFreeSkb(world, skb);
    if (passed || copied >= length) break;
    skb = sock.receive_queue.head;
  }
  return copied > 0 ? static_cast<int64_t>(copied) : error;
}

int64_t StreamRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : StreamRecv(world, file, length, 0);
}

constexpr SocketOps kStreamSocketOps = {
    .bind = UnixBind,
    .connect = UnixConnect,
    .listen = UnixListen,
    .accept = UnixAccept,
    .shutdown = UnixShutdown,
    .send = StreamSend,
    .recv = StreamRecv,
    .setsockopt = UnixSetsockopt,
    .getsockopt = UnixGetsockopt,
};

}  // namespace

const FileOps kUnixStreamOps = {
    .name = "unix stream",
    .poll = StreamPoll,
    .read = StreamRead,
    .write = StreamWrite,
    .release = UnixRelease,
    .socket = &kStreamSocketOps,
};

}  // namespace pollux
