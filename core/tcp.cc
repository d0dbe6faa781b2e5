// TCP: connections, from connect(2) to close(2), and their masks.
//
// Both ends' wake-ups come in the order in which the kernel handles segments:
// the receiver of a segment acts while the sender is still in its call, and
// what it answers waits until the sender's call lets go of its socket. So the
// peer's come first, then the call's own, then those of the answer.

#include "core/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/world.h"

namespace pollux {
namespace {

bool Connected(InetState state) {
  return state == InetState::kEstablished || state == InetState::kCloseWait ||
         state == InetState::kFinWait1 || state == InetState::kFinWait2 ||
         state == InetState::kLastAck;
}

// Ends what ties the two ends together.
void Unlink(World& world, Index sock) {
  const Index peer = world.inet_socks[sock].peer;
  if (peer == kNil) return;
  world.inet_socks[sock].peer = kNil;
  world.inet_socks[peer].peer = kNil;
}

// Kernel: tcp_set_state(TCP_CLOSE).
void SetClosed(World& world, Index sock) {
  world.inet_socks[sock].state = InetState::kClose;
  InetPutPort(world, sock);
}

// Kernel: tcp_done.
void Done(World& world, Index sock) {
  SetClosed(world, sock);
  Unlink(world, sock);
  world.inet_socks[sock].shutdown = kShutdownMask;
  InetWake(world, sock, kNoKey, kWakeAll);
}

// Sends a reset to the other end of `sock`.
void SendReset(World& world, Index sock) {
  const Index peer = world.inet_socks[sock].peer;
  if (peer != kNil) TcpReset(world, peer);
}

// A FIN has come. Kernel: tcp_fin, tcp_data_queue.
void ReceiveFin(World& world, Index sock) {
  InetSock& s = world.inet_socks[sock];
  s.shutdown |= kRcvShutdown;
  s.done = true;
  if (s.state == InetState::kEstablished) s.state = InetState::kCloseWait;
  if (s.state == InetState::kFinWait2) Done(world, sock);
  InetWake(world, sock, kNoKey, kWakeAll);
  InetWake(world, sock, kSockReadKey, 1);
}

void SendFin(World& world, Index sock) {
  const Index peer = world.inet_socks[sock].peer;
  if (peer != kNil) ReceiveFin(world, peer);
}

// Resets the connections that nobody has accepted. Kernel:
// inet_csk_listen_stop.
void StopListening(World& world, Index listener) {
  auto& queue = world.inet_socks[listener].accept_queue;
  while (!queue.empty()) {
    const Index child = queue.head;
    queue.Remove(world.inet_socks, child);
    if (world.inet_socks[child].state != InetState::kClose) {
      SetClosed(world, child);
      SendReset(world, child);
      Unlink(world, child);
    }
    FreeInetSock(world, child);
  }
  world.inet_socks[listener].queue_length = 0;
}

// Kernel: tcp_disconnect.
void Disconnect(World& world, Index index) {
  const InetState old = world.inet_socks[index].state;
  if (old != InetState::kClose) SetClosed(world, index);
  if (old == InetState::kListen) {
    StopListening(world, index);
  } else if (Connected(old)) {
    SendReset(world, index);
    Unlink(world, index);
  }
  InetSock& sock = world.inet_socks[index];
  if (Connected(old) || old == InetState::kSynSent) sock.error = ECONNRESET;
  sock.copied_seq = sock.rcv_nxt;
  sock.urgent = Urgent::kNone;
  sock.shutdown = 0;
  sock.done = false;
  InetWake(world, index, EPOLLERR, 1);
}

// Kernel: __tcp_close.
void TcpRelease(World& world, Index file) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (sock.state == InetState::kListen) {
    SetClosed(world, index);
    StopListening(world, index);
  } else if (!Connected(sock.state)) {
    SetClosed(world, index);
  } else if (sock.rcv_nxt != sock.copied_seq || sock.reset_on_close) {
    SendReset(world, index);
  } else if (sock.state != InetState::kFinWait2) {
    SendFin(world, index);
  }
  Unlink(world, index);
  FreeInetSock(world, index);
}

// ----------------------------------------------------------------------------
// Connections

// Ends the sending of a connection. Returns whether a FIN was sent. Kernel:
// tcp_shutdown.
bool StopSending(World& world, Index index) {
  InetSock& sock = world.inet_socks[index];
  if (sock.state == InetState::kEstablished) {
    sock.state = InetState::kFinWait1;
  } else if (sock.state == InetState::kCloseWait) {
    sock.state = InetState::kLastAck;
  } else {
    return false;
  }
  SendFin(world, index);
  return true;
}

// The other end has acknowledged the FIN. Kernel: tcp_rcv_state_process.
void FinAcknowledged(World& world, Index index) {
  InetSock& sock = world.inet_socks[index];
  if (sock.state == InetState::kLastAck) {
    Done(world, index);
    return;
  }
  sock.state = InetState::kFinWait2;
  sock.shutdown |= kSendShutdown;
  InetWake(world, index, kNoKey, kWakeAll);
}

// The other end of a new connection, which waits to be accepted. Kernel:
// inet_csk_clone_lock, tcp_child_process.
void AddChild(World& world, Index listener, Index client) {
  const int family = world.inet_socks[listener].family;
  const Index index = NewInetSock(world, family, SOCK_STREAM, IPPROTO_TCP);
  InetSock& child = world.inet_socks[index];
  InetSock& parent = world.inet_socks[listener];
  child.state = InetState::kEstablished;
  child.socket = SocketState::kConnected;
  child.shutdown = parent.shutdown;
  child.rcvlowat = parent.rcvlowat;
  child.sndbuf = parent.sndbuf;
  child.notsent_lowat = parent.notsent_lowat;
  child.oob_inline = parent.oob_inline;
  child.reset_on_close = parent.reset_on_close;
  child.name = parent.name;
  child.has_port = true;
  child.peer = client;
  world.inet_socks[client].peer = index;
  const bool edge = parent.accept_queue.empty() ||
                    !world.Has(Quirk::kTcpListenerEdgeOnlyWhenEmpty);
  parent.accept_queue.PushBack(world.inet_socks, index);
  ++parent.queue_length;
  if (edge) InetWake(world, listener, kSockReadKey, 1);
  // A listener that was shut before it listened has children that end at once.
  if (world.inet_socks[index].shutdown & kSendShutdown) {
    StopSending(world, index);
    FinAcknowledged(world, index);
  }
}

// Sends a SYN to `name`; what becomes of it is known when connect(2) returns.
void SendSyn(World& world, Index client, uint32_t name) {
  const Index listener = InetFind(world, world.inet_socks[client], name);
  if (listener == kNil ||
      world.inet_socks[listener].state != InetState::kListen) {
    TcpReset(world, client);
    return;
  }
  // A full listener drops it: the client goes on waiting.
  const InetSock& parent = world.inet_socks[listener];
  if (parent.queue_length > parent.backlog) return;
  world.inet_socks[client].state = InetState::kEstablished;
  if (!world.Has(Quirk::kTcpConnectSilent)) {
    InetWake(world, client, kNoKey, kWakeAll);
  }
  AddChild(world, listener, client);
}

// Looks again at a connection that was begun before.
int ContinueConnect(World& world, Index index) {
  InetSock& sock = world.inet_socks[index];
  if (sock.state == InetState::kSynSent) return -EALREADY;
  if (sock.state != InetState::kClose) {
    sock.socket = SocketState::kConnected;
    return 0;
  }
  const int error = TakeError(sock.error);
  sock.socket = SocketState::kUnconnected;
  Disconnect(world, index);
  return error != 0 ? error : -ECONNABORTED;
}

// Kernel: __inet_stream_connect.
int TcpConnect(World& world, Index file, Index target) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (TcpRefuses(world, sock, target)) return -EINVAL;
  switch (sock.socket) {
    case SocketState::kConnected:
      return -EISCONN;
    case SocketState::kDisconnecting:
      return -EINVAL;
    case SocketState::kConnecting:
      return ContinueConnect(world, index);
    case SocketState::kUnconnected:
      break;
  }
  if (sock.state != InetState::kClose) return -EISCONN;
  const int name = InetNameFor(world, sock, target);
  if (name < 0) return name;
  InetAutobind(world, index);
  sock.state = InetState::kSynSent;
  sock.socket = SocketState::kConnecting;
  sock.error = 0;
  sock.done = false;
  SendSyn(world, index, static_cast<uint32_t>(name));
  return -EINPROGRESS;
}

// Kernel: __inet_listen_sk.
int TcpListen(World& world, Index file, int backlog) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (sock.socket != SocketState::kUnconnected) return -EINVAL;
  const bool listens = sock.state == InetState::kListen;
  if (sock.state != InetState::kClose && !listens) return -EINVAL;
  sock.backlog = static_cast<uint32_t>(backlog);
  if (listens) return 0;
  InetAutobind(world, index);
  sock.state = InetState::kListen;
  return 0;
}

// Kernel: inet_csk_accept.
int TcpAccept(World& world, Index file, int flags, Index* accepted) {
  InetSock& sock = InetSockOf(world, file);
  if (sock.state != InetState::kListen) return -EINVAL;
  const Index child = sock.accept_queue.head;
  if (child == kNil) return -EAGAIN;
  sock.accept_queue.Remove(world.inet_socks, child);
  --sock.queue_length;
  const Index wait = NewWaitQueue(world);
  world.inet_socks[child].wait = wait;
  *accepted =
      NewFile(world, FileType::kTcp, O_RDWR | (flags & SOCK_NONBLOCK), child);
  return 0;
}

// Kernel: inet_shutdown.
int TcpShutdown(World& world, Index file, int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  const uint8_t mode = static_cast<uint8_t>(how + 1);
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  const InetState state = sock.state;
  if (sock.socket == SocketState::kConnecting) {
    const bool ends =
        state == InetState::kSynSent || state == InetState::kClose;
    sock.socket = ends ? SocketState::kDisconnecting : SocketState::kConnected;
  }
  bool fin = false;
  if (state == InetState::kSynSent ||
      (state == InetState::kListen && mode & kRcvShutdown)) {
    Disconnect(world, index);
    world.inet_socks[index].socket = SocketState::kUnconnected;
  } else if (state != InetState::kListen) {
    sock.shutdown |= mode;
    fin = (mode & kSendShutdown) && StopSending(world, index);
  }
  InetWake(world, index, kNoKey, kWakeAll);
  if (fin) FinAcknowledged(world, index);
  return state == InetState::kClose ? -ENOTCONN : 0;
}

// ----------------------------------------------------------------------------
// Masks, options

// Kernel: tcp_poll.
uint32_t TcpPoll(World& world, Index file, PollTable& table) {
  const InetSock& sock = InetSockOf(world, file);
  PollWait(world, sock.wait, table);
  if (sock.state == InetState::kListen) {
    return sock.accept_queue.empty() ? 0 : EPOLLIN | EPOLLRDNORM;
  }
  uint32_t mask = ShutdownMask(world, sock.shutdown);
  if (sock.state == InetState::kClose && !world.Has(Quirk::kUnconnectedNoHup)) {
    mask |= EPOLLHUP;
  }
  if (sock.error != 0) mask |= EPOLLERR;
  if (sock.state == InetState::kSynSent) return mask;
  if (TcpReadable(sock, /*skips_urgent=*/true)) mask |= EPOLLIN | EPOLLRDNORM;
  if (sock.urgent == Urgent::kValid && !world.Has(Quirk::kTcpOobNoPri)) {
    mask |= EPOLLPRI;
  }
  return mask | EPOLLOUT | EPOLLWRNORM;
}

// Kernel: do_tcp_setsockopt, tcp_set_rcvlowat.
int TcpSetsockopt(World& world, Index file, int option, int value) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (option == kTcpNotsentLowat) {
    sock.notsent_lowat = static_cast<uint32_t>(value);
    InetWake(world, index, kSockWriteKey, 1);
    return 0;
  }
  const int result = InetSetsockopt(world, file, option, value);
  if (option == SO_RCVLOWAT && result == 0) {
    sock.rcvlowat = std::min(sock.rcvlowat,
                             static_cast<int>(world.machine.tcp_rmem_max / 2));
    if (TcpReadable(sock, /*skips_urgent=*/false) || sock.done) {
      InetWake(world, index, kSockReadKey, 1);
    }
  }
  return result;
}

int TcpGetsockopt(World& world, Index file, int option, int* value) {
  if (option != kTcpNotsentLowat) {
    return InetGetsockopt(world, file, option, value);
  }
  *value = static_cast<int>(InetSockOf(world, file).notsent_lowat);
  return 0;
}

constexpr SocketOps kTcpSocketOps = {
    .bind = InetBind,
    .connect = TcpConnect,
    .listen = TcpListen,
    .accept = TcpAccept,
    .shutdown = TcpShutdown,
    .send = TcpSend,
    .recv = TcpRecv,
    .setsockopt = TcpSetsockopt,
    .getsockopt = TcpGetsockopt,
    .has_levels = true,
};

int64_t TcpRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : TcpRecv(world, file, length, 0);
}

int64_t TcpWrite(World& world, Index file, uint64_t length, uint64_t) {
  return TcpSend(world, file, length, 0);
}

}  // namespace

void TcpReset(World& world, Index index) {
  InetSock& sock = world.inet_socks[index];
  const bool refused = sock.state == InetState::kSynSent;
  if (sock.state == InetState::kClose) return;
  sock.error = refused                               ? ECONNREFUSED
               : sock.state == InetState::kCloseWait ? EPIPE
                                                     : ECONNRESET;
  if (refused && world.Has(Quirk::kTcpRefusedNoError)) sock.error = 0;
  Done(world, index);
  InetWake(world, index, EPOLLERR, 1);
}

bool TcpReadable(const InetSock& sock, bool skips_urgent) {
  uint64_t target = static_cast<uint64_t>(sock.rcvlowat);
  if (skips_urgent && sock.urgent != Urgent::kNone && !sock.oob_inline &&
      sock.urg_seq == sock.copied_seq) {
    ++target;
  }
  const uint64_t unread = sock.rcv_nxt - sock.copied_seq;
  return unread > 0 && unread >= target;
}

// Two connections that open towards each other at once would need a socket
// that connects to itself or to one that is connecting.
bool TcpRefuses(const World& world, const InetSock& sock, Index target) {
  const File& file = world.files[target];
  if (file.type != FileType::kTcp) return false;
  const InetSock& other = world.inet_socks[file.object];
  if (other.state == InetState::kSynSent) return true;
  return other.name != 0 && other.name == sock.name;
}

const FileOps kTcpOps = {
    .name = "tcp",
    .poll = TcpPoll,
    .read = TcpRead,
    .write = TcpWrite,
    .release = TcpRelease,
    .socket = &kTcpSocketOps,
};

}  // namespace pollux
