// AF_UNIX datagram and sequenced-packet sockets: messages that stay whole, also
// those without bytes.
//
// A datagram socket may be connected to one that is not connected back: then
// the length of the receiver's queue bounds the sender, too, and a sender that
// has found it full is woken when the receiver reads.

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/unix_socket.h"
#include "core/world.h"

namespace pollux {
namespace {

// What a message holds outside of pages, and the most that it holds in them.
constexpr uint32_t kMaxHead = 16064;  // SKB_MAX_ALLOC
constexpr uint32_t kMaxPages = 17;    // MAX_SKB_FRAGS

bool QueueFull(const UnixSock& sock) {
  return sock.queue_length > sock.backlog;
}

// Registers `index` with its peer, if that has no room. Returns whether it has
// none. Kernel: unix_dgram_peer_wake_me.
bool PeerWakeMe(World& world, Index index, Index other) {
  UnixSock& sock = world.unix_socks[index];
  UnixSock& peer = world.unix_socks[other];
  if (!QueueFull(peer) || peer.dead) return false;
  if (sock.peer_wake == kNil) {
    sock.peer_wake = other;
    peer.peer_wait.PushFront(world.unix_socks, index);
  }
  return true;
}

// Has the peer of `index` room? If not, the socket hears of it later.
bool PeerHasRoom(World& world, Index index, PollTable& table) {
  const Index other = world.unix_socks[index].peer;
  if (!world.Has(Quirk::kDgramPollsPeer)) {
    return !PeerWakeMe(world, index, other);
  }
  UnixSock& peer = world.unix_socks[other];
  if (peer.peer_poll_wait == kNil) peer.peer_poll_wait = NewWaitQueue(world);
  PollWait(world, peer.peer_poll_wait, table);
  return !QueueFull(peer);
}

// Is `sock` connected to one that is not connected back?
bool OneWay(const World& world, Index sock) {
  const Index peer = world.unix_socks[sock].peer;
  return peer != kNil && world.unix_socks[peer].peer != sock;
}

// Kernel: unix_dgram_poll.
uint32_t DgramPoll(World& world, Index file, PollTable& table) {
  const Index index = UnixSockIndex(world, file);
  const UnixSock& sock = world.unix_socks[index];
  PollWait(world, sock.wait, table);
  uint32_t mask = ShutdownMask(world, sock.shutdown);
  if (sock.error != 0) mask |= EPOLLERR;
  if (!sock.receive_queue.empty()) mask |= EPOLLIN | EPOLLRDNORM;
  const bool fresh =
      sock.type == SOCK_SEQPACKET && sock.state == UnixState::kClose;
  if (fresh && !world.Has(Quirk::kUnconnectedNoHup)) mask |= EPOLLHUP;
  if ((table.key & kUnixWriteKey) == 0 || !UnixWritable(sock, 1)) return mask;
  if (OneWay(world, index) && !world.Has(Quirk::kDgramIgnoresPeer) &&
      !PeerHasRoom(world, index, table)) {
    return mask;
  }
  return mask | kUnixWriteKey;
}

// The memory that a message takes.
uint32_t Truesize(const World& world, uint32_t size) {
  const uint32_t page = world.machine.page_size;
  const uint32_t rest = size > kMaxHead ? size - kMaxHead : 0;
  const uint32_t paged = (std::min(rest, kMaxPages * page) + page - 1) / page;
  return UnixTruesize(world, size, paged * page);
}

// `index` has lost its peer: what it was sent is lost, too. Kernel:
// unix_dgram_disconnected.
void Disconnected(World& world, Index index, Index other) {
  UnixSock& sock = world.unix_socks[index];
  if (sock.receive_queue.empty()) return;
  while (!sock.receive_queue.empty()) {
    const Index skb = sock.receive_queue.head;
    UnixDequeue(world, index, skb);
    UnixFreeSkb(world, skb);
  }
  UnixWakePeerWait(world, index, kNoKey);
  UnixSock& peer = world.unix_socks[other];
  if (peer.dead || peer.peer != index) return;
  peer.error = ECONNRESET;
  UnixWake(world, other, EPOLLERR, 1);
}

// Exchanges the peer. Kernel: part of unix_dgram_connect.
void Reconnect(World& world, Index index, Index other) {
  const Index old = world.unix_socks[index].peer;
  if (old == kNil) {
    UnixSetPeer(world, index, other);
    return;
  }
  ++world.unix_socks[old].references;
  UnixSetPeer(world, index, other);
  UnixPeerWakeDisconnect(world, index, old);
  UnixWake(world, index, kUnixWriteKey, 1);
  if (other != old) Disconnected(world, index, old);
  UnixPut(world, old);
}

// Kernel: unix_dgram_connect.
int DgramConnect(World& world, Index file, Index target) {
  const uint32_t name = UnixNameOf(world, target);
  if (name == 0) return -EINVAL;
  const Index index = UnixSockIndex(world, file);
  const Index other = UnixFind(world, name, SOCK_DGRAM);
  if (other == kNil) return -ECONNREFUSED;
  const Index back = world.unix_socks[other].peer;
  if (back != kNil && back != index) return -EPERM;
  world.unix_socks[index].state = UnixState::kEstablished;
  world.unix_socks[other].state = UnixState::kEstablished;
  Reconnect(world, index, other);
  return 0;
}

// What a sender learns who finds that its peer is closed.
int PeerIsDead(World& world, Index index) {
  UnixSock& sock = world.unix_socks[index];
  if (sock.type == SOCK_SEQPACKET) return -EPIPE;
  const Index other = sock.peer;
  UnixPeerWakeDisconnect(world, index, other);
  sock.state = UnixState::kClose;
  UnixWake(world, index, kUnixWriteKey, 1);
  Disconnected(world, index, other);
  UnixSetPeer(world, index, kNil);
  return -ECONNREFUSED;
}

// May a message go from `index` to its peer? 0 or -errno.
int Admit(World& world, Index index) {
  const Index other = world.unix_socks[index].peer;
  if (other == kNil) return -ENOTCONN;
  const UnixSock& peer = world.unix_socks[other];
  const bool back = peer.peer == index;
  if (peer.peer != kNil && !back) return -EPERM;
  if (peer.dead) return PeerIsDead(world, index);
  if (peer.shutdown & kRcvShutdown) return -EPIPE;
  if (other == index || back || !QueueFull(peer)) return 0;
  return PeerWakeMe(world, index, other) ? -EAGAIN : 0;
}

// The message is made before anybody asks whether it may go: freeing it again
// wakes the sender itself. Kernel: unix_dgram_sendmsg.
int64_t DgramSend(World& world, Index file, uint64_t length, int flags) {
  if (int error = ScmSend(world)) return error;
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  if (length > sock.sndbuf - 32) return -EMSGSIZE;
  if (sock.error != 0) return UnixTakeError(sock);
  if (sock.shutdown & kSendShutdown) return -EPIPE;
  if (sock.wmem_alloc >= sock.sndbuf) return -EAGAIN;
  const uint32_t size = static_cast<uint32_t>(length);
  const Index skb = UnixAllocateSkb(world, index, size, Truesize(world, size));
  if (int error = Admit(world, index)) {
    UnixFreeSkb(world, skb, !world.Has(Quirk::kDgramFailedSendSilent));
    return error;
  }
  const Index peer = sock.peer;
  UnixEnqueue(world, peer, skb);
  if (length > 0 || !world.Has(Quirk::kDgramEmptySilent)) {
    UnixWake(world, peer, kUnixReadKey, 1);
  }
  return static_cast<int64_t>(length);
}

// Kernel: unix_seqpacket_sendmsg.
int64_t SeqpacketSend(World& world, Index file, uint64_t length, int flags) {
  UnixSock& sock = UnixSockOf(world, file);
  if (sock.error != 0) return UnixTakeError(sock);
  if (sock.state != UnixState::kEstablished) return -ENOTCONN;
  return DgramSend(world, file, length, flags);
}

// Errors come before data, and what does not fit is lost. Kernel:
// unix_dgram_recvmsg.
int64_t DgramRecv(World& world, Index file, uint64_t length, int flags) {
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  if (sock.error != 0) return UnixTakeError(sock);
  const Index skb = sock.receive_queue.head;
  if (skb == kNil) {
    const bool end =
        sock.type == SOCK_SEQPACKET && (sock.shutdown & kRcvShutdown);
    return end ? 0 : -EAGAIN;
  }
  const bool peek = flags & MSG_PEEK;
  const uint64_t whole = world.skbs[skb].length;
  if (!peek) UnixDequeue(world, index, skb);
  UnixWakePeerWait(world, index, kUnixWriteKey);
  ScmReceive(world, world.skbs[skb].file, peek);
  if (!peek) UnixFreeSkb(world, skb);
  return static_cast<int64_t>(flags & MSG_TRUNC ? whole
                                                : std::min(whole, length));
}

// Kernel: unix_seqpacket_recvmsg.
int64_t SeqpacketRecv(World& world, Index file, uint64_t length, int flags) {
  const UnixSock& sock = UnixSockOf(world, file);
  if (sock.state != UnixState::kEstablished &&
      !world.Has(Quirk::kSeqpacketRecvUnconnected)) {
    return -ENOTCONN;
  }
  return DgramRecv(world, file, length, flags);
}

int64_t DgramRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : DgramRecv(world, file, length, 0);
}

int64_t DgramWrite(World& world, Index file, uint64_t length, uint64_t) {
  return DgramSend(world, file, length, 0);
}

int64_t SeqpacketRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : SeqpacketRecv(world, file, length, 0);
}

int64_t SeqpacketWrite(World& world, Index file, uint64_t length, uint64_t) {
  return SeqpacketSend(world, file, length, 0);
}

constexpr SocketOps kDgramSocketOps = {
    .bind = UnixBind,
    .connect = DgramConnect,
    .listen = UnixListen,
    .accept = UnixAccept,
    .shutdown = UnixShutdown,
    .send = DgramSend,
    .recv = DgramRecv,
    .setsockopt = UnixSetsockopt,
    .getsockopt = UnixGetsockopt,
};

constexpr SocketOps kSeqpacketSocketOps = {
    .bind = UnixBind,
    .connect = UnixConnect,
    .listen = UnixListen,
    .accept = UnixAccept,
    .shutdown = UnixShutdown,
    .send = SeqpacketSend,
    .recv = SeqpacketRecv,
    .setsockopt = UnixSetsockopt,
    .getsockopt = UnixGetsockopt,
};

// A poll registers the socket with its peer if that has no room: whoever reads
// there then wakes this one.
bool DgramPollChanges(const World& world, Index file) {
  const Index index = world.files[file].object;
  const UnixSock& sock = world.unix_socks[index];
  return OneWay(world, index) && sock.peer_wake == kNil &&
         QueueFull(world.unix_socks[sock.peer]);
}

}  // namespace

const FileOps kUnixDgramOps = {
    .name = "unix dgram",
    .poll = DgramPoll,
    .read = DgramRead,
    .write = DgramWrite,
    .release = UnixRelease,
    .poll_changes = DgramPollChanges,
    .socket = &kDgramSocketOps,
};

const FileOps kUnixSeqpacketOps = {
    .name = "unix seqpacket",
    .poll = DgramPoll,
    .read = SeqpacketRead,
    .write = SeqpacketWrite,
    .release = UnixRelease,
    .socket = &kSeqpacketSocketOps,
};

}  // namespace pollux
