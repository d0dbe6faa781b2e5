// Snippets: a few calls that belong together.

#include <fcntl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include <algorithm>

#include "fuzz/generator.h"
#include "fuzz/values.h"

namespace pollux {
namespace {

constexpr int64_t kInetDomains[] = {AF_INET, AF_INET, AF_INET6};

// Collects the calls of a snippet, and what they make.
class SnippetBuilder {
 public:
  SnippetBuilder(Random& random, std::vector<SlotKind> kinds)
      : random_(random), kinds_(std::move(kinds)) {}

  // Adds a call with random arguments, except those given. Returns the first
  // slot that it makes.
  int64_t Add(Op op, int64_t slot = kAny, int64_t second = kAny,
              int64_t third = kAny) {
    Call call{op, {}};
    GenerateArguments(random_, kinds_, &call);
    if (slot != kAny) call.args[0] = slot;
    if (second != kAny) call.args[1] = second;
    if (third != kAny) call.args[2] = third;
    const int64_t made = static_cast<int64_t>(kinds_.size());
    AppendKinds(call, &kinds_);
    calls_.push_back(call);
    return made;
  }

  // ADD of `target` with EPOLLIN among the events asked for.
  void Watch(int64_t ep, int64_t target) {
    Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, target);
    calls_.back().args[4] |= EPOLLIN;
  }

  int64_t SlotFor(Op op, size_t argument) {
    return GenerateSlot(random_, kinds_, op, argument);
  }

  bool IsPipe(int64_t slot) const {
    return slot >= 0 && kinds_[slot].maker == Op::kPipe2 && kinds_[slot].reads;
  }

  std::vector<Call> Take() { return std::move(calls_); }

  static constexpr int64_t kAny = INT64_MIN;

 private:
  Random& random_;
  std::vector<SlotKind> kinds_;
  std::vector<Call> calls_;
};

void Nest(Random& random, SnippetBuilder& out) {
  const int64_t old = out.SlotFor(Op::kEpollWait, 0);
  const int64_t made = out.Add(Op::kEpollCreate1, 0);
  if (random.OneIn(4)) {
    out.Add(Op::kEpollCtl, old, EPOLL_CTL_ADD, made);
  } else {
    out.Add(Op::kEpollCtl, made, EPOLL_CTL_ADD, old);
  }
}

// A tower of epolls, built from below or from above, each step of it perhaps
// doubled through a dup; then a file at its bottom, and a look from its top.
void Tower(Random& random, SnippetBuilder& out) {
  constexpr size_t kMostFloors = 7;
  const size_t floors = 5 + random.Below(kMostFloors - 4);
  const bool upwards = random.OneIn(2);
  const bool doubled = random.OneIn(3);
  int64_t epolls[kMostFloors];
  for (size_t i = 0; i < floors; ++i) epolls[i] = out.Add(Op::kEpollCreate1, 0);
  for (size_t i = 1; i < floors; ++i) {
    const size_t at = upwards ? i : floors - i;
    out.Watch(epolls[at], epolls[at - 1]);
    if (!doubled) continue;
    out.Watch(epolls[at], out.Add(Op::kDup, epolls[at - 1]));
  }
  const int64_t file = out.Add(Op::kEventfd2, 0, EFD_NONBLOCK);
  out.Watch(epolls[0], file);
  out.Add(Op::kWrite, file, 8);
  if (random.OneIn(2)) out.Add(Op::kPoll, epolls[floors - 1]);
  out.Add(Op::kEpollWait, epolls[floors - 1]);
}

void FrozenScan(Random& random, SnippetBuilder& out) {
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kFreeze, ep);
  for (size_t i = 1 + random.Below(4); i > 0; --i) {
    out.Add(random.OneIn(4) ? Op::kRead : Op::kWrite);
  }
  out.Add(Op::kThaw);
  out.Add(Op::kEpollWait, ep);
}

// The same in an inner epoll, whose outer one has looked already.
void FrozenBelow(Random&, SnippetBuilder& out) {
  const int64_t file = out.Add(Op::kEventfd2, 1, EFD_NONBLOCK);
  const int64_t inner = out.Add(Op::kEpollCreate1, 0);
  const int64_t outer = out.Add(Op::kEpollCreate1, 0);
  out.Watch(inner, file);
  out.Watch(outer, inner);
  out.Add(Op::kEpollWait, outer);
  out.Add(Op::kFreeze, inner, 2, 0);
  out.Add(Op::kWrite, file, 8);
  out.Add(Op::kThaw);
  out.Add(Op::kEpollWait, outer);
}

void WatchTwo(Random&, SnippetBuilder& out) {
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD);
}

// Empties a file, looks at the epoll, and fills the file again.
void Drain(Random& random, SnippetBuilder& out) {
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  const int64_t slot = out.SlotFor(Op::kRead, 0);
  // What a pipe's read end gets is written to the slot behind it.
  const int64_t writer = out.IsPipe(slot) ? slot + 1 : slot;
  out.Add(Op::kRead, slot, kMaxIo);
  out.Add(random.OneIn(2) ? Op::kPoll : Op::kEpollWait, ep);
  out.Add(Op::kWrite, writer, 8);
  out.Add(Op::kEpollWait, ep);
}

// The default size of a pipe.
constexpr int64_t kPipeBytes = 65536;

void FillPipe(Random& random, SnippetBuilder& out) {
  const int64_t made = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, made + 1);
  out.Add(Op::kWrite, made + 1, kPipeBytes);
  if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  out.Add(Op::kRead, made);
  if (random.OneIn(2)) return;
  // Part of a slot, something else, and then the rest of it: who is first?
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD);
  out.Add(Op::kRead, made, 1);
  out.Add(Op::kWrite);
  out.Add(Op::kRead, made, kPipeBytes);
  out.Add(Op::kEpollWait, ep);
}

// A peer that goes and leaves something unread: an error that is told once.
void ResetPeer(Random& random, SnippetBuilder& out) {
  const int64_t pair =
      out.Add(Op::kSocketpair, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  out.Add(Op::kWrite, pair);
  out.Add(Op::kClose, pair + 1);
  for (size_t i = 1 + random.Below(2); i > 0; --i) {
    out.Add(Op::kGetsockopt, pair, SOL_SOCKET, SO_ERROR);
  }
  out.Add(random.OneIn(2) ? Op::kRead : Op::kPoll, pair);
}

// A process that exits in an inner epoll, in which another file is ready later.
void ExitBelow(SnippetBuilder& out, int64_t process) {
  const int64_t inner = out.Add(Op::kEpollCreate1, 0);
  const int64_t outer = out.Add(Op::kEpollCreate1, 0);
  const int64_t below = out.Add(Op::kEventfd2, 0, EFD_NONBLOCK);
  const int64_t beside = out.Add(Op::kEventfd2, 0, EFD_NONBLOCK);
  out.Add(Op::kEpollCtl, inner, EPOLL_CTL_ADD, process);
  out.Watch(inner, below);
  out.Watch(outer, inner);
  out.Watch(outer, beside);
  out.Add(Op::kPidfdKill, process);
  out.Add(Op::kWrite, beside, 8);
  out.Add(Op::kWrite, below, 8);
  out.Add(Op::kEpollWait, outer);
}

// The life of a process, as its pidfd shows it.
void ExitAndReap(Random& random, SnippetBuilder& out) {
  const int64_t process = out.Add(Op::kPidfdFork, 0);
  if (random.OneIn(3)) return ExitBelow(out, process);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, process);
  out.Add(Op::kPidfdKill, process);
  if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  out.Add(Op::kWaitid, process);
  out.Add(Op::kEpollWait, ep);
}

// A signalfd that is readable already, and signals of its set or not.
void SendSignals(Random& random, SnippetBuilder& out) {
  const int64_t fd = out.Add(Op::kSignalfd4);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, fd);
  for (size_t i = 1 + random.Below(4); i > 0; --i) {
    out.Add(random.OneIn(2) ? Op::kRaise : Op::kKill);
    if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  }
  if (random.OneIn(2)) out.Add(Op::kSignalfd, fd);
  out.Add(random.OneIn(2) ? Op::kRead : Op::kEpollWait,
          random.OneIn(2) ? fd : ep);
}

// A folder that is watched, and what happens in it.
void WatchFolder(Random& random, SnippetBuilder& out) {
  const int64_t in = out.Add(Op::kInotifyInit1, IN_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, in);
  for (size_t i = 1 + random.Below(2); i > 0; --i) {
    out.Add(Op::kChangeFile);
    out.Add(Op::kInotifyAddWatch, in);
  }
  for (size_t i = 1 + random.Below(4); i > 0; --i) {
    out.Add(random.OneIn(8) ? Op::kInotifyRmWatch : Op::kChangeFile);
    if (random.OneIn(3)) out.Add(Op::kEpollWait, ep);
    if (random.OneIn(8)) out.Add(Op::kRead, in);
  }
  out.Add(Op::kRead, in);
  out.Add(Op::kEpollWait, ep);
}

// A timer that expires again when it is read.
void PeriodicTimer(Random& random, SnippetBuilder& out) {
  const int64_t timer = out.Add(Op::kTimerfdCreate, 1);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, timer);
  out.Add(Op::kTimerfdSettime, timer, 0, 1);
  if (random.OneIn(2)) out.Add(Op::kRead, timer, 8);
  out.Add(Op::kEpollWait, ep);
  out.Add(Op::kEpollWait, ep);
}

// A ring that is watched, and its completions.
void CompleteNops(Random& random, SnippetBuilder& out) {
  const int64_t ring = out.Add(Op::kIoUringSetup);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, ring);
  for (size_t i = 1 + random.Below(3); i > 0; --i) {
    out.Add(random.OneIn(4) ? Op::kIoUringReap : Op::kIoUringNop, ring);
    out.Add(Op::kEpollWait, ep);
  }
}

// A message queue that is filled, or nearly, and read.
void FillMqueue(Random& random, SnippetBuilder& out) {
  const int64_t mq = out.Add(Op::kMqOpen, O_RDWR | O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, mq);
  for (size_t i = 1 + random.Below(5); i > 0; --i) {
    out.Add(random.OneIn(3) ? Op::kMqReceive : Op::kMqSend, mq, 8);
    if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  }
  out.Add(Op::kMqReceive, mq, 8);
  out.Add(Op::kEpollWait, ep);
}

// A child that holds what the program closes, until it closes that or dies.
void ForkAndClose(Random& random, SnippetBuilder& out) {
  const int64_t first = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t second = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, first);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, second);
  const int64_t process = out.Add(Op::kFork, 0);
  const int64_t end = random.OneIn(2) ? 0 : 1;
  out.Add(Op::kClose, first + end);
  out.Add(Op::kClose, second + end);
  if (end == 0) out.Add(Op::kWrite, first + 1, 8);
  out.Add(Op::kEpollWait, ep);
  if (random.OneIn(3)) out.Add(Op::kChildClose, process, first + end);
  if (random.OneIn(2)) out.Add(Op::kPidfdKill, process);
  out.Add(Op::kEpollWait, ep);
}

// A description that lives in messages only, until somebody takes or drops it.
void PassAround(Random& random, SnippetBuilder& out) {
  const int64_t type = random.Pick(kTypes) | SOCK_NONBLOCK;
  const int64_t pair = out.Add(Op::kSocketpair, AF_UNIX, type, 0);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  for (size_t i = 1 + random.Below(2); i > 0; --i) {
    const int64_t pipe = out.Add(Op::kPipe2, O_NONBLOCK);
    const int64_t end = random.OneIn(2) ? 0 : 1;
    out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, pipe);
    out.Add(Op::kSendFd, pair, pipe + end);
    out.Add(Op::kClose, pipe + end);
    if (end == 0) out.Add(Op::kWrite, pipe + 1, 8);
  }
  constexpr Op kTakes[] = {Op::kRecvFd, Op::kRecvFd, Op::kRead, Op::kRecv,
                           Op::kClose};
  out.Add(random.Pick(kTakes), pair + 1);
  out.Add(Op::kEpollWait, ep);
}

// From one pipe to another that is watched.
void SpliceOver(Random& random, SnippetBuilder& out) {
  const int64_t from = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t to = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, to);
  out.Add(Op::kWrite, from + 1);
  out.Add(random.OneIn(3) ? Op::kTee : Op::kSplice, from, to + 1);
  // Does a write take a slot of its own?
  if (random.OneIn(2)) out.Add(Op::kWrite, to + 1, 1);
  if (random.OneIn(2)) out.Add(Op::kWrite, to + 1, kPipeBytes);
  out.Add(Op::kEpollWait, ep);
}

// A pipe with more than two descriptions, some of which go.
void ReopenPipe(Random& random, SnippetBuilder& out) {
  const int64_t made = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t again =
      out.Add(Op::kReopen, made + random.Below(2),
              (random.OneIn(2) ? O_RDONLY : O_WRONLY) | O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kWrite, made + 1);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, made + random.Below(2));
  out.Add(Op::kEpollWait, ep);
  out.Add(Op::kClose, random.OneIn(2) ? again : made + 1);
  out.Add(Op::kEpollWait, ep);
  out.Add(Op::kReopen, made, O_WRONLY | O_NONBLOCK);
  out.Add(Op::kEpollWait, ep);
}

// The writer of a FIFO loses its reader, and gets another.
void ReaderComesBack(SnippetBuilder& out, int64_t fifo, int64_t reader) {
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  const int64_t writer = out.Add(Op::kReopen, fifo, O_WRONLY | O_NONBLOCK);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, writer);
  out.Add(Op::kClose, reader);
  out.Add(Op::kEpollWait, ep);
  out.Add(Op::kReopen, fifo, O_RDONLY | O_NONBLOCK);
  out.Add(Op::kEpollWait, ep);
}

// A FIFO that is opened by a few, one of whom goes.
void OpenFifo(Random& random, SnippetBuilder& out) {
  constexpr int64_t kModes[] = {O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR};
  const int64_t fifo = out.Add(Op::kMknod);
  const int64_t reader = out.Add(Op::kReopen, fifo, O_RDONLY | O_NONBLOCK);
  if (random.OneIn(3)) return ReaderComesBack(out, fifo, reader);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, reader);
  for (size_t i = 1 + random.Below(2); i > 0; --i) {
    const int64_t fd =
        out.Add(Op::kReopen, fifo, random.Pick(kModes) | O_NONBLOCK);
    out.Add(Op::kEpollWait, ep);
    if (random.OneIn(2)) out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, fd);
    if (random.OneIn(2)) out.Add(Op::kWrite, fd, 8);
    if (random.OneIn(2)) out.Add(Op::kClose, random.OneIn(2) ? fd : reader);
  }
  out.Add(Op::kEpollWait, ep);
}

// A server, a client, and what becomes of them; datagrams need no more than a
// name.
void ConnectSockets(Random& random, SnippetBuilder& out) {
  const int64_t type = random.Pick(kTypes) | SOCK_NONBLOCK;
  const int64_t server = out.Add(Op::kSocket, AF_UNIX, type, 0);
  out.Add(Op::kBind, server);
  if ((type & ~SOCK_NONBLOCK) != SOCK_DGRAM) out.Add(Op::kListen, server);
  const int64_t client = out.Add(Op::kSocket, AF_UNIX, type, 0);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, client);
  out.Add(Op::kConnect, client, server);
  if (random.OneIn(2)) out.Add(Op::kAccept4, server);
}

// A connection over the loopback, established or refused, and a few things that
// may become of it.
void ConnectTcp(Random& random, SnippetBuilder& out) {
  const int64_t domain = random.Pick(kInetDomains);
  constexpr int64_t kType = SOCK_STREAM | SOCK_NONBLOCK;
  const int64_t server = out.Add(Op::kSocket, domain, kType, 0);
  out.Add(Op::kBind, server);
  if (!random.OneIn(8)) out.Add(Op::kListen, server);
  const int64_t client = out.Add(Op::kSocket, domain, kType, 0);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, random.OneIn(2) ? client : server);
  out.Add(Op::kConnect, client, server);
  if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  if (random.OneIn(8)) return;
  int64_t ends[2] = {client, out.Add(Op::kAccept4, server)};
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, random.Pick(ends));
  constexpr Op kOps[] = {Op::kSend,     Op::kSend,       Op::kRecv,
                         Op::kShutdown, Op::kSetsockopt, Op::kGetsockopt,
                         Op::kClose,    Op::kEpollWait,  Op::kEpollWait};
  for (size_t i = random.Below(6); i > 0; --i) {
    const Op op = random.Pick(kOps);
    out.Add(op, op == Op::kEpollWait ? ep : random.Pick(ends));
  }
}

// Two UDP or netlink sockets, one of which has an address that the other sends
// to.
void ConnectMessages(Random& random, SnippetBuilder& out) {
  const bool netlink = random.OneIn(3);
  const int64_t domain = netlink ? AF_NETLINK : random.Pick(kInetDomains);
  constexpr int64_t kType = SOCK_DGRAM | SOCK_NONBLOCK;
  const int64_t protocol = netlink ? NETLINK_USERSOCK : 0;
  const int64_t a = out.Add(Op::kSocket, domain, kType, protocol);
  const int64_t b = out.Add(Op::kSocket, domain, kType, protocol);
  out.Add(Op::kBind, a);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kConnect, b, a);
  if (random.OneIn(2)) out.Add(Op::kConnect, a, b);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, random.OneIn(2) ? a : b);
  if (random.OneIn(4)) out.Add(Op::kClose, a);
  out.Add(Op::kSend, b);
  out.Add(Op::kEpollWait, ep);
}

// Messages until a datagram receiver's queue is full, or nearly.
void SendMany(Random& random, SnippetBuilder& out) {
  const int64_t slot = out.SlotFor(Op::kSend, 0);
  const int64_t length = random.Between(0, 4);
  for (size_t i = 8 + random.Below(6); i > 0; --i) {
    out.Add(Op::kSend, slot, length, 0);
  }
}

// Two messages to a peer, or to one that is not connected back, at which the
// receiver only looks.
void PeekAtMessages(Random& random, SnippetBuilder& out) {
  const bool pair = random.OneIn(2);
  const int64_t type = (pair ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK;
  int64_t sender, receiver;
  if (pair) {
    sender = out.Add(Op::kSocketpair, AF_UNIX, type, 0);
    receiver = sender + 1;
  } else {
    receiver = out.Add(Op::kSocket, AF_UNIX, type, 0);
    sender = out.Add(Op::kSocket, AF_UNIX, type, 0);
    out.Add(Op::kBind, receiver);
    out.Add(Op::kConnect, sender, receiver);
  }
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kSend, sender, 1, 0);
  out.Add(Op::kSend, sender, 2, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, sender);
  out.Add(Op::kEpollWait, ep);
  out.Add(Op::kRecv, receiver, 8, MSG_PEEK);
  out.Add(Op::kEpollWait, ep);
}

// A pipe in an epoll in an epoll, written to twice.
void WriteTwiceBelow(Random& random, SnippetBuilder& out) {
  const int64_t pipe = out.Add(Op::kPipe2, O_NONBLOCK);
  const int64_t inner = out.Add(Op::kEpollCreate1, 0);
  const int64_t outer = out.Add(Op::kEpollCreate1, 0);
  out.Watch(inner, pipe);
  out.Watch(outer, inner);
  for (int i = 0; i < 2; ++i) {
    out.Add(Op::kWrite, pipe + 1);
    out.Add(Op::kEpollWait, outer);
  }
  if (random.OneIn(2)) out.Add(Op::kEpollWait, inner);
}

}  // namespace

std::vector<Call> GenerateSnippet(Random& random, std::vector<SlotKind> kinds) {
  using Snippet = void (*)(Random&, SnippetBuilder&);
  constexpr Snippet kSnippets[] = {Nest,           Nest,
                                   FrozenScan,     FrozenScan,
                                   WatchTwo,       FillPipe,
                                   Drain,          OpenFifo,
                                   ExitAndReap,    SpliceOver,
                                   ConnectSockets, ConnectSockets,
                                   SendMany,       ResetPeer,
                                   Tower,          ReopenPipe,
                                   PeekAtMessages, WriteTwiceBelow,
                                   FrozenBelow,    SendSignals,
                                   WatchFolder,    FillMqueue,
                                   PeriodicTimer,  CompleteNops,
                                   ConnectTcp,     ConnectTcp,
                                   ConnectTcp,     ConnectMessages,
                                   ForkAndClose,   PassAround};
  SnippetBuilder out(random, std::move(kinds));
  random.Pick(kSnippets)(random, out);
  return out.Take();
}

}  // namespace pollux
