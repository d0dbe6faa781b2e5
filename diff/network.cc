// The network of programs: namespace, loopback, settling.

#include "diff/network.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace pollux {
namespace {

// Ports that bind(2) takes: below those that the kernel gives by itself.
constexpr uint16_t kFirstPort = 2000;
constexpr uint16_t kPortEnd = 32000;

// How long something may be under way, and how often it may be answered.
constexpr int kFlushMs = 100;
constexpr int kAnswers = 3;
constexpr int kFinAckMs = 300;

bool WriteFile(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t written = write(fd, text.data(), text.size());
  close(fd);
  return written == static_cast<ssize_t>(text.size());
}

// A namespace of users, in which everybody may have one of networks. Users
// stay who they are.
bool UnshareWithUsers() {
  const unsigned uid = geteuid();
  const unsigned gid = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  char map[64];
  WriteFile("/proc/self/setgroups", "deny");
  snprintf(map, sizeof(map), "%u %u 1", gid, gid);
  WriteFile("/proc/self/gid_map", map);
  snprintf(map, sizeof(map), "%u %u 1", uid, uid);
  WriteFile("/proc/self/uid_map", map);
  return true;
}

bool BringLoopbackUp() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  return up;
}

// A request for one route to the loopback's own address.
class RouteRequest {
 public:
  RouteRequest(int domain, uint16_t type, uint16_t flags) {
    message_.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
    message_.header.nlmsg_type = type;
    message_.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    const LoopbackAddress address(domain, 0);
    const bool v4 = domain == AF_INET;
    message_.route.rtm_family = static_cast<uint8_t>(domain);
    message_.route.rtm_dst_len = v4 ? 32 : 128;
    message_.route.rtm_table = RT_TABLE_LOCAL;
    message_.route.rtm_protocol = RTPROT_KERNEL;
    message_.route.rtm_scope = v4 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
    message_.route.rtm_type = RTN_LOCAL;
    if (v4) {
      const auto* ip = reinterpret_cast<const sockaddr_in*>(address.get());
      Add(RTA_DST, &ip->sin_addr, sizeof(ip->sin_addr));
      Add(RTA_PREFSRC, &ip->sin_addr, sizeof(ip->sin_addr));
    } else {
      const auto* ip = reinterpret_cast<const sockaddr_in6*>(address.get());
      Add(RTA_DST, &ip->sin6_addr, sizeof(ip->sin6_addr));
    }
    const unsigned lo = if_nametoindex("lo");
    Add(RTA_OIF, &lo, sizeof(lo));
  }

  void AddQuickAck() {
    struct {
      rtattr attribute;
      uint32_t value;
    } metric = {{sizeof(metric), RTAX_QUICKACK}, 1};
    Add(RTA_METRICS, &metric, sizeof(metric));
  }

  bool Send() {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0) return false;
    char answer[1024];
    const bool good =
        send(fd, &message_, message_.header.nlmsg_len, 0) > 0 &&
        recv(fd, answer, sizeof(answer), 0) >=
            static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) &&
        static_cast<nlmsgerr*>(NLMSG_DATA(reinterpret_cast<nlmsghdr*>(answer)))
                ->error == 0;
    close(fd);
    return good;
  }

 private:
  void Add(uint16_t type, const void* data, uint16_t size) {
    char* at = reinterpret_cast<char*>(&message_) +
               NLMSG_ALIGN(message_.header.nlmsg_len);
    const rtattr attribute = {static_cast<uint16_t>(RTA_LENGTH(size)), type};
    memcpy(at, &attribute, sizeof(attribute));
    memcpy(at + RTA_LENGTH(0), data, size);
    message_.header.nlmsg_len =
        NLMSG_ALIGN(message_.header.nlmsg_len) + RTA_LENGTH(size);
  }

  struct {
    nlmsghdr header;
    rtmsg route;
    char attributes[256];
  } message_ = {};
};

// Lets both ends acknowledge at once what they would acknowledge 40 ms later,
// in hope of something to send with it. Without it, all is the same but slow.
void AcknowledgeAtOnce() {
  RouteRequest v4(AF_INET, RTM_NEWROUTE, NLM_F_REPLACE);
  v4.AddQuickAck();
  v4.Send();
  RouteRequest(AF_INET6, RTM_DELROUTE, 0).Send();
  RouteRequest v6(AF_INET6, RTM_NEWROUTE, NLM_F_CREATE);
  v6.AddQuickAck();
  v6.Send();
}

// Can a socket have an address of the loopback?
bool HasLoopback(int domain) {
  const int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const LoopbackAddress address(domain, 0);
  const bool good = bind(fd, address.get(), address.size) == 0;
  close(fd);
  return good;
}

int64_t NowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

// The first address that the kernel gives is the number of the process. Once
// that is taken, it counts, and gives none a second time. Stays open.
void TakeFirstNetlinkAddress() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
  if (fd < 0) return;
  sockaddr_nl own = {};
  own.nl_family = AF_NETLINK;
  own.nl_pid = static_cast<uint32_t>(getpid());
  bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof(own));
}

}  // namespace

LoopbackAddress::LoopbackAddress(int domain, uint16_t port) {
  if (domain == AF_INET) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof(*v4);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    v6->sin6_addr = in6addr_loopback;
    size = sizeof(*v6);
  }
}

int IntOption(int fd, int level, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  return getsockopt(fd, level, option, &value, &size) == 0 ? value : -1;
}

uint16_t PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  // The port is at the same place in addresses of both families.
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

int TcpStateOf(int fd) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  const int result = getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
  return result == 0 ? info.tcpi_state : 0;
}

Network& Network::OfThread() {
  thread_local Network network;
  return network;
}

Network::Network() {
  private_ = MakePrivate();
  port_ = static_cast<uint16_t>(
      private_ ? kFirstPort : kFirstPort + getpid() % (kPortEnd - kFirstPort));
  has_inet6_ = HasLoopback(AF_INET6);
  OpenCanary();
  TakeFirstNetlinkAddress();
}

bool Network::MakePrivate() {
  if (unshare(CLONE_NEWNET) != 0 && !UnshareWithUsers()) return false;
  if (BringLoopbackUp()) AcknowledgeAtOnce();
  return true;
}

void Network::OpenCanary() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  LoopbackAddress address(AF_INET, 0);
  if (bind(fd, address.get(), address.size) == 0) {
    const LoopbackAddress own(AF_INET, PortOf(fd));
    if (connect(fd, own.get(), own.size) == 0) {
      canary_ = fd;
      return;
    }
  }
  close(fd);
}

int Network::Bind(int fd, int domain) {
  for (int attempts = kPortEnd - kFirstPort; attempts > 0; --attempts) {
    if (++port_ >= kPortEnd) port_ = kFirstPort;
    const LoopbackAddress address(domain, port_);
    if (bind(fd, address.get(), address.size) == 0) return 0;
    if (errno != EADDRINUSE) return -1;
  }
  return -1;
}

bool Network::FlushHere() {
  char byte = 0;
  const auto arrived = [&] { return recv(canary_, &byte, 1, 0) == 1; };
  // One softirq drains the whole queue, answers and all: if ours has come at
  // once, everything has. Else another thread drains it, step by step.
  if (send(canary_, &byte, 1, 0) != 1) return false;
  if (arrived()) return true;
  for (int i = 0; i < kAnswers; ++i) {
    if (i > 0 && send(canary_, &byte, 1, 0) != 1) return false;
    const int64_t deadline = NowMs() + kFlushMs;
    while (!arrived()) {
      pollfd wait = {canary_, POLLIN, 0};
      poll(&wait, 1, 1);
      if (NowMs() > deadline) return false;
    }
  }
  return true;
}

bool Network::Flush(int cpu_of_sender) {
  if (!FlushHere()) return false;
  if (sched_getcpu() == cpu_of_sender) return true;
  // Each CPU has a queue of its own.
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof(all), &all) != 0) return false;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(cpu_of_sender), &one);
  if (sched_setaffinity(0, sizeof(one), &one) != 0) return false;
  const bool flushed = FlushHere();
  return sched_setaffinity(0, sizeof(all), &all) == 0 && flushed;
}

bool Network::AwaitFinAck(int fd) {
  const int64_t deadline = NowMs() + kFinAckMs;
  for (;;) {
    const int state = TcpStateOf(fd);
    if (state != TCP_FIN_WAIT1 && state != TCP_LAST_ACK &&
        state != TCP_CLOSING) {
      return true;
    }
    if (NowMs() > deadline) return false;
    poll(nullptr, 0, 1);
  }
}

}  // namespace pollux
