// TCP: bytes, in band and out of band.

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "core/tcp.h"
#include "core/world.h"

namespace pollux {
namespace {

// The last of `length` bytes that have come is out of band. The one before it,
// if it is next to be read, is skipped. Kernel: tcp_check_urg, tcp_urg.
void ReceiveUrgent(World& world, Index index, uint64_t length) {
  InetSock& sock = world.inet_socks[index];
  if (sock.urgent != Urgent::kNone && sock.urg_seq == sock.copied_seq &&
      !sock.oob_inline && sock.copied_seq != sock.rcv_nxt) {
    ++sock.copied_seq;
  }
  sock.urgent = Urgent::kValid;
  sock.urg_seq = sock.rcv_nxt + length - 1;
  InetWake(world, index, kSockReadKey, 1);
}

// Bytes have come to `to`. False: they were answered with a reset. Kernel:
// tcp_rcv_established, tcp_rcv_state_process.
bool Receive(World& world, Index to, uint64_t length, bool oob) {
  if (oob) ReceiveUrgent(world, to, length);
  InetSock& sock = world.inet_socks[to];
  if (sock.state == InetState::kFinWait2 && sock.shutdown & kRcvShutdown) {
    return false;
  }
  sock.rcv_nxt += length;
  if (TcpReadable(sock, /*skips_urgent=*/false) || sock.done ||
      world.Has(Quirk::kTcpWakesBelowLowat)) {
    InetWake(world, to, kSockReadKey, 1);
  }
  return true;
}

// What a call gives that cannot send any more. Kernel: sk_stream_error.
int Broken(InetSock& sock) {
  const int error = TakeError(sock.error);
  return error != 0 ? error : -EPIPE;
}

// Takes the byte out of band; its place in the stream stays. Kernel:
// tcp_recv_urg.
int64_t RecvUrgent(InetSock& sock, uint64_t length, int flags) {
  if (sock.oob_inline || sock.urgent != Urgent::kValid) return -EINVAL;
  if (sock.state == InetState::kClose && !sock.done) return -ENOTCONN;
  if (!(flags & MSG_PEEK)) sock.urgent = Urgent::kRead;
  return length > 0 ? 1 : 0;
}

// Copies from where `*seq` is, as far as one step of the kernel's goes: to the
// byte out of band, over it, or to the end. Returns how much.
uint64_t Step(const InetSock& sock, uint64_t* seq, uint64_t length) {
  uint64_t used = std::min(length, sock.rcv_nxt - *seq);
  if (sock.urgent != Urgent::kNone && sock.urg_seq >= *seq &&
      sock.urg_seq - *seq < used) {
    if (sock.urg_seq > *seq) {
      used = sock.urg_seq - *seq;
    } else if (!sock.oob_inline) {
      ++*seq;
      --used;
    }
  }
  *seq += used;
  return used;
}

// What a read gives that finds nothing.
int Nothing(InetSock& sock) {
  if (sock.done) return 0;
  if (sock.error != 0) return TakeError(sock.error);
  if (sock.shutdown & kRcvShutdown) return 0;
  return sock.state == InetState::kClose ? -ENOTCONN : -EAGAIN;
}

}  // namespace

// Kernel: tcp_sendmsg_locked.
int64_t TcpSend(World& world, Index file, uint64_t length, int flags) {
  const int64_t cut = world.inet_budget.Cut(length, /*datagram=*/false);
  if (cut < 0) return cut;
  const Index index = InetSockIndex(world, file);
  InetSock& sock = world.inet_socks[index];
  if (sock.state == InetState::kSynSent) return -EAGAIN;
  if ((sock.state != InetState::kEstablished &&
       sock.state != InetState::kCloseWait) ||
      sock.error != 0 || sock.shutdown & kSendShutdown) {
    return Broken(sock);
  }
  world.inet_budget.Spend(cut);
  if (cut == 0) return 0;
  const Index peer = sock.peer;
  if (peer == kNil) {
    TcpReset(world, index);
  } else if (!Receive(world, peer, static_cast<uint64_t>(cut),
                      flags & MSG_OOB)) {
    TcpReset(world, peer);
    TcpReset(world, index);
  }
  return cut;
}

// Kernel: tcp_recvmsg_locked.
int64_t TcpRecv(World& world, Index file, uint64_t length, int flags) {
  InetSock& sock = InetSockOf(world, file);
  if (sock.state == InetState::kListen) return -ENOTCONN;
  if (flags & MSG_OOB) return RecvUrgent(sock, length, flags);
  const bool peek = flags & MSG_PEEK;
  uint64_t seq = sock.copied_seq;
  uint64_t copied = 0;
  do {
    // A read stops before the byte out of band.
    if (sock.urgent != Urgent::kNone && sock.urg_seq == seq && copied > 0) {
      break;
    }
    if (seq == sock.rcv_nxt) {
      if (copied > 0) break;
      return Nothing(sock);
    }
    copied += Step(sock, &seq, length - copied);
    if (peek) continue;
    sock.copied_seq = seq;
    if (seq > sock.urg_seq) sock.urgent = Urgent::kNone;
  } while (copied < length);
  return static_cast<int64_t>(copied);
}

}  // namespace pollux
