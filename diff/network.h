// The network in which programs connect: the loopback, alone where possible.
//
// The thread that runs programs moves into a network namespace of its own, if
// that is permitted, so that programs meet neither other programs nor services
// of the machine. Else they have the machine's loopback, and ports that nobody
// else has.
//
// What is sent over the loopback arrives in a softirq, which mostly runs before
// the sender's call returns, but need not. Flush() waits until everything has
// arrived: the queue of the loopback is first in, first out, and a datagram of
// our own is the last to go through.

#ifndef POLLUX_DIFF_NETWORK_H_
#define POLLUX_DIFF_NETWORK_H_

#include <sys/socket.h>

#include <cstdint>

namespace pollux {

class Network {
 public:
  // That of the calling thread, which lives as long as the thread.
  static Network& OfThread();

  bool is_private() const { return private_; }
  bool has_inet() const { return canary_ >= 0; }
  bool has_inet6() const { return has_inet6_; }

  // Gives a socket of AF_INET or AF_INET6 a port of the loopback. Returns what
  // bind(2) does.
  int Bind(int fd, int domain);

  // False: something that was sent may still be under way.
  bool Flush(int cpu_of_sender);

  // Waits until the FIN that this TCP socket has sent is acknowledged. False:
  // it was not, within reason.
  bool AwaitFinAck(int fd);

 private:
  Network();

  bool MakePrivate();
  void OpenCanary();
  bool FlushHere();

  bool private_ = false;
  bool has_inet6_ = false;
  int canary_ = -1;  // a datagram socket that is connected to itself
  uint16_t port_ = 0;
};

// An address of the loopback, with its length.
struct LoopbackAddress {
  LoopbackAddress(int domain, uint16_t port);

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }

  sockaddr_storage storage = {};
  socklen_t size = 0;
};

// An option of `fd` that is an int, or -1.
int IntOption(int fd, int level, int option);
// The port that the socket shows as its own, or 0.
uint16_t PortOf(int fd);
// The state of a TCP socket (TCP_ESTABLISHED, ...), or 0.
int TcpStateOf(int fd);

}  // namespace pollux

#endif  // POLLUX_DIFF_NETWORK_H_
