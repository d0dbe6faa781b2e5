// TCP sockets: connections (tcp.cc) and the bytes in them (tcp_data.cc).

#ifndef POLLUX_CORE_TCP_H_
#define POLLUX_CORE_TCP_H_

#include "core/inet_socket.h"

namespace pollux {

// A reset has come. Kernel: tcp_reset.
void TcpReset(World& world, Index sock);

// Is as much to read as SO_RCVLOWAT asks for? A byte out of band that is next
// does not count where it is skipped. Kernel: tcp_epollin_ready.
bool TcpReadable(const InetSock& sock, bool skips_urgent);

// Connections that programs do not make: EINVAL on both sides.
bool TcpRefuses(const World& world, const InetSock& sock, Index target);

int64_t TcpSend(World& world, Index file, uint64_t length, int flags);
int64_t TcpRecv(World& world, Index file, uint64_t length, int flags);

}  // namespace pollux

#endif  // POLLUX_CORE_TCP_H_
