// Which error wins when several arguments are wrong: every pair of faults of
// every call of the call table, on the host and on the reference.
//
// Nothing is listed by hand but what can be wrong with each kind of argument.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/epoll.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "diff/report.h"
#include "diff/text_format.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

// Before every call under test: one of each thing that a slot can be. The epoll
// has an event to report, so that a bad buffer matters.
constexpr char kPreamble[] = R"(
ep = epoll_create1(0)
inner = epoll_create1(0)
p = pipe2(O_NONBLOCK)
e = eventfd2(1, EFD_NONBLOCK)
s = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
path = open_path(p.r)
watched = eventfd2(1, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, watched, {events=EPOLLIN|EPOLLEXCLUSIVE, data=1})
closed = eventfd2(0, EFD_NONBLOCK)
close(closed)
listening = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
bind(listening)
listen(listening, 1)
client = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
connect(client, listening)
dgram = socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
)";
enum Slot : int64_t {
  kEp,
  kInner,
  kPipeRead,
  kPipeWrite,
  kEventfd,
  kSockA,
  kSockB,
  kPath,
  kWatched,
  kClosed,
  kListening,
  kClient,
  kDgram,
};

// What the words of one argument may be: the first choice is right, for most
// calls, and each other is a fault.
using Choices = std::vector<std::vector<int64_t>>;

Choices IntChoices(const ArgInfo& arg) {
  if (arg.name == "sigsetsize") return {{8}, {0}, {4}, {16}};
  if (arg.name == "timeout") return {{0}};
  Choices choices;
  for (int64_t word :
       {int64_t{8}, int64_t{0}, int64_t{-1}, int64_t{9}, int64_t{INT_MAX / 12},
        int64_t{INT_MAX / 12 + 1}, arg.min, arg.max}) {
    if (Admissible(arg, word) == word) choices.push_back({word});
  }
  return choices;
}

Choices EventChoices() {
  Choices choices = {{kGoodPointer, EPOLLIN, 7}};
  for (uint32_t mask :
       {EPOLLIN | EPOLLEXCLUSIVE, EPOLLRDHUP | EPOLLEXCLUSIVE, 0u, ~0u}) {
    choices.push_back({kGoodPointer, mask, 7});
  }
  choices.push_back({kOddPointer, EPOLLIN, 7});
  for (int64_t pointer :
       {kNullPointer, kUnmappedPointer, kKernelPointer, kHalfPointer}) {
    choices.push_back({pointer, 0, 0});
  }
  return choices;
}

Choices ChoicesOf(const CallInfo& call, const ArgInfo& arg) {
  switch (arg.kind) {
    case ArgKind::kFd:
    case ArgKind::kPollFd: {
      Choices choices = {{arg.name == "epfd" ? kEp : kEventfd}};
      for (int64_t slot = kEp; slot <= kDgram; ++slot) {
        choices.push_back({slot});
      }
      choices.push_back({kNoFd});
      if (arg.kind == ArgKind::kPollFd) {
        for (auto& words : choices) words.push_back(EPOLLIN);
      }
      return choices;
    }
    case ArgKind::kInt:
      return IntChoices(arg);
    case ArgKind::kEnum:
    case ArgKind::kFlags: {
      Choices choices;
      for (const Symbol& symbol : *arg.symbols) {
        choices.push_back({Admissible(arg, symbol.value)});
      }
      for (int64_t word : {0, 99, -1})
        choices.push_back({Admissible(arg, word)});
      return choices;
    }
    case ArgKind::kEventPointer:
      return EventChoices();
    case ArgKind::kTimespec:
      return {{kGoodPointer, 0, 0},     {kGoodPointer, -1, 0},
              {kGoodPointer, 0, -1},    {kGoodPointer, 0, 1'000'000'000},
              {kUnmappedPointer, 0, 0}, {kKernelPointer, 0, 0}};
    case ArgKind::kSigmask:
    case ArgKind::kPlace:
      return {{kGoodPointer}, {kNullPointer}, {kUnmappedPointer}};
    case ArgKind::kBuffer:
      // A thaw's buffer is that of its freeze.
      if (call.op == Op::kThaw) return {{kGoodPointer}};
      return {{kGoodPointer},    {kNullPointer},        {kUnmappedPointer},
              {kKernelPointer},  {kReadOnlyPointer},    {kOddPointer},
              {kPartialPointer}, {kPartialPointer + 1}, {kCutPointer},
              {kCutPointer + 1}};
    case ArgKind::kValueIn:
      // The last three are bad parameters of busy polling.
      return {{1},
              {-1},
              {-2},
              {int64_t{1} << 31},
              {int64_t{2} << 48},
              {int64_t{1} << 56}};
    case ArgKind::kLiteral:
    case ArgKind::kValueOut:
    case ArgKind::kNumberOut:
      return {{}};
  }
  return {{}};
}

class PrecedenceTest : public testing::Test {
 protected:
  PrecedenceTest()
      : oracle_(HostProfile(), HostMachine()),
        lockstep_(&host_, &oracle_, {.can_freeze = host_.can_freeze()}),
        preamble_(ParseText(kPreamble).value().program) {}

  // Runs the call with these choices of its arguments.
  void Run(Op op, const std::vector<Choices>& choices,
           const std::vector<size_t>& chosen) {
    Call call{op, {}};
    size_t at = 0;
    for (size_t i = 0; i < choices.size(); ++i) {
      for (int64_t word : choices[i][chosen[i]]) call.args[at++] = word;
    }
    Program program;
    ProgramBuilder builder(&program);
    for (const Call& c : preamble_.calls) builder.Append(c);
    builder.Append(call);
    builder.Finish();
    Recording recording;
    const Verdict verdict = lockstep_.Run(program, &recording);
    ASSERT_EQ(verdict, Verdict::kSame)
        << PrintDivergence(program, lockstep_.divergence(), recording, "host");
    const int64_t result = recording.outcomes[preamble_.calls.size()].result;
    ++results_[result < 0 ? std::string(ErrnoName(static_cast<int>(-result)))
                          : "success"];
    ++programs_;
  }

  // All pairs of arguments, with all their choices.
  void RunPairs(const CallInfo& call) {
    std::vector<Choices> choices;
    for (const ArgInfo& arg : call) choices.push_back(ChoicesOf(call, arg));
    std::vector<size_t> chosen(choices.size(), 0);
    for (size_t i = 0; i < choices.size(); ++i) {
      for (size_t j = i; j < choices.size(); ++j) {
        for (chosen[i] = 0; chosen[i] < choices[i].size(); ++chosen[i]) {
          const size_t end = j == i ? 1 : choices[j].size();
          for (size_t second = 0; second < end; ++second) {
            if (j != i) chosen[j] = second;
            Run(call.op, choices, chosen);
            if (HasFatalFailure()) return;
          }
        }
        chosen[i] = chosen[j] = 0;
      }
    }
  }

  Host host_;
  Oracle oracle_;
  Lockstep lockstep_;
  Program preamble_;
  std::map<std::string, int> results_;
  int programs_ = 0;
};

TEST_F(PrecedenceTest, EveryPairOfFaultsOfEveryCall) {
  int calls = 0;
  int skipped = 0;
  for (const CallInfo& call : AllCalls()) {
    if (call.op == Op::kFreeze && !host_.can_freeze()) {
      ++skipped;
      continue;
    }
    RunPairs(call);
    if (HasFatalFailure()) return;
    ++calls;
  }
  printf("%d calls, %d skipped, %d programs\n", calls, skipped, programs_);
  for (const auto& [name, count] : results_) {
    printf("  %-12s %d\n", name.c_str(), count);
  }
  EXPECT_GT(programs_, 1000);
  for (const char* name :
       {"success", "EBADF", "EFAULT", "EINVAL", "EEXIST", "ENOENT"}) {
    EXPECT_GT(results_[name], 0) << name << " never happened";
  }
}

}  // namespace
}  // namespace pollux
