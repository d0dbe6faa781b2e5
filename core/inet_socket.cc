// Sockets of the network: making, addresses, messages, options.

#include "core/inet_socket.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/world.h"

namespace pollux {
namespace {

bool IsNetwork(FileType type) {
  return type == FileType::kTcp || type == FileType::kUdp ||
         type == FileType::kNetlink;
}

FileType TypeOf(int protocol) {
  return protocol == IPPROTO_TCP   ? FileType::kTcp
         : protocol == IPPROTO_UDP ? FileType::kUdp
                                   : FileType::kNetlink;
}

}  // namespace

int CheckInetType(int domain, int type, int protocol) {
  if (domain == AF_NETLINK) {
    if (type != SOCK_RAW && type != SOCK_DGRAM) return -ESOCKTNOSUPPORT;
    return protocol == NETLINK_USERSOCK ? 0 : -EPROTONOSUPPORT;
  }
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return -ESOCKTNOSUPPORT;
  const int own = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return protocol == 0 || protocol == own ? 0 : -EPROTONOSUPPORT;
}

int InetSocket(World& world, int domain, int type, int flags, int protocol) {
  const Machine& machine = world.machine;
  if ((domain == AF_INET && !machine.has_inet) ||
      (domain == AF_INET6 && !machine.has_inet6)) {
    return -EAFNOSUPPORT;
  }
  if (int error = CheckInetType(domain, type, protocol)) return error;
  if (domain != AF_NETLINK) {
    protocol = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  }
  const Index sock = NewInetSock(world, domain, type, protocol);
  const Index wait = NewWaitQueue(world);
  world.inet_socks[sock].wait = wait;
  return InstallFd(world, NewFile(world, TypeOf(protocol),
                                  O_RDWR | (flags & SOCK_NONBLOCK), sock));
}

Index InetSockIndex(const World& world, Index file) {
  return world.files[file].object;
}

InetSock& InetSockOf(World& world, Index file) {
  return world.inet_socks[world.files[file].object];
}

Index NewInetSock(World& world, int family, int type, int protocol) {
  const Index index = world.inet_socks.Allocate();
  InetSock& sock = world.inet_socks[index];
  sock.family = static_cast<uint16_t>(family);
  sock.type = static_cast<uint16_t>(type);
  sock.protocol = static_cast<uint16_t>(protocol);
  if (protocol != IPPROTO_TCP) sock.sndbuf = world.machine.unix_sndbuf;
  return index;
}

void FreeInetSock(World& world, Index sock) {
  InetSock& s = world.inet_socks[sock];
  if (s.name != 0 && world.inet_names[s.name - 1] == sock) {
    world.inet_names[s.name - 1] = kNil;
  }
  if (s.wait != kNil) FreeWaitQueue(world, s.wait);
  world.inet_socks.Free(sock);
}

void InetWake(World& world, Index sock, uint32_t key, int nr_exclusive,
              WakeSite site) {
  const Index wait = world.inet_socks[sock].wait;
  if (wait != kNil) WakeUp(world, wait, key, nr_exclusive, site);
}

void InetAutobind(World& world, Index sock) {
  InetSock& s = world.inet_socks[sock];
  if (s.has_port) return;
  world.inet_names.push_back(sock);
  s.name = static_cast<uint32_t>(world.inet_names.size());
  s.has_port = true;
}

// The number stays readable (getsockname), but leads nowhere.
void InetPutPort(World& world, Index sock) {
  InetSock& s = world.inet_socks[sock];
  if (!s.has_port || s.port_locked) return;
  s.has_port = false;
  if (world.inet_names[s.name - 1] == sock) {
    world.inet_names[s.name - 1] = kNil;
  }
}

Index InetFind(const World& world, const InetSock& like, uint32_t name) {
  const Index found = name == 0 ? kNil : world.inet_names[name - 1];
  if (found == kNil) return kNil;
  const InetSock& sock = world.inet_socks[found];
  const bool same =
      sock.family == like.family && sock.protocol == like.protocol;
  return same ? found : kNil;
}

// The length of an address is looked at before its family, and the addresses
// of other families are too short for IP. TCP over IPv6 finds those of IPv4 too
// short, too.
int InetNameFor(const World& world, const InetSock& sock, Index target) {
  const File& file = world.files[target];
  if (!IsNetwork(file.type)) return -EINVAL;
  const InetSock& other = world.inet_socks[file.object];
  if (sock.family == other.family) return static_cast<int>(other.name);
  if (sock.family == AF_NETLINK || other.family == AF_NETLINK) return -EINVAL;
  const bool too_short =
      sock.family == AF_INET6 && sock.protocol == IPPROTO_TCP;
  return too_short ? -EINVAL : -EAFNOSUPPORT;
}

void InetEnqueue(World& world, Index sock, int64_t length) {
  const Index skb = world.skbs.Allocate();
  world.skbs[skb].length = static_cast<uint32_t>(length);
  world.inet_socks[sock].receive_queue.PushBack(world.skbs, skb);
  InetWake(world, sock, kSockReadKey, 1);
}

// Errors come before data, and what does not fit is lost.
int64_t InetDequeue(World& world, Index index, uint64_t length, int flags) {
  InetSock& sock = world.inet_socks[index];
  if (sock.error != 0) return TakeError(sock.error);
  const Index skb = sock.receive_queue.head;
  if (skb == kNil) return -EAGAIN;
  const uint64_t whole = world.skbs[skb].length;
  if (!(flags & MSG_PEEK)) {
    sock.receive_queue.Remove(world.skbs, skb);
    world.skbs.Free(skb);
  }
  return static_cast<int64_t>(flags & MSG_TRUNC ? whole
                                                : std::min(whole, length));
}

void InetRelease(World& world, Index file) {
  const Index index = InetSockIndex(world, file);
  auto& queue = world.inet_socks[index].receive_queue;
  while (!queue.empty()) {
    const Index skb = queue.head;
    queue.Remove(world.skbs, skb);
    world.skbs.Free(skb);
  }
  FreeInetSock(world, index);
}

int InetNoListen(World&, Index, int) { return -EOPNOTSUPP; }
int InetNoAccept(World&, Index, int, Index*) { return -EOPNOTSUPP; }

// Kernel: __inet_bind.
int InetBind(World& world, Index file) {
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (sock.state != InetState::kClose || sock.has_port) return -EINVAL;
  InetAutobind(world, index);
  sock.port_locked = true;
  return 0;
}

// Kernel: sk_setsockopt.
int InetSetsockopt(World& world, Index file, int option, int value) {
  InetSock& sock = InetSockOf(world, file);
  switch (option) {
    case SO_SNDBUF:
      sock.sndbuf = SndbufFor(world, value);
      // The buffer is never full.
      InetWake(world, InetSockIndex(world, file), kSockWriteKey, 1);
      return 0;
    case SO_OOBINLINE:
      sock.oob_inline = value != 0;
      return 0;
    case SO_LINGER:
      sock.reset_on_close = value != 0;
      return 0;
    case SO_RCVLOWAT:
      sock.rcvlowat = value < 0 ? INT_MAX : std::max(value, 1);
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

// Kernel: sk_getsockopt.
int InetGetsockopt(World& world, Index file, int option, int* value) {
  InetSock& sock = InetSockOf(world, file);
  switch (option) {
    case SO_ERROR:
      *value = TakeSoError(world, sock.error);
      return 0;
    case SO_TYPE:
      *value = sock.type;
      return 0;
    case SO_ACCEPTCONN:
      *value = sock.state == InetState::kListen;
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
