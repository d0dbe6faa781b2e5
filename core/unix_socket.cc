// AF_UNIX sockets: life, names, connections, accounting, options.

#include "core/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

// What the allocator adds to a message of no bytes: the header in front of the
// data, and the shared info behind them.
constexpr uint32_t kSkbBytes = 256;
constexpr uint32_t kSharedInfoBytes = 320;
constexpr uint32_t kCacheLine = 64;
constexpr uint32_t kSmallestSlab = 512;

// Kernel: unix_create1.
Index NewSock(World& world, int type) {
  const Index index = world.unix_socks.Allocate();
  const Index wait = NewWaitQueue(world);
  UnixSock& sock = world.unix_socks[index];
  sock.type = static_cast<uint16_t>(type);
  sock.references = 1;
  sock.backlog = world.machine.unix_max_dgram_qlen;
  sock.sndbuf = world.machine.unix_sndbuf;
  sock.wait = wait;
  return index;
}

Index NewSocketFile(World& world, int flags, Index sock) {
  const int type = world.unix_socks[sock].type;
  const FileType file_type = type == SOCK_STREAM  ? FileType::kUnixStream
                             : type == SOCK_DGRAM ? FileType::kUnixDgram
                                                  : FileType::kUnixSeqpacket;
  return NewFile(world, file_type, O_RDWR | (flags & SOCK_NONBLOCK), sock);
}

// Brings `type` to one that is modelled. Kernel: unix_create.
int CheckUnixType(int protocol, int* type) {
  if (protocol != 0 && protocol != PF_UNIX) return -EPROTONOSUPPORT;
  if (*type == SOCK_RAW) *type = SOCK_DGRAM;
  const bool good =
      *type == SOCK_STREAM || *type == SOCK_DGRAM || *type == SOCK_SEQPACKET;
  return good ? 0 : -ESOCKTNOSUPPORT;
}

// Does closing `sock` lose something that its peer sent? A message without
// bytes at the head of the queue does not count, even if somebody meant it.
bool LosesData(const World& world, const UnixSock& sock) {
  if (world.Has(Quirk::kUnixNoReset)) return false;
  Index skb = sock.receive_queue.head;
  if (skb != kNil && world.skbs[skb].length == 0 &&
      !world.Has(Quirk::kUnixEmptyMessageResets)) {
    skb = world.skbs[skb].link.next;
  }
  return skb != kNil;
}

// The peer of a connection sees both directions shut, and an error if
// something that it sent was never read or its connection never accepted.
void ShutPeer(World& world, Index index, bool embryo) {
  const UnixSock& sock = world.unix_socks[index];
  if (sock.type == SOCK_DGRAM) return;
  UnixSock& peer = world.unix_socks[sock.peer];
  peer.shutdown = kShutdownMask;
  if (embryo || LosesData(world, sock)) peer.error = ECONNRESET;
  UnixWake(world, sock.peer, kNoKey, kWakeAll);
}

// Kernel: unix_release_sock. `embryo`: it was never accepted.
void ReleaseSock(World& world, Index index, bool embryo) {
  UnixSock& sock = world.unix_socks[index];
  const bool listening = sock.state == UnixState::kListen;
  sock.dead = true;
  sock.shutdown = kShutdownMask;
  sock.state = UnixState::kClose;
  sock.oob = kNil;
  if (sock.name != 0 && world.unix_names[sock.name - 1] == index) {
    world.unix_names[sock.name - 1] = kNil;
  }
  UnixWakePeerWait(world, index, kNoKey);
  if (sock.peer != kNil) {
    ShutPeer(world, index, embryo);
    UnixPeerWakeDisconnect(world, index, sock.peer);
    UnixSetPeer(world, index, kNil);
  }
  FreeWaitQueue(world, sock.wait);
  sock.wait = kNil;
  while (!sock.receive_queue.empty()) {
    const Index skb = sock.receive_queue.head;
    UnixDequeue(world, index, skb);
    if (listening) ReleaseSock(world, world.skbs[skb].sender, true);
    UnixFreeSkb(world, skb);
  }
  UnixPut(world, index);
}

// May one more connection wait at `sock`? 0 or -errno.
int CheckListener(const World& world, const UnixSock& sock) {
  if (sock.state != UnixState::kListen || sock.shutdown & kRcvShutdown) {
    return -ECONNREFUSED;
  }
  const bool exact = world.Has(Quirk::kUnixBacklogExact);
  return sock.queue_length >= sock.backlog + (exact ? 0 : 1) ? -EAGAIN : 0;
}

}  // namespace

// ----------------------------------------------------------------------------
// Mechanisms

Index UnixSockIndex(const World& world, Index file) {
  return world.files[file].object;
}

UnixSock& UnixSockOf(World& world, Index file) {
  return world.unix_socks[world.files[file].object];
}

bool UnixWritable(const UnixSock& sock, uint32_t references) {
  return sock.state != UnixState::kListen &&
         (uint64_t{sock.wmem_alloc} + references) * 4 <= sock.sndbuf;
}

void UnixWake(World& world, Index sock, uint32_t key, int nr_exclusive,
              WakeSite site) {
  if (world.unix_socks[sock].dead) return;
  WakeUp(world, world.unix_socks[sock].wait, key, nr_exclusive, site);
}

void UnixWakePeerWait(World& world, Index sock, uint32_t key, WakeSite site) {
  auto& waiting = world.unix_socks[sock].peer_wait;
  while (!waiting.empty()) {
    const Index relay = waiting.head;
    waiting.Remove(world.unix_socks, relay);
    world.unix_socks[relay].peer_wake = kNil;
    UnixWake(world, relay, key, 1, site);
  }
  const Index watched = world.unix_socks[sock].peer_poll_wait;
  if (watched != kNil) WakeUp(world, watched, key, 1, site);
}

void UnixPeerWakeDisconnect(World& world, Index sock, Index other) {
  if (world.unix_socks[sock].peer_wake != other) return;
  world.unix_socks[other].peer_wait.Remove(world.unix_socks, sock);
  world.unix_socks[sock].peer_wake = kNil;
}

uint32_t UnixTruesize(const World& world, uint32_t size, uint32_t paged) {
  const uint32_t page = world.machine.page_size;
  const uint32_t head = (size - paged + kCacheLine - 1) / kCacheLine;
  uint32_t slab = kSmallestSlab;
  while (slab < head * kCacheLine + kSharedInfoBytes) slab *= 2;
  return kSkbBytes + slab + (paged + page - 1) / page * page;
}

Index UnixAllocateSkb(World& world, Index sender, uint32_t size,
                      uint32_t truesize) {
  const Index skb = world.skbs.Allocate();
  world.skbs[skb].length = size;
  world.skbs[skb].truesize = truesize;
  world.skbs[skb].sender = sender;
  world.unix_socks[sender].wmem_alloc += truesize;
  ++world.unix_socks[sender].references;
  if (world.scm.sends) {
    world.skbs[skb].file = world.scm.file;
    ++world.files[world.scm.file].count;
  }
  return skb;
}

void UnixFreeSkb(World& world, Index skb, bool wake) {
  const Index index = world.skbs[skb].sender;
  UnixSock& sender = world.unix_socks[index];
  sender.wmem_alloc -= world.skbs[skb].truesize;
  if (world.skbs[skb].file != kNil) PutFile(world, world.skbs[skb].file);
  world.skbs[skb].file = kNil;
  world.skbs.Free(skb);
  wake = wake && !world.Has(Quirk::kUnixRecvSilent);
  if (wake && UnixWritable(sender, 2)) {
    UnixWake(world, index, kUnixWriteKey, 1);
  }
  UnixPut(world, index);
}

void UnixEnqueue(World& world, Index sock, Index skb) {
  world.unix_socks[sock].receive_queue.PushBack(world.skbs, skb);
  ++world.unix_socks[sock].queue_length;
}

void UnixDequeue(World& world, Index sock, Index skb) {
  world.unix_socks[sock].receive_queue.Remove(world.skbs, skb);
  --world.unix_socks[sock].queue_length;
}

void UnixSetPeer(World& world, Index sock, Index peer) {
  const Index old = world.unix_socks[sock].peer;
  world.unix_socks[sock].peer = peer;
  if (peer != kNil) ++world.unix_socks[peer].references;
  if (old != kNil) UnixPut(world, old);
}

void UnixPut(World& world, Index sock) {
  if (--world.unix_socks[sock].references > 0) return;
  const Index watched = world.unix_socks[sock].peer_poll_wait;
  if (watched != kNil) {
    DropWaitEntries(world, watched);
    FreeWaitQueue(world, watched);
  }
  world.unix_socks.Free(sock);
}

uint32_t UnixNameOf(const World& world, Index file) {
  if (!IsUnix(world.files[file].type)) return 0;
  return world.unix_socks[world.files[file].object].name;
}

Index UnixFind(const World& world, uint32_t name, int type) {
  const Index sock = world.unix_names[name - 1];
  return sock != kNil && world.unix_socks[sock].type == type ? sock : kNil;
}

int UnixTakeError(UnixSock& sock) { return TakeError(sock.error); }

// ----------------------------------------------------------------------------
// Making and closing

int UnixSocket(World& world, int type, int flags, int protocol) {
  if (int error = CheckUnixType(protocol, &type)) return error;
  return InstallFd(world, NewSocketFile(world, flags, NewSock(world, type)),
                   static_cast<uint32_t>(flags));
}

int UnixSocketpair(World& world, int type, int flags, int protocol,
                   int fds[2]) {
  if (int error = CheckUnixType(protocol, &type)) return error;
  const Index a = NewSock(world, type);
  const Index b = NewSock(world, type);
  UnixSetPeer(world, a, b);
  UnixSetPeer(world, b, a);
  world.unix_socks[a].state = UnixState::kEstablished;
  world.unix_socks[b].state = UnixState::kEstablished;
  const Index file_a = NewSocketFile(world, flags, a);
  const Index file_b = NewSocketFile(world, flags, b);
  return InstallPair(world, file_a, file_b, static_cast<uint32_t>(flags), fds);
}

void UnixRelease(World& world, Index file) {
  ReleaseSock(world, UnixSockIndex(world, file), false);
}

// ----------------------------------------------------------------------------
// Names and connections

// A socket that has a name keeps it. Kernel: unix_autobind.
int UnixBind(World& world, Index file) {
  UnixSock& sock = UnixSockOf(world, file);
  if (sock.name != 0) return 0;
  world.unix_names.push_back(UnixSockIndex(world, file));
  sock.name = static_cast<uint32_t>(world.unix_names.size());
  return 0;
}

// Kernel: unix_stream_connect.
int UnixConnect(World& world, Index file, Index target) {
  const uint32_t name = UnixNameOf(world, target);
  if (name == 0) return -EINVAL;
  const Index client = UnixSockIndex(world, file);
  const int type = world.unix_socks[client].type;
  const Index listener = UnixFind(world, name, type);
  if (listener == kNil) return -ECONNREFUSED;
  if (int error = CheckListener(world, world.unix_socks[listener])) {
    return error;
  }
  const UnixState state = world.unix_socks[client].state;
  if (state == UnixState::kEstablished) return -EISCONN;
  if (state == UnixState::kListen) return -EINVAL;
  const Index embryo = NewSock(world, type);
  world.unix_socks[embryo].state = UnixState::kEstablished;
  world.unix_socks[embryo].name = name;
  UnixSetPeer(world, embryo, client);
  world.unix_socks[client].state = UnixState::kEstablished;
  UnixSetPeer(world, client, embryo);
  UnixEnqueue(world, listener, UnixAllocateSkb(world, embryo, 0, 0));
  UnixWake(world, listener, kUnixReadKey, 1);
  return 0;
}

// Kernel: unix_listen.
int UnixListen(World& world, Index file, int backlog) {
  UnixSock& sock = UnixSockOf(world, file);
  if (sock.type == SOCK_DGRAM) return -EOPNOTSUPP;
  if (sock.name == 0 || sock.state == UnixState::kEstablished) return -EINVAL;
  sock.backlog = static_cast<uint32_t>(backlog);
  sock.state = UnixState::kListen;
  return 0;
}

// The new socket lives in its file from here. Kernel: unix_accept.
int UnixAccept(World& world, Index file, int flags, Index* accepted) {
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  if (sock.type == SOCK_DGRAM) return -EOPNOTSUPP;
  if (sock.state != UnixState::kListen) return -EINVAL;
  if (sock.error != 0) return UnixTakeError(sock);
  const Index skb = sock.receive_queue.head;
  if (skb == kNil) return -EAGAIN;
  const Index embryo = world.skbs[skb].sender;
  UnixDequeue(world, index, skb);
  UnixFreeSkb(world, skb);
  *accepted = NewSocketFile(world, flags, embryo);
  return 0;
}

// Each direction of a connection that closes here closes as its mirror at the
// peer. Kernel: unix_shutdown.
int UnixShutdown(World& world, Index file, int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  const uint8_t mode = static_cast<uint8_t>(how + 1);
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  sock.shutdown |= mode;
  const bool silent = world.Has(Quirk::kUnixShutdownSilent);
  if (!silent) UnixWake(world, index, kNoKey, kWakeAll);
  if (sock.peer == kNil || sock.type == SOCK_DGRAM) return 0;
  UnixSock& peer = world.unix_socks[sock.peer];
  if (mode & kRcvShutdown) peer.shutdown |= kSendShutdown;
  if (mode & kSendShutdown) peer.shutdown |= kRcvShutdown;
  if (!silent) UnixWake(world, sock.peer, kNoKey, kWakeAll);
  return 0;
}

// ----------------------------------------------------------------------------
// Options

// Kernel: sk_setsockopt.
int UnixSetsockopt(World& world, Index file, int option, int value) {
  const Index index = UnixSockIndex(world, file);
  UnixSock& sock = world.unix_socks[index];
  switch (option) {
    case SO_SNDBUF:
      sock.sndbuf = SndbufFor(world, value);
      if (UnixWritable(sock, 1)) UnixWake(world, index, kUnixWriteKey, 1);
      return 0;
    case SO_RCVLOWAT:
      sock.rcvlowat = value < 0 ? INT_MAX : std::max(value, 1);
      return 0;
    case SO_OOBINLINE:
      sock.oob_inline = value != 0;
      return 0;
    case SO_LINGER:  // of no effect
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

// Kernel: sk_getsockopt.
int UnixGetsockopt(World& world, Index file, int option, int* value) {
  UnixSock& sock = UnixSockOf(world, file);
  switch (option) {
    case SO_ERROR:
      *value = TakeSoError(world, sock.error);
      return 0;
    case SO_TYPE:
      *value = sock.type;
      return 0;
    case SO_ACCEPTCONN:
      *value = sock.state == UnixState::kListen;
      return 0;
    case SO_SNDBUF:
      *value = static_cast<int>(sock.sndbuf);
      return 0;
    case SO_RCVLOWAT:
      *value = sock.rcvlowat;
      return 0;
    case SO_OOBINLINE:
      *value = sock.oob_inline;
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

}  // namespace pollux
