// UDP: datagrams, each of which is an edge for its sender, too, and refusals.

#include <errno.h>
#include <sys/socket.h>

#include "core/inet_socket.h"
#include "core/world.h"

namespace pollux {
namespace {

// Kernel: udp_poll, datagram_poll.
uint32_t UdpPoll(World& world, Index file, PollTable& table) {
  const InetSock& sock = InetSockOf(world, file);
  PollWait(world, sock.wait, table);
  uint32_t mask = ShutdownMask(world, sock.shutdown) | kSockWriteKey;
  if (sock.error != 0) mask |= EPOLLERR;
  if (!sock.receive_queue.empty()) mask |= EPOLLIN | EPOLLRDNORM;
  return mask;
}

// A socket may connect again and again. Kernel: inet_dgram_connect,
// __ip4_datagram_connect.
int UdpConnect(World& world, Index file, Index target) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  // It may be the target itself, whose address was looked up before.
  const int name = InetNameFor(world, sock, target);
  InetAutobind(world, index);
  if (name < 0) return name;
  sock.peer_name = static_cast<uint32_t>(name);
  sock.state = InetState::kEstablished;
  return 0;
}

// What is not connected is shut all the same. Kernel: inet_shutdown.
int UdpShutdown(World& world, Index file, int how) {
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  InetSock& sock = InetSockOf(world, file);
  sock.shutdown |= static_cast<uint8_t>(how + 1);
  const bool connected = sock.state == InetState::kEstablished;
  InetWake(world, InetSockIndex(world, file), kNoKey, kWakeAll);
  return connected ? 0 : -ENOTCONN;
}

// Who gets what `sock` sends: a socket that has the address, and is not
// connected to somebody else. A socket that was connected to one without an
// address takes datagrams from all.
Index Receiver(const World& world, const InetSock& sock) {
  const Index found = InetFind(world, sock, sock.peer_name);
  if (found == kNil) return kNil;
  const InetSock& receiver = world.inet_socks[found];
  const bool stranger = receiver.state == InetState::kEstablished &&
                        receiver.peer_name != 0 &&
                        receiver.peer_name != sock.name;
  return stranger ? kNil : found;
}

// The datagram is given back to its sender's account before it is received.
// Kernel: udp_sendmsg.
int64_t UdpSend(World& world, Index file, uint64_t length, int flags) {
  const int64_t cut = world.inet_budget.Cut(length, /*datagram=*/true);
  if (cut < 0) return cut;
  const Index index = InetSockIndex(world, file);
  InetAutobind(world, index);
  InetSock& sock = world.inet_socks[index];
  const bool v4 = sock.family == AF_INET;
  const bool too_long = static_cast<uint64_t>(cut) > InetBudget::kTooLong;
  if (v4 && too_long) return -EMSGSIZE;
  // IPv6 takes MSG_OOB for nothing.
  if (v4 && flags & MSG_OOB) return -EOPNOTSUPP;
  if (sock.state != InetState::kEstablished) return -EDESTADDRREQ;
  if (too_long) return -EMSGSIZE;
  if (sock.error != 0) return TakeError(sock.error);
  if (sock.shutdown & kSendShutdown) return -EPIPE;
  world.inet_budget.Spend(cut);
  const Index receiver = Receiver(world, sock);
  if (!world.Has(Quirk::kUdpSendSilent)) {
    InetWake(world, index, kSockWriteKey, 1);
  }
  if (receiver != kNil) {
    InetEnqueue(world, receiver, cut);
  } else if (!world.Has(Quirk::kUdpNeverRefused)) {
    world.inet_socks[index].error = ECONNREFUSED;
    InetWake(world, index, EPOLLERR, 1);
  }
  return cut;
}

// Kernel: udp_recvmsg.
int64_t UdpRecv(World& world, Index file, uint64_t length, int flags) {
  return InetDequeue(world, InetSockIndex(world, file), length, flags);
}

int64_t UdpRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : UdpRecv(world, file, length, 0);
}

int64_t UdpWrite(World& world, Index file, uint64_t length, uint64_t) {
  return UdpSend(world, file, length, 0);
}

// Options of other levels: IPv4 has an errno of its own where they are asked
// for. Kernel: do_ip_getsockopt.
int UdpGetsockopt(World& world, Index file, int option, int* value) {
  if (LevelOf(option) != SOL_SOCKET &&
      InetSockOf(world, file).family == AF_INET) {
    return -EOPNOTSUPP;
  }
  return InetGetsockopt(world, file, option, value);
}

constexpr SocketOps kUdpSocketOps = {
    .bind = InetBind,
    .connect = UdpConnect,
    .listen = InetNoListen,
    .accept = InetNoAccept,
    .shutdown = UdpShutdown,
    .send = UdpSend,
    .recv = UdpRecv,
    .setsockopt = InetSetsockopt,
    .getsockopt = UdpGetsockopt,
    .has_levels = true,
};

}  // namespace

const FileOps kUdpOps = {
    .name = "udp",
    .poll = UdpPoll,
    .read = UdpRead,
    .write = UdpWrite,
    .release = InetRelease,
    .socket = &kUdpSocketOps,
};

}  // namespace pollux
