// Sockets of the network: what TCP, UDP and netlink share.
//
// Both ends of everything lie in one program and one network namespace, whose
// only device is the loopback: what is sent has arrived, and been answered,
// when the call returns. So a connection is two sockets that name each other,
// and no segment is ever under way.
//
//   client ─peer─▶ child ─peer─▶ client     listener ─accept_queue─▶ child
//
// An address is a number, in the order in which ports were taken; 0 is none. A
// connection's child has the number of its listener.
//
// Buffers are never full: a program sends no more than its InetBudget, which
// fits into the smallest buffer that a socket can have. What the kernel charges
// for it (truesize, autotuning) can then not be seen.

#ifndef POLLUX_CORE_INET_SOCKET_H_
#define POLLUX_CORE_INET_SOCKET_H_

#include <errno.h>

#include <algorithm>
#include <cstdint>

#include "core/file.h"
#include "core/list.h"
#include "core/socket.h"
#include "core/unix_socket.h"
#include "core/wait_queue.h"

namespace pollux {

struct World;

// What a program may send through such sockets. Both sides of a comparison keep
// one, and spend the same.
class InetBudget {
 public:
  // The longest datagram is shorter: what is longer is not cut, but refused.
  static constexpr uint64_t kTooLong = 65535;

  // How many of `length` bytes may be sent now, or -ENOBUFS if no message may.
  int64_t Cut(uint64_t length, bool datagram) const {
    if (datagram && length > kTooLong) return static_cast<int64_t>(length);
    if (messages_ == 0 || bytes_ == 0) return -ENOBUFS;
    return static_cast<int64_t>(std::min({length, kMessageBytes, bytes_}));
  }
  // After a send that returned `result`.
  void Spend(int64_t result) {
    if (result < 0) return;
    --messages_;
    bytes_ -= static_cast<uint64_t>(result);
  }

 private:
  // A message is one segment; all of them, with what the kernel adds to each,
  // fit into a receive buffer, and leave its window open.
  static constexpr uint64_t kMessageBytes = 4096;

  uint64_t bytes_ = 24576;
  uint32_t messages_ = 96;
};

// Of UDP and netlink, kClose and kEstablished (connected) only.
enum class InetState : uint8_t {
  kClose,
  kSynSent,
  kEstablished,
  kFinWait1,  // while shutdown(2) runs
  kFinWait2,
  kCloseWait,
  kLastAck,  // while shutdown(2) runs
  kListen,
};

// Mirrors socket::state.
enum class SocketState : uint8_t {
  kUnconnected,
  kConnecting,
  kConnected,
  kDisconnecting,
};

// The byte out of band. Mirrors tcp_sock::urg_data.
enum class Urgent : uint8_t { kNone, kValid, kRead };

struct InetSock {
  uint16_t family = 0;  // AF_INET, AF_INET6 or AF_NETLINK
  uint16_t type = 0;    // SOCK_STREAM, SOCK_DGRAM or, of netlink, SOCK_RAW
  uint16_t protocol = 0;
  InetState state = InetState::kClose;
  SocketState socket = SocketState::kUnconnected;
  uint8_t shutdown = 0;
  int error = 0;                // mirrors sock::sk_err
  int rcvlowat = 1;             // bytes
  uint32_t sndbuf = 0;          // bytes; of TCP: 0 until it is set
  uint32_t notsent_lowat = 0;   // bytes
  bool oob_inline = false;      // mirrors SOCK_URGINLINE
  bool reset_on_close = false;  // SO_LINGER with no time at all
  bool done = false;            // mirrors SOCK_DONE

  uint32_t name = 0;         // its own address
  bool has_port = false;     // mirrors inet_sock::inet_num
  bool port_locked = false;  // mirrors SOCK_BINDPORT_LOCK: bind(2) gave it
  Index wait = kNil;         // kNil until it is accepted

  // TCP. Positions count the bytes received, in band or not.
  Index peer = kNil;  // kNil, of a connection: it is closed and forgotten
  uint64_t rcv_nxt = 0;
  uint64_t copied_seq = 0;
  uint64_t urg_seq = 0;
  Urgent urgent = Urgent::kNone;
  uint32_t backlog = 0;
  uint32_t queue_length = 0;
  Link accept_link;
  List<InetSock, &InetSock::accept_link> accept_queue;

  // UDP and netlink.
  uint32_t peer_name = 0;  // where it sends to, if connected
  List<Skb, &Skb::link> receive_queue;
};

extern const FileOps kTcpOps;
extern const FileOps kUdpOps;

extern const FileOps kNetlinkOps;

// Is there such a socket? 0 or -errno. Only TCP, UDP and NETLINK_USERSOCK are:
// the kernel is not asked for others, for it would load modules, or let a
// program change the network. The host asks, too, before it tries.
int CheckInetType(int domain, int type, int protocol);
// Returns a descriptor or -errno.
int InetSocket(World& world, int domain, int type, int flags, int protocol);

// --- Mechanisms of all types -------------------------------------------------

Index InetSockIndex(const World& world, Index file);
InetSock& InetSockOf(World& world, Index file);

Index NewInetSock(World& world, int family, int type, int protocol);
void FreeInetSock(World& world, Index sock);

// Wakes those who watch the socket, if there is a file to watch.
void InetWake(World& world, Index sock, uint32_t key, int nr_exclusive,
              WakeSite site = WakeSite());

// Takes the next address, if the socket has none. Kernel: inet_autobind.
void InetAutobind(World& world, Index sock);
// Gives up a port that bind(2) did not ask for. Kernel: inet_put_port.
void InetPutPort(World& world, Index sock);
// The socket that has that address, of the same family and protocol, or kNil.
Index InetFind(const World& world, const InetSock& like, uint32_t name);
// What the address of `target` is to `sock`: a number, or -errno if it is none
// of its family.
int InetNameFor(const World& world, const InetSock& sock, Index target);

// Exchanges messages that stay whole.
void InetEnqueue(World& world, Index sock, int64_t length);
int64_t InetDequeue(World& world, Index sock, uint64_t length, int flags);
// The last reference to a socket of messages is gone.
void InetRelease(World& world, Index file);

int InetBind(World& world, Index file);
int InetNoListen(World& world, Index file, int backlog);
int InetNoAccept(World& world, Index file, int flags, Index* accepted);
// Options of SOL_SOCKET that do not depend on the type; -ENOPROTOOPT: another.
int InetSetsockopt(World& world, Index file, int option, int value);
int InetGetsockopt(World& world, Index file, int option, int* value);

}  // namespace pollux

#endif  // POLLUX_CORE_INET_SOCKET_H_
