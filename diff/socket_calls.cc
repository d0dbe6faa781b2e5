// The calls on sockets: the host's answers and the reference's.
//
// A socket that a program names in place of an address has the address that
// getsockname(2) tells; it is one that nobody else has, so that no two programs
// meet.

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// A program that goes on for longer may see timers of the kernel run out: a SYN
// that was dropped is sent again after a second.
constexpr int64_t kLongestMs = 800;

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

bool IsInet(int64_t domain) { return domain == AF_INET || domain == AF_INET6; }

// May the call send something over the loopback? What has no descriptor left
// is closed by many.
bool MaySend(Op op) {
  switch (op) {
    case Op::kConnect:
    case Op::kSend:
    case Op::kWrite:
    case Op::kShutdown:
    case Op::kClose:
    case Op::kDup2:
    case Op::kDup3:
      return true;
    default:
      return false;
  }
}

// The option without its level.
int OptionName(int64_t option) { return static_cast<int>(option & 0xffff); }

}  // namespace

// ----------------------------------------------------------------------------
// The host

int64_t Host::MakeNetworkSocket(int domain, int type, int protocol) {
  constexpr int kTypeMask = 0xf;
  constexpr int kTypes = 11;
  const int kind = type & kTypeMask;
  const int flags = type & ~kTypeMask;
  if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == 0 && kind < kTypes) {
    const bool here =
        domain == AF_NETLINK ||
        (network_.has_inet() && (domain == AF_INET || network_.has_inet6()));
    if (!here) return -EAFNOSUPPORT;
    if (int error = CheckInetType(domain, kind, protocol)) return error;
  }
  const int fd = socket(domain, type, protocol);
  if (fd < 0) return -errno;
  const int on = 1;
  if (domain == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  // Connections that linger must not keep a port from being listened at again.
  if (kind == SOCK_STREAM) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    tcp_fds_.push_back(fd);
  }
  if (!uses_network_) network_since_ms_ = NowMs();
  uses_network_ = true;
  return fd;
}

int64_t Host::CutForNetwork(int fd, int64_t count) {
  if (!uses_network_) return count;
  const int protocol = IntOption(fd, SOL_SOCKET, SO_PROTOCOL);
  spends_ = protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
            protocol == NETLINK_USERSOCK;
  if (!spends_) return count;
  return inet_budget_.Cut(static_cast<uint64_t>(count),
                          protocol == IPPROTO_UDP);
}

int64_t Host::SpendOnNetwork(int64_t result) {
  if (spends_) inet_budget_.Spend(result);
  spends_ = false;
  return result;
}

void Host::Settle(Op op, const Args& args, int cpu) {
  if (!MaySend(op)) return;
  if (!network_.Flush(cpu)) settled_ = false;
  if (op == Op::kShutdown && !network_.AwaitFinAck(Real(args[0]))) {
    settled_ = false;
  }
}

bool Host::Settled() {
  if (!uses_network_) return true;
  return settled_ && NowMs() - network_since_ms_ < kLongestMs;
}

bool Host::RefusesConnect(int fd, int target) const {
  if (!uses_network_) return false;
  if (IntOption(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP ||
      IntOption(target, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP) {
    return false;
  }
  if (TcpStateOf(target) == TCP_SYN_SENT) return true;
  const uint16_t port = PortOf(target);
  return port != 0 && port == PortOf(fd) &&
         IntOption(fd, SOL_SOCKET, SO_DOMAIN) ==
             IntOption(target, SOL_SOCKET, SO_DOMAIN);
}

template <>
int64_t Host::Run<Op::kSocket>(const Args& a, Outcome*) {
  if (IsInet(a[0]) || a[0] == AF_NETLINK) {
    return FdResult(MakeNetworkSocket(static_cast<int>(a[0]),
                                      static_cast<int>(a[1]),
                                      static_cast<int>(a[2])));
  }
  return FdResult(Result(syscall(SYS_socket, a[0], a[1], a[2])));
}

template <>
int64_t Host::Run<Op::kSocketpair>(const Args& a, Outcome* outcome) {
  auto& fds = outcome->fds;
  return PairResult(syscall(SYS_socketpair, a[0], a[1], a[2], fds.data()), fds);
}

template <>
int64_t Host::Run<Op::kBind>(const Args& a, Outcome*) {
  const int domain =
      uses_network_ ? IntOption(Real(a[0]), SOL_SOCKET, SO_DOMAIN) : -1;
  if (IsInet(domain)) return Result(network_.Bind(Real(a[0]), domain));
  if (domain == AF_NETLINK) {
    sockaddr_nl any = {};
    any.nl_family = AF_NETLINK;
    return Result(
        bind(Real(a[0]), reinterpret_cast<sockaddr*>(&any), sizeof(any)));
  }
  sockaddr address = {};
  address.sa_family = AF_UNIX;
  return Result(bind(Real(a[0]), &address, sizeof(address.sa_family)));
}

template <>
int64_t Host::Run<Op::kConnect>(const Args& a, Outcome*) {
  sockaddr_storage address = {};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (getsockname(Real(a[1]), generic, &size) != 0) return -errno;
  if (RefusesConnect(Real(a[0]), Real(a[1]))) return -EINVAL;
  return Result(connect(Real(a[0]), generic, size));
}

template <>
int64_t Host::Run<Op::kListen>(const Args& a, Outcome*) {
  return Result(listen(Real(a[0]), static_cast<int>(a[1])));
}

template <>
int64_t Host::Run<Op::kAccept4>(const Args& a, Outcome*) {
  const int64_t fd =
      Result(syscall(SYS_accept4, Real(a[0]), nullptr, nullptr, a[1]));
  if (uses_network_ && fd >= 0) tcp_fds_.push_back(static_cast<int>(fd));
  return FdResult(fd);
}

template <>
int64_t Host::Run<Op::kShutdown>(const Args& a, Outcome*) {
  return Result(syscall(SYS_shutdown, Real(a[0]), a[1]));
}

template <>
int64_t Host::Run<Op::kSend>(const Args& a, Outcome*) {
  const int64_t count = std::min(a[1], kMaxIo);
  FillWriteBuffer(count, 1);
  const int64_t cut = CutForNetwork(Real(a[0]), count);
  if (cut < 0) return cut;
  return SpendOnNetwork(Result(
      send(Real(a[0]), write_buffer_.data(), cut, static_cast<int>(a[2]))));
}

template <>
int64_t Host::Run<Op::kRecv>(const Args& a, Outcome*) {
  const int64_t count = std::min(a[1], kMaxIo);
  return Result(
      recv(Real(a[0]), read_buffer_.data(), count, static_cast<int>(a[2])));
}

template <>
int64_t Host::Run<Op::kSetsockopt>(const Args& a, Outcome*) {
  const int level = static_cast<int>(a[1]);
  const int option = OptionName(a[2]);
  const int value = static_cast<int>(a[3]);
  if (level == SOL_SOCKET && option == SO_LINGER) {
    const linger time = {value != 0, 0};
    return Result(setsockopt(Real(a[0]), level, option, &time, sizeof(time)));
  }
  return Result(setsockopt(Real(a[0]), level, option, &value, sizeof(value)));
}

template <>
int64_t Host::Run<Op::kGetsockopt>(const Args& a, Outcome* outcome) {
  const int level = static_cast<int>(a[1]);
  const int option = OptionName(a[2]);
  int value = 0;
  socklen_t size = sizeof(value);
  const int result = getsockopt(Real(a[0]), level, option, &value, &size);
  // The kernel tunes the buffers of TCP until a program sets them.
  if (uses_network_ && level == SOL_SOCKET && option == SO_SNDBUF &&
      IntOption(Real(a[0]), SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP &&
      IntOption(Real(a[0]), SOL_SOCKET, SO_BUF_LOCK) <= 0) {
    value = 0;
  }
  if (result == 0) outcome->value = static_cast<uint32_t>(value);
  return Result(result);
}

// ----------------------------------------------------------------------------
// The reference

template <>
int64_t Reference::Run<Op::kSocket>(const Args& a, Outcome*) {
  return Socket(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kSocketpair>(const Args& a, Outcome* outcome) {
  return Socketpair(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                    static_cast<int>(a[2]), outcome->fds.data());
}

template <>
int64_t Reference::Run<Op::kBind>(const Args& a, Outcome*) {
  return Bind(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kConnect>(const Args& a, Outcome*) {
  return Connect(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kListen>(const Args& a, Outcome*) {
  return Listen(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kAccept4>(const Args& a, Outcome*) {
  return Accept4(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kShutdown>(const Args& a, Outcome*) {
  return Shutdown(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kSend>(const Args& a, Outcome*) {
  return Send(world_, static_cast<int>(a[0]), a[1], static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kRecv>(const Args& a, Outcome*) {
  return Recv(world_, static_cast<int>(a[0]), a[1], static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kSetsockopt>(const Args& a, Outcome*) {
  return Setsockopt(world_, static_cast<int>(a[0]), static_cast<int>(a[2]),
                    static_cast<int>(a[3]));
}

template <>
int64_t Reference::Run<Op::kGetsockopt>(const Args& a, Outcome* outcome) {
  int value = 0;
  const int result = Getsockopt(world_, static_cast<int>(a[0]),
                                static_cast<int>(a[2]), &value);
  if (result == 0) outcome->value = static_cast<uint32_t>(value);
  return result;
}

}  // namespace pollux
