// Random calls and programs.

#include "fuzz/generator.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <bitset>

#include "fuzz/rehearsal.h"

namespace pollux {
namespace {

// How often a value is drawn that is wrong or odd on purpose.
constexpr size_t kOddOneIn = 40;

// Of more files, little is seen of each.
constexpr size_t kManySlots = 8;

constexpr int64_t kCounts[] = {
    1,    1,    1,    2,    3,    8,     8, 8, 16,    100,   192,   193,
    1000, 4095, 4096, 4097, 8192, 36544, 0, 7, 65535, 65536, 70000, kMaxIo};

// Of pipes, in bytes.
constexpr int64_t kPipeSizes[] = {0,    1,     4096,  4096,  4097,  8192,
                                  8192, 20000, 65536, 65536, 131072};

constexpr int64_t kMaxevents[] = {1, 1, 1, 2, 2, 3, 4, 8, 8, 16, 64, 64};
constexpr int64_t kOddMaxevents[] = {0,       -1,           INT_MIN,
                                     INT_MAX, INT_MAX / 12, INT_MAX / 12 + 1};

constexpr int64_t kOddSeconds[] = {-1, INT64_MIN};
constexpr int64_t kNanoseconds[] = {0, 0, 0, 0, 0, 1, -1, 1'000'000'000};

constexpr int64_t kValues[] = {1, 1, 1, 2, 5, 0, INT64_MAX, -2, -1};

constexpr int64_t kTypes[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM,
                              SOCK_SEQPACKET};

constexpr int64_t kBuffers[] = {0, 1, 2304, 3000, 5000, 10000, 100000, -1};

constexpr uint32_t kMasks[] = {EPOLLIN,
                               EPOLLIN,
                               EPOLLIN,
                               EPOLLOUT,
                               EPOLLIN | EPOLLOUT,
                               EPOLLIN | EPOLLOUT,
                               EPOLLIN | EPOLLRDHUP,
                               EPOLLIN | EPOLLOUT | EPOLLRDHUP,
                               EPOLLRDHUP,
                               EPOLLPRI,
                               EPOLLRDNORM,
                               EPOLLWRNORM,
                               EPOLLRDBAND | EPOLLWRBAND,
                               EPOLLHUP,
                               0};

bool Suits(const SlotKind& kind, Op op, size_t argument) {
  const ArgInfo& arg = Describe(op).begin()[argument];
  if (arg.suits.empty()) return true;
  if (arg.suits == kReadable) return kind.reads;
  if (arg.suits == kWritable) return kind.writes;
  return SuitsPrefix(arg, kind.prefix());
}

// Would the call do more than fail on it, as far as is known?
bool Promises(const SlotKind& kind, Op op, size_t argument) {
  if (argument != 0) return false;
  switch (op) {
    case Op::kRead:
    case Op::kRecv:
    case Op::kEpollWait:
      return kind.has_data;
    case Op::kWrite:
    case Op::kSend:
      return kind.has_room;
    default:
      return false;
  }
}

bool IsEpoll(const SlotKind& kind) { return kind.prefix() == "ep"; }

uint32_t GenerateMask(Random& random) {
  if (random.OneIn(kOddOneIn)) return static_cast<uint32_t>(random.Next());
  uint32_t mask = random.Pick(kMasks);
  if (random.OneIn(2)) mask |= EPOLLET;
  if (random.OneIn(5)) mask |= EPOLLONESHOT;
  if (random.OneIn(kOddOneIn)) mask |= EPOLLEXCLUSIVE;
  return mask;
}

int64_t GenerateData(Random& random) {
  if (random.OneIn(kOddOneIn)) return static_cast<int64_t>(random.Next());
  return random.Between(0, 31);
}

int64_t GeneratePointer(Random& random, const ArgInfo& arg) {
  if (!random.OneIn(kOddOneIn)) return kGoodPointer;
  return Admissible(arg, random.OneIn(2) ? random.Between(1, 4)
                                         : kPartialPointer + random.Below(3));
}

int64_t GenerateInt(Random& random, const ArgInfo& arg) {
  if (arg.name == "count") {
    return random.OneIn(8) ? random.Between(0, kMaxIo) : random.Pick(kCounts);
  }
  if (arg.name == "maxevents") {
    return random.OneIn(kOddOneIn) ? random.Pick(kOddMaxevents)
                                   : random.Pick(kMaxevents);
  }
  if (arg.name == "timeout") {
    // A wait that sleeps costs a thousand that do not.
    if (random.OneIn(20000)) return -1;
    return random.OneIn(2000) ? 1 : 0;
  }
  if (arg.name == "len") return random.Pick(kCounts);
  if (arg.name == "size") return random.Pick(kPipeSizes);
  if (arg.name == "backlog") return random.Between(-1, 3);
  if (arg.name == "value") return random.Pick(kBuffers);
  if (arg.name == "sigsetsize") return random.OneIn(kOddOneIn) ? 4 : 8;
  if (arg.name == "at") return random.Between(0, 2);
  if (arg.name == "protocol") return random.OneIn(kOddOneIn) ? 2 : 0;
  return random.OneIn(8) ? random.Between(arg.min, arg.max)
                         : random.Between(0, 3);
}

int64_t GenerateFlags(Random& random, const ArgInfo& arg) {
  int64_t flags = arg.min;
  if (arg.symbols == &kSocketTypes && !random.OneIn(kOddOneIn)) {
    return flags | random.Pick(kTypes);
  }
  if (arg.symbols == &kMessageFlags && random.OneIn(2)) return flags;
  for (const Symbol& symbol : *arg.symbols) {
    if (random.OneIn(4)) flags |= symbol.value;
  }
  if (random.OneIn(kOddOneIn)) flags |= random.Next();
  return Admissible(arg, flags);
}

int64_t GenerateEnum(Random& random, const ArgInfo& arg) {
  if (random.OneIn(kOddOneIn)) return Admissible(arg, random.Between(-1, 4));
  // ADD is the first in its table, and what the others need first.
  if (arg.symbols == &kCtlOps && random.OneIn(2)) return EPOLL_CTL_ADD;
  return arg.symbols->begin()[random.Below(arg.symbols->count)].value;
}

void FillArgument(Random& random, const std::vector<SlotKind>& kinds, Op op,
                  const ArgInfo& arg, size_t argument, int64_t* words) {
  switch (arg.kind) {
    case ArgKind::kFd:
      words[0] = GenerateSlot(random, kinds, op, argument);
      break;
    case ArgKind::kPollFd:
      words[0] = GenerateSlot(random, kinds, op, argument);
      words[1] = GenerateMask(random) & 0xffff;
      break;
    case ArgKind::kInt:
      words[0] = GenerateInt(random, arg);
      break;
    case ArgKind::kFlags:
      words[0] = GenerateFlags(random, arg);
      break;
    case ArgKind::kEnum:
      words[0] = GenerateEnum(random, arg);
      break;
    case ArgKind::kEventPointer:
      words[0] = GeneratePointer(random, arg);
      words[1] = GenerateMask(random);
      words[2] = GenerateData(random);
      break;
    case ArgKind::kBuffer:
    case ArgKind::kSigmask:
      words[0] = GeneratePointer(random, arg);
      break;
    case ArgKind::kTimespec:
      words[0] = GeneratePointer(random, arg);
      // No timeout at all would mean to sleep.
      if (words[0] == kNullPointer) words[0] = kGoodPointer;
      words[1] = random.OneIn(kOddOneIn) ? random.Pick(kOddSeconds) : 0;
      words[2] = random.Pick(kNanoseconds);
      break;
    case ArgKind::kValueIn:
      words[0] = random.Pick(kValues);
      break;
    case ArgKind::kLiteral:
    case ArgKind::kValueOut:
    case ArgKind::kNumberOut:
      break;
  }
}

int TotalWeight() {
  int total = 0;
  for (const CallInfo& call : AllCalls()) total += call.weight;
  return total;
}

bool Has(const std::vector<SlotKind>& kinds, bool epoll) {
  return std::any_of(kinds.begin(), kinds.end(), [&](const SlotKind& kind) {
    return IsEpoll(kind) == epoll;
  });
}

// Calls that a program does without, so that others get more room.
using Swarm = std::bitset<kOpCount>;

// Half of the programs have all calls; none lacks what makes it a program.
Swarm DrawSwarm(Random& random) {
  Swarm without;
  if (random.OneIn(2)) return without;
  for (size_t op = 0; op < kOpCount; ++op) without[op] = random.OneIn(3);
  for (Op op : {Op::kEpollCreate1, Op::kEpollCtl, Op::kEpollWait}) {
    without[static_cast<size_t>(op)] = false;
  }
  return without;
}

Op WeightedOp(Random& random, const Swarm& without = {}) {
  static const int kTotal = TotalWeight();
  // A call that is switched off is drawn again, within reason.
  for (int tries = 0; tries < 8; ++tries) {
    int at = static_cast<int>(random.Below(kTotal));
    for (const CallInfo& call : AllCalls()) {
      if ((at -= call.weight) >= 0) continue;
      if (!without[static_cast<size_t>(call.op)]) return call.op;
      break;
    }
  }
  return Op::kEpollWait;
}

// Without an epoll or something to watch, most calls mean nothing.
Op GenerateOp(Random& random, const std::vector<SlotKind>& kinds,
              const Swarm& without = {}) {
  if (!random.OneIn(8)) {
    if (!Has(kinds, true)) return Op::kEpollCreate1;
    if (!Has(kinds, false)) {
      constexpr Op kMakers[] = {Op::kPipe2, Op::kEventfd2, Op::kSocketpair,
                                Op::kTimerfdCreate};
      return random.Pick(kMakers);
    }
  }
  const Op op = WeightedOp(random, without);
  const bool makes = Describe(op).makes != Makes::kNothing;
  return makes && kinds.size() >= kManySlots ? WeightedOp(random, without) : op;
}

// What is watched can be changed or dropped, what is not can be added; half of
// the calls do as they were drawn.
void ChooseCtlOp(Random& random, const std::vector<SlotKind>& kinds,
                 Call* call) {
  const int64_t ep = call->args[0];
  const int64_t target = call->args[2];
  if (ep < 0 || target < 0 || target >= SlotKind::kWatchable) return;
  if (kinds[ep].watches == 0 || random.OneIn(2)) return;
  const bool watched = kinds[ep].watches >> target & 1;
  call->args[1] = !watched          ? EPOLL_CTL_ADD
                  : random.OneIn(3) ? EPOLL_CTL_DEL
                                    : EPOLL_CTL_MOD;
}

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

void FrozenScan(Random& random, SnippetBuilder& out) {
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kFreeze, ep);
  for (size_t i = 1 + random.Below(4); i > 0; --i) {
    out.Add(random.OneIn(4) ? Op::kRead : Op::kWrite);
  }
  out.Add(Op::kThaw);
  out.Add(Op::kEpollWait, ep);
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

// The life of a process, as its pidfd shows it.
void ExitAndReap(Random& random, SnippetBuilder& out) {
  const int64_t process = out.Add(Op::kPidfdFork, 0);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, process);
  out.Add(Op::kPidfdKill, process);
  if (random.OneIn(2)) out.Add(Op::kEpollWait, ep);
  out.Add(Op::kWaitid, process);
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
  out.Add(Op::kEpollWait, ep);
}

// A FIFO that is opened by a few, one of whom goes.
void OpenFifo(Random& random, SnippetBuilder& out) {
  constexpr int64_t kModes[] = {O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR};
  const int64_t fifo = out.Add(Op::kMknod);
  const int64_t reader = out.Add(Op::kReopen, fifo, O_RDONLY | O_NONBLOCK);
  const int64_t ep = out.SlotFor(Op::kEpollWait, 0);
  out.Add(Op::kEpollCtl, ep, EPOLL_CTL_ADD, reader);
  for (size_t i = 1 + random.Below(2); i > 0; --i) {
    const int64_t fd =
        out.Add(Op::kReopen, fifo, random.Pick(kModes) | O_NONBLOCK);
    out.Add(Op::kEpollWait, ep);
    if (random.OneIn(2)) out.Add(Op::kWrite, fd, 8);
    if (random.OneIn(2)) out.Add(Op::kClose, fd);
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

// Messages until a datagram receiver's queue is full, or nearly.
void SendMany(Random& random, SnippetBuilder& out) {
  const int64_t slot = out.SlotFor(Op::kSend, 0);
  const int64_t length = random.Between(0, 4);
  for (size_t i = 8 + random.Below(6); i > 0; --i) {
    out.Add(Op::kSend, slot, length, 0);
  }
}

}  // namespace

void AppendKinds(const Call& call, std::vector<SlotKind>* kinds) {
  SlotKind kind{call.op, true, true};
  if (call.op == Op::kDup) {
    const size_t slot = static_cast<size_t>(call.args[0]);
    kind.maker = Op::kEventfd2;
    if (slot < kinds->size()) kind = (*kinds)[slot];
  } else if (call.op == Op::kReopen || call.op == Op::kOpen) {
    kind.reads = (call.args[1] & O_ACCMODE) != O_WRONLY;
    kind.writes = (call.args[1] & O_ACCMODE) != O_RDONLY;
  } else if (IsEpoll(kind) || call.op == Op::kMknod ||
             call.op == Op::kOpenPath) {
    kind.reads = kind.writes = false;
  }
  if (Describe(call.op).makes == Makes::kReadWrite) {
    kinds->push_back({call.op, true, false});
    kinds->push_back({call.op, false, true});
  } else {
    kinds->insert(kinds->end(), Describe(call.op).slots_made(), kind);
  }
}

int64_t GenerateSlot(Random& random, const std::vector<SlotKind>& kinds, Op op,
                     size_t argument) {
  if (kinds.empty() || random.OneIn(200)) return kNoFd;
  const size_t start = random.Below(kinds.size());
  if (random.OneIn(kOddOneIn)) return static_cast<int64_t>(start);
  if (random.OneIn(2)) {
    for (size_t i = 0; i < kinds.size(); ++i) {
      const size_t slot = (start + i) % kinds.size();
      if (Suits(kinds[slot], op, argument) &&
          Promises(kinds[slot], op, argument)) {
        return static_cast<int64_t>(slot);
      }
    }
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    const size_t slot = (start + i) % kinds.size();
    if (Suits(kinds[slot], op, argument)) return static_cast<int64_t>(slot);
  }
  return static_cast<int64_t>(start);
}

void GenerateArgument(Random& random, const std::vector<SlotKind>& kinds,
                      size_t argument, Call* call) {
  const CallInfo& info = Describe(call->op);
  int at = 0;
  for (size_t i = 0; i < info.arg_count; ++i) {
    const ArgInfo& arg = info.begin()[i];
    if (i == argument) {
      FillArgument(random, kinds, call->op, arg, i, &call->args[at]);
      return;
    }
    at += WordsOf(arg.kind);
  }
}

void GenerateArguments(Random& random, const std::vector<SlotKind>& kinds,
                       Call* call) {
  for (size_t i = 0; i < Describe(call->op).arg_count; ++i) {
    GenerateArgument(random, kinds, i, call);
  }
  if (call->op == Op::kEpollCtl) ChooseCtlOp(random, kinds, call);
}

namespace {

Call GenerateCallWithout(Random& random, const std::vector<SlotKind>& kinds,
                         const Swarm& without) {
  Call call{GenerateOp(random, kinds, without), {}};
  GenerateArguments(random, kinds, &call);
  return call;
}

}  // namespace

Call GenerateCall(Random& random, const std::vector<SlotKind>& kinds) {
  return GenerateCallWithout(random, kinds, {});
}

std::vector<Call> GenerateSnippet(Random& random, std::vector<SlotKind> kinds) {
  using Snippet = void (*)(Random&, SnippetBuilder&);
  constexpr Snippet kSnippets[] = {
      Nest,           Nest,           FrozenScan, FrozenScan,  WatchTwo,
      FillPipe,       Drain,          OpenFifo,   ExitAndReap, SpliceOver,
      ConnectSockets, ConnectSockets, SendMany,   ResetPeer};
  SnippetBuilder out(random, std::move(kinds));
  random.Pick(kSnippets)(random, out);
  return out.Take();
}

void GenerateProgram(Random& random, size_t max_calls, Program* program) {
  static thread_local Rehearsal rehearsal;
  ProgramBuilder builder(program);
  std::vector<SlotKind> kinds;
  rehearsal.Begin();
  size_t rehearsed = 0;  // calls; the builder may have added some of its own
  const Swarm without = DrawSwarm(random);
  const size_t calls =
      static_cast<size_t>(random.Between(4, std::max<size_t>(4, max_calls)));
  while (program->calls.size() < calls) {
    std::vector<Call> next;
    if (random.OneIn(16)) {
      next = GenerateSnippet(random, kinds);
    } else {
      next.push_back(GenerateCallWithout(random, kinds, without));
    }
    for (const Call& call : next) builder.Append(call);
    for (; rehearsed < program->calls.size(); ++rehearsed) {
      AppendKinds(program->calls[rehearsed], &kinds);
      rehearsal.Append(program->calls[rehearsed], &kinds);
    }
  }
  builder.Finish();
}

}  // namespace pollux
