// AF_UNIX sockets: what streams, datagrams and sequenced packets share.
//
// What is sent is charged to its sender until its receiver has read the whole
// message: reading is what makes the other end writable again. The charge is
// the memory that the kernel takes for a message, so that EPOLLOUT comes and
// goes at the same byte as on a real x86-64 kernel.
//
//   a ─peer─▶ b          b holds the messages that a sent, and a their charge
//   a ─peer_wake─▶ b     a wants to be woken when b reads: b's queue was full
//
// A socket whose file is closed stays as long as a peer or a message names it.

#ifndef POLLUX_CORE_UNIX_SOCKET_H_
#define POLLUX_CORE_UNIX_SOCKET_H_

#include <sys/epoll.h>

#include <cstdint>

#include "core/file.h"
#include "core/list.h"
#include "core/socket.h"
#include "core/wait_queue.h"

namespace pollux {

struct World;

// A queued message (kernel: struct sk_buff). At a listening socket, one
// connection that waits to be accepted.
struct Skb {
  Link link;
  uint32_t length = 0;    // bytes still to be read
  uint32_t truesize = 0;  // bytes charged to the sender
  Index sender = kNil;    // at a listening socket, the new socket
  Index file = kNil;      // that it passes; mirrors unix_skb_parms::fp
};

enum class UnixState : uint8_t { kClose, kEstablished, kListen };

struct UnixSock {
  uint16_t type = 0;  // SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET
  UnixState state = UnixState::kClose;
  bool dead = false;        // mirrors SOCK_DEAD: its file is closed
  uint8_t shutdown = 0;     // kRcvShutdown, kSendShutdown
  uint32_t references = 0;  // the file, peers and messages that name it
  Index peer = kNil;
  List<Skb, &Skb::link> receive_queue;
  uint32_t queue_length = 0;  // messages
  uint32_t backlog = 0;       // mirrors sock::sk_max_ack_backlog
  Index oob = kNil;           // mirrors unix_sock::oob_skb
  uint32_t wmem_alloc = 0;    // bytes that peers have not read
  uint32_t sndbuf = 0;        // bytes
  int rcvlowat = 1;           // bytes
  int error = 0;              // mirrors sock::sk_err
  bool oob_inline = false;    // mirrors SOCK_URGINLINE
  uint32_t name = 0;          // its address; 0: none
  Index wait = kNil;          // mirrors socket_wq::wait
  Index peer_wake = kNil;     // mirrors unix_sock::peer_wake.private
  Link peer_wake_link;
  // Of items that watch a sender; only for Quirk::kDgramPollsPeer.
  Index peer_poll_wait = kNil;
  List<UnixSock, &UnixSock::peer_wake_link> peer_wait;
};

inline constexpr uint32_t kUnixReadKey = kSockReadKey;
inline constexpr uint32_t kUnixWriteKey = kSockWriteKey;

extern const FileOps kUnixStreamOps;
extern const FileOps kUnixDgramOps;
extern const FileOps kUnixSeqpacketOps;

// Each returns a descriptor, or 0 with two, or -errno. `flags`: SOCK_NONBLOCK.
int UnixSocket(World& world, int type, int flags, int protocol);
int UnixSocketpair(World& world, int type, int flags, int protocol, int fds[2]);

// --- Mechanisms of all three types -------------------------------------------

Index UnixSockIndex(const World& world, Index file);
UnixSock& UnixSockOf(World& world, Index file);

// May `sock` send without filling its buffer? `references`: what the count
// that the kernel compares holds beyond the charged bytes.
bool UnixWritable(const UnixSock& sock, uint32_t references);

// Wakes those who watch the socket, unless it is dead.
void UnixWake(World& world, Index sock, uint32_t key, int nr_exclusive,
              WakeSite site = WakeSite());

// Tells those who registered with `sock` (relays), and forgets them. Kernel: a
// wake-up of unix_sock::peer_wait.
void UnixWakePeerWait(World& world, Index sock, uint32_t key,
                      WakeSite site = WakeSite());

// Ends the registration of `sock` with `other`, if there is one.
void UnixPeerWakeDisconnect(World& world, Index sock, Index other);

// The memory that a message takes, of which `paged` bytes lie in whole pages.
// Kernel: sock_alloc_send_pskb, __alloc_skb.
uint32_t UnixTruesize(const World& world, uint32_t size, uint32_t paged);

// Makes a message that is charged to `sender`.
Index UnixAllocateSkb(World& world, Index sender, uint32_t size,
                      uint32_t truesize);
// Frees a message that is on no queue. With `wake`, its sender hears of it if
// it may send. Kernel: sock_wfree, unix_write_space.
void UnixFreeSkb(World& world, Index skb, bool wake = true);

void UnixEnqueue(World& world, Index sock, Index skb);
void UnixDequeue(World& world, Index sock, Index skb);

// Makes `sock` name `peer`, or nothing.
void UnixSetPeer(World& world, Index sock, Index peer);

// Drops one reference. Kernel: sock_put.
void UnixPut(World& world, Index sock);

// The address of a socket, or 0.
uint32_t UnixNameOf(const World& world, Index file);

// The socket that has this address, or kNil.
Index UnixFind(const World& world, uint32_t name, int type);

// Returns the socket's error, negative, and clears it. Kernel: sock_error.
int UnixTakeError(UnixSock& sock);

// Methods (SocketOps, FileOps) that do the same, or nearly, for several types.
int UnixBind(World& world, Index file);
int UnixConnect(World& world, Index file, Index target);  // not SOCK_DGRAM
int UnixListen(World& world, Index file, int backlog);
int UnixAccept(World& world, Index file, int flags, Index* accepted);
int UnixShutdown(World& world, Index file, int how);
int UnixSetsockopt(World& world, Index file, int option, int value);
int UnixGetsockopt(World& world, Index file, int option, int* value);
void UnixRelease(World& world, Index file);

}  // namespace pollux

#endif  // POLLUX_CORE_UNIX_SOCKET_H_
