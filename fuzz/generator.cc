// Random calls and programs.

#include "fuzz/generator.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include <algorithm>

#include "fuzz/values.h"

namespace pollux {
namespace {

// How often a value is drawn that is wrong or odd on purpose.
constexpr size_t kOddOneIn = 40;

// Of more files, little is seen of each.
constexpr size_t kManySlots = 8;

bool Suits(const SlotKind& kind, Op op, size_t argument) {
  const ArgInfo& arg = Describe(op).begin()[argument];
  if (arg.suits.empty()) return true;
  if (arg.suits == kReadable) return kind.reads;
  if (arg.suits == kWritable) return kind.writes;
  return SuitsPrefix(arg, kind.prefix());
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
  if (random.OneIn(2)) return Admissible(arg, random.Between(1, 6));
  return Admissible(arg, (random.OneIn(2) ? kPartialPointer : kCutPointer) +
                             static_cast<int64_t>(random.Below(3)));
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
  if (arg.name == "arg") return random.Pick(kPipeSizes);
  if (arg.name == "lowest") return random.Between(-1, 12);
  if (arg.name == "toff") return random.OneIn(4) ? 1 : 0;
  if (arg.name == "msg_len") return random.Pick(kMessageBytes);
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
  if (arg.symbols == &kDomains && arg.min <= arg.max) return arg.min;
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
    case ArgKind::kPlace:
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
      words[0] = op == Op::kIoctl && random.OneIn(2) ? random.Pick(kBusyPolls)
                                                     : random.Pick(kValues);
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

Op WeightedOp(Random& random) {
  static const int kTotal = TotalWeight();
  int at = static_cast<int>(random.Below(kTotal));
  for (const CallInfo& call : AllCalls()) {
    if ((at -= call.weight) < 0) return call.op;
  }
  return Op::kEpollWait;
}

// Without an epoll or something to watch, most calls mean nothing.
Op GenerateOp(Random& random, const std::vector<SlotKind>& kinds) {
  if (!random.OneIn(8)) {
    if (!Has(kinds, true)) return Op::kEpollCreate1;
    if (!Has(kinds, false)) {
      constexpr Op kMakers[] = {Op::kPipe2, Op::kEventfd2, Op::kSocketpair,
                                Op::kTimerfdCreate};
      return random.Pick(kMakers);
    }
  }
  const Op op = WeightedOp(random);
  const bool makes = Describe(op).makes != Makes::kNothing;
  return makes && kinds.size() >= kManySlots ? WeightedOp(random) : op;
}

}  // namespace

void AppendKinds(const Call& call, std::vector<SlotKind>* kinds) {
  SlotKind kind{call.op, true, true};
  if (call.op == Op::kDup || call.op == Op::kFcntlDup) {
    const size_t slot = static_cast<size_t>(call.args[0]);
    kind.maker = Op::kEventfd2;
    if (slot < kinds->size()) kind = (*kinds)[slot];
  } else if (call.op == Op::kReopen || call.op == Op::kOpen) {
    kind.reads = (call.args[1] & O_ACCMODE) != O_WRONLY;
    kind.writes = (call.args[1] & O_ACCMODE) != O_RDONLY;
  } else if (IsEpoll(kind) || call.op == Op::kMknod ||
             call.op == Op::kOpenPath || call.op == Op::kMqOpen) {
    kind.reads = kind.writes = false;
  } else if (call.op == Op::kIoUringSetup) {
    kind.reads = kind.writes = false;
  } else if (call.op == Op::kSignalfd4 || call.op == Op::kInotifyInit1) {
    kind.writes = false;
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
}

Call GenerateCall(Random& random, const std::vector<SlotKind>& kinds) {
  Call call{GenerateOp(random, kinds), {}};
  GenerateArguments(random, kinds, &call);
  return call;
}

void GenerateProgram(Random& random, size_t max_calls, Program* program) {
  ProgramBuilder builder(program);
  std::vector<SlotKind> kinds;
  const size_t calls =
      static_cast<size_t>(random.Between(4, std::max<size_t>(4, max_calls)));
  while (program->calls.size() < calls) {
    std::vector<Call> next;
    if (random.OneIn(12)) {
      next = GenerateSnippet(random, kinds);
    } else {
      next.push_back(GenerateCall(random, kinds));
    }
    for (const Call& call : next) {
      builder.Append(call);
      AppendKinds(call, &kinds);
    }
  }
  builder.Finish();
}

}  // namespace pollux
