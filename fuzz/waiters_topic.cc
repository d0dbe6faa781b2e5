// Programs whose threads sleep in waits, and what wakes them, or should not.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/thread.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "fuzz/topic.h"

namespace pollux {
namespace {

// Threads that make calls; few, so that they meet.
constexpr uint8_t kMostThreads = 4;
// A timeout that passes costs a thousand calls.
constexpr size_t kFiniteOneIn = 60;

constexpr uint32_t kMasks[] = {EPOLLIN,
                               EPOLLIN,
                               EPOLLIN | EPOLLET,
                               EPOLLIN | EPOLLET,
                               EPOLLIN | EPOLLOUT | EPOLLET,
                               EPOLLIN | EPOLLONESHOT,
                               EPOLLIN | EPOLLET | EPOLLONESHOT,
                               EPOLLIN | EPOLLEXCLUSIVE,
                               EPOLLIN | EPOLLEXCLUSIVE,
                               EPOLLIN | EPOLLEXCLUSIVE | EPOLLET,
                               EPOLLIN | EPOLLOUT | EPOLLEXCLUSIVE | EPOLLET,
                               EPOLLOUT | EPOLLET,
                               EPOLLRDHUP | EPOLLET,
                               0};

constexpr int64_t kMaxevents[] = {1, 1, 1, 2, 2, 8};

using Kinds = std::vector<SlotKind>;

uint8_t SomeThread(Random& random) {
  return static_cast<uint8_t>(random.Between(1, kMostThreads));
}

int64_t SlotFor(Random& random, const Kinds& kinds, Op op, size_t argument) {
  return GenerateSlot(random, kinds, op, argument);
}

int64_t SomeSet(Random& random) {
  const int64_t set = random.Between(0, kAllUserSignals);
  return set == 0 ? int64_t{kGoodPointer} : kSignalSetPointer + set;
}

// Milliseconds.
int64_t SomeTimeout(Random& random) {
  if (random.OneIn(kFiniteOneIn)) return random.Between(1, 2);
  return random.OneIn(12) ? 0 : -1;
}

Call EpollWaitCall(Random& random, const Kinds& kinds) {
  const int64_t ep = SlotFor(random, kinds, Op::kEpollWait, 0);
  const int64_t most = random.Pick(kMaxevents);
  const int64_t buffer =
      random.OneIn(40) ? kPartialPointer + random.Below(2) : kGoodPointer;
  const int64_t timeout = SomeTimeout(random);
  if (random.OneIn(6)) {
    return {Op::kEpollPwait, {ep, buffer, most, timeout, SomeSet(random), 8}};
  }
  if (random.OneIn(12)) {
    const int64_t pointer = timeout < 0 ? kNullPointer : kGoodPointer;
    const int64_t ns = timeout < 0 ? 0 : timeout * 300'000 + 1;
    return {Op::kEpollPwait2,
            {ep, buffer, most, pointer, 0, ns, SomeSet(random), 8}};
  }
  return {Op::kEpollWait, {ep, buffer, most, timeout}};
}

Call PollCall(Random& random, const Kinds& kinds) {
  const int64_t fd = random.OneIn(4)
                         ? SlotFor(random, kinds, Op::kEpollCtl, 2)
                         : SlotFor(random, kinds, Op::kEpollWait, 0);
  constexpr int64_t kEvents[] = {
      EPOLLIN, EPOLLIN, EPOLLIN, EPOLLIN | EPOLLRDNORM, EPOLLRDNORM, 0};
  return {Op::kPoll, {fd, random.Pick(kEvents), SomeTimeout(random)}};
}

Call WaitCall(Random& random, const Kinds& kinds) {
  Call call =
      random.OneIn(6) ? PollCall(random, kinds) : EpollWaitCall(random, kinds);
  call.thread = SomeThread(random);
  return call;
}

Call CtlCall(Random& random, const Kinds& kinds) {
  Call call{Op::kEpollCtl, {}};
  GenerateArguments(random, kinds, &call);
  call.args[3] = kGoodPointer;
  call.args[4] = random.Pick(kMasks);
  return call;
}

Call Drain(Random& random, const Kinds& kinds) {
  return {Op::kRead, {SlotFor(random, kinds, Op::kRead, 0), 4096}};
}

Call Fill(Random& random, const Kinds& kinds) {
  return {Op::kWrite, {SlotFor(random, kinds, Op::kWrite, 0), 8, 1}};
}

Call Close(Random& random, const Kinds& kinds) {
  const int64_t any = static_cast<int64_t>(random.Below(kinds.size()));
  return {random.OneIn(2) ? Op::kClose : Op::kDup, {any}};
}

Call SignalCall(Random& random, const Kinds&) {
  if (random.OneIn(4)) {
    return {Op::kRtSigprocmask, {0, SomeSet(random)}, SomeThread(random)};
  }
  const int64_t signal = int64_t{1} << random.Below(3);
  return {Op::kTgkill, {SomeThread(random), signal}};
}

Call Harvest(Random& random, const Kinds& kinds) {
  const int64_t ep = SlotFor(random, kinds, Op::kEpollWait, 0);
  return {Op::kEpollWait, {ep, kGoodPointer, random.Pick(kMaxevents), 0}};
}

Call Freeze(Random& random, const Kinds& kinds) {
  const int64_t ep = SlotFor(random, kinds, Op::kEpollWait, 0);
  return {Op::kFreeze,
          {ep, random.Pick(kMaxevents), static_cast<int64_t>(random.Below(2))}};
}

// A call that makes nothing, for a program whose slots are `kinds`.
Call SomeCall(Random& random, const Kinds& kinds) {
  using Maker = Call (*)(Random&, const Kinds&);
  constexpr Maker kMakers[] = {
      WaitCall, WaitCall, WaitCall, WaitCall,   WaitCall,  WaitCall, WaitCall,
      WaitCall, Fill,     Fill,     Fill,       Fill,      Fill,     Fill,
      Drain,    Drain,    CtlCall,  CtlCall,    CtlCall,   CtlCall,  Close,
      Harvest,  Harvest,  Freeze,   SignalCall, SignalCall};
  Call call = random.Pick(kMakers)(random, kinds);
  if (call.thread == 0 && random.OneIn(8)) call.thread = SomeThread(random);
  return call;
}

class Builder {
 public:
  explicit Builder(Program* program) : builder_(program) {}

  // Returns the first slot that the call makes.
  int64_t Add(const Call& call) {
    const int64_t made = static_cast<int64_t>(kinds_.size());
    if (builder_.Append(call)) AppendKinds(call, &kinds_);
    return made;
  }
  void Finish() { builder_.Finish(); }
  const Kinds& kinds() const { return kinds_; }

 private:
  ProgramBuilder builder_;
  Kinds kinds_;
};

void AddFile(Random& random, Builder& out) {
  switch (random.Below(3)) {
    case 0:
      out.Add({Op::kEventfd2, {0, EFD_NONBLOCK}});
      break;
    case 1:
      out.Add({Op::kSocketpair, {AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0}});
      break;
    default:
      out.Add({Op::kPipe2, {O_NONBLOCK}});
  }
}

// Epolls, files in them, and epolls in epolls.
void AddTopology(Random& random, Builder& out) {
  std::vector<int64_t> epolls;
  for (size_t i = 1 + random.Below(3); i > 0; --i) {
    epolls.push_back(out.Add({Op::kEpollCreate1, {}}));
  }
  for (size_t i = 1 + random.Below(2); i > 0; --i) AddFile(random, out);
  for (size_t i = 1 + random.Below(3); i > 0; --i) {
    Call call = CtlCall(random, out.kinds());
    call.args[0] = epolls[random.Below(epolls.size())];
    call.args[1] = EPOLL_CTL_ADD;
    out.Add(call);
  }
  for (size_t i = 1; i < epolls.size(); ++i) {
    if (random.OneIn(2)) continue;
    const uint32_t mask = random.Pick(kMasks) & ~EPOLLEXCLUSIVE;
    out.Add({Op::kEpollCtl,
             {epolls[i], EPOLL_CTL_ADD, epolls[i - 1], kGoodPointer, mask,
              random.Between(0, 31)}});
  }
}

// Some threads that sleep on the same epoll.
void AddHerd(Random& random, Builder& out) {
  const Call wait = EpollWaitCall(random, out.kinds());
  for (uint8_t t = 1; t <= 1 + random.Below(kMostThreads); ++t) {
    Call call = wait;
    call.thread = t;
    out.Add(call);
  }
}

bool SleepsAwhile(const Program& program) {
  return std::any_of(program.calls.begin(), program.calls.end(),
                     [](const Call& call) {
                       return call.thread != 0 && call.op == Op::kEpollWait &&
                              call.args[3] > 0;
                     });
}

void GenerateWaiters(Random& random, size_t max_calls, Program* program) {
  Builder out(program);
  AddTopology(random, out);
  if (random.OneIn(2)) AddHerd(random, out);
  const size_t calls = program->calls.size() + 2 + random.Below(max_calls);
  while (program->calls.size() < calls) {
    out.Add(random.OneIn(16) ? GenerateCall(random, out.kinds())
                             : SomeCall(random, out.kinds()));
  }
  if (SleepsAwhile(*program)) out.Add({Op::kExpire, {}});
  out.Finish();
}

MutatorSet MutateWaiters(Random& random, Program* program) {
  if (random.OneIn(3)) return MutateProgram(random, program);
  std::vector<Call> calls = std::move(program->calls);
  for (size_t i = 1 + random.Below(4); i > 0; --i) {
    const size_t at = random.Below(calls.size() + 1);
    Kinds kinds;
    for (size_t j = 0; j < at; ++j) AppendKinds(calls[j], &kinds);
    if (at < calls.size() && random.OneIn(4)) {
      calls[at].thread = random.OneIn(2) ? 0 : SomeThread(random);
    } else if (!kinds.empty()) {
      calls.insert(calls.begin() + at, SomeCall(random, kinds));
    }
  }
  ProgramBuilder builder(program);
  for (const Call& call : calls) {
    if (program->calls.size() < kMostCalls) builder.Append(call);
  }
  builder.Finish();
  return 0;
}

}  // namespace

const Topic kWaitersTopic = {GenerateWaiters, MutateWaiters};

}  // namespace pollux
