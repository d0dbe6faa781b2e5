// Netlink: messages between sockets of NETLINK_USERSOCK, which has no kernel
// behind it.
//
// A message is charged to its receiver: unlike a datagram's, its sender hears
// nothing of it.

#include <errno.h>
#include <sys/socket.h>

#include "core/inet_socket.h"
#include "core/world.h"

namespace pollux {
namespace {

// Kernel: datagram_poll.
uint32_t NetlinkPoll(World& world, Index file, PollTable& table) {
  const InetSock& sock = InetSockOf(world, file);
  PollWait(world, sock.wait, table);
  uint32_t mask = kSockWriteKey;
  if (!sock.receive_queue.empty()) mask |= EPOLLIN | EPOLLRDNORM;
  return mask;
}

// An address that the kernel picks is not the one that the socket has. Kernel:
// netlink_bind.
int NetlinkBind(World& world, Index file) {
  const Index index = InetSockIndex(world, file);
  if (world.inet_socks[index].has_port) return -EINVAL;
  InetAutobind(world, index);
  return 0;
}

// Kernel: netlink_connect.
int NetlinkConnect(World& world, Index file, Index target) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  const int name = InetNameFor(world, sock, target);
  if (name < 0) return name;
  InetAutobind(world, index);
  sock.peer_name = static_cast<uint32_t>(name);
  sock.state = InetState::kEstablished;
  return 0;
}

int NetlinkShutdown(World&, Index, int) { return -EOPNOTSUPP; }

// Kernel: netlink_sendmsg, netlink_unicast.
int64_t NetlinkSend(World& world, Index file, uint64_t length, int flags) {
  const int64_t cut = world.inet_budget.Cut(length, /*datagram=*/false);
  if (cut < 0) return cut;
  const Index index = InetSockIndex(world, file);
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  if (cut == 0) return -ENODATA;
  InetAutobind(world, index);
  const InetSock& sock = world.inet_socks[index];
  const Index receiver = InetFind(world, sock, sock.peer_name);
  if (receiver == kNil) return -ECONNREFUSED;
  const InetSock& other = world.inet_socks[receiver];
  if (other.state == InetState::kEstablished && other.peer_name != sock.name) {
    return -ECONNREFUSED;
  }
  world.inet_budget.Spend(cut);
  InetEnqueue(world, receiver, cut);
  return cut;
}

// Kernel: netlink_recvmsg.
int64_t NetlinkRecv(World& world, Index file, uint64_t length, int flags) {
  if (flags & MSG_OOB) return -EOPNOTSUPP;
  return InetDequeue(world, InetSockIndex(world, file), length, flags);
}

int64_t NetlinkRead(World& world, Index file, uint64_t length, uint64_t*) {
  return length == 0 ? 0 : NetlinkRecv(world, file, length, 0);
}

int64_t NetlinkWrite(World& world, Index file, uint64_t length, uint64_t) {
  return NetlinkSend(world, file, length, 0);
}

constexpr SocketOps kNetlinkSocketOps = {
    .bind = NetlinkBind,
    .connect = NetlinkConnect,
    .listen = InetNoListen,
    .accept = InetNoAccept,
    .shutdown = NetlinkShutdown,
    .send = NetlinkSend,
    .recv = NetlinkRecv,
    .setsockopt = InetSetsockopt,
    .getsockopt = InetGetsockopt,
    .has_levels = true,
};

}  // namespace

const FileOps kNetlinkOps = {
    .name = "netlink",
    .poll = NetlinkPoll,
    .read = NetlinkRead,
    .write = NetlinkWrite,
    .release = InetRelease,
    .socket = &kNetlinkSocketOps,
};

}  // namespace pollux
