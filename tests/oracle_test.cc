// The oracle sees every lie: a subject that is the reference but for one aspect
// is found out, at the right call and for the right reason.

#include "diff/oracle.h"

#include <sys/epoll.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "diff/lockstep.h"
#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

// A reference that lies where it is told to.
class Liar final : public Subject {
 public:
  // Each may change what a call gives.
  std::function<void(int64_t*)> create, ctl, close, dup, dup2, poll_result,
      thaw;
  std::function<void(int64_t*)> shutdown, freeze;
  std::function<void(int64_t*, std::vector<Event>*)> wait;
  std::function<void(int64_t*, uint64_t*)> read;
  std::function<void(int64_t*)> write;
  std::function<void(PollQuery*)> poll;
  std::function<void(int*)> pair;
  std::function<void(std::vector<InterestLine>*)> fdinfo;

  void Begin() override { truth_.Begin(); }
  void End() override { truth_.End(); }

  int64_t Execute(Op op, const Args& args, Outcome* outcome) override {
    if (op == Op::kPoll) return TellPoll(args, outcome);
    int64_t result = truth_.Execute(op, args, outcome);
    if (op == Op::kWrite && write) write(&result);
    if (op == Op::kRead && read) read(&result, &outcome->value);
    const CallInfo& info = Describe(op);
    if (info.slots_made() == 2 && pair) pair(outcome->fds.data());
    if (op == Op::kEpollWait && wait) wait(&result, &outcome->events);
    const std::function<void(int64_t*)>* lie = LieOf(op);
    if (lie != nullptr && *lie) (*lie)(&result);
    return result;
  }

  int Poll(std::span<PollQuery> queries) override {
    int64_t result = truth_.Poll(queries);
    if (poll) poll(&queries.back());
    if (poll_result) poll_result(&result);
    return static_cast<int>(result);
  }

  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override {
    const int result = truth_.Fdinfo(epfd, lines);
    if (fdinfo) fdinfo(lines);
    return result;
  }

 private:
  int64_t TellPoll(const Args& args, Outcome* outcome) {
    PollQuery query{static_cast<int>(args[0]), static_cast<uint32_t>(args[1])};
    const int result = Poll({&query, 1});
    outcome->revents = query.revents;
    return result;
  }

  const std::function<void(int64_t*)>* LieOf(Op op) const {
    switch (op) {
      case Op::kEpollCreate:
      case Op::kEpollCreate1:
      case Op::kEventfd2:
        return &create;
      case Op::kEpollCtl:
        return &ctl;
      case Op::kClose:
        return &close;
      case Op::kDup:
        return &dup;
      case Op::kDup2:
        return &dup2;
      case Op::kThaw:
        return &thaw;
      case Op::kFreeze:
        return &freeze;
      case Op::kShutdown:
        return &shutdown;
      default:
        return nullptr;
    }
  }

  Reference truth_{Profile(), Machine()};
};

constexpr char kProgram[] = R"(
e0 = eventfd2(5, EFD_NONBLOCK)
p0 = pipe2(O_NONBLOCK)
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1})
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT, data=2})
epoll_wait(ep0, [...], 8, 0)
write(p0.w, 100)
read(p0.r, 10)
d0 = dup(p0.r)
dup2(e0, d0)
read(e0, 8)
poll([{fd=sock0.a, events=POLLOUT}], 1, 0)
shutdown(sock0.a, SHUT_WR)
close(p0.r)
freeze(ep0, 8, 0)
thaw([...])
)";

enum CallIndex : size_t {
  kEventfd,
  kPipe,
  kSocketpair,
  kCreate,
  kAdd1,
  kAdd2,
  kWait,
  kWrite,
  kRead,
  kDup,
  kDup2,
  kReadValue,
  kPollCall,
  kShutdown,
  kClose,
  kFreeze,
  kThaw,
};

class OracleTest : public testing::Test {
 protected:
  // Runs the program on the liar. The divergence, if there was one.
  std::optional<Divergence> Judge(bool witnesses = false) {
    Oracle oracle{Profile(), Machine()};
    Lockstep lockstep(&liar_, &oracle, {.witnesses = witnesses});
    const Trace trace = MustParse(kProgram);
    if (lockstep.Run(trace.program) != Verdict::kDivergence) return {};
    return lockstep.divergence();
  }

  void ExpectFound(size_t call,
                   DivergenceClass kind = DivergenceClass::kOutcome) {
    const std::optional<Divergence> divergence =
        Judge(kind != DivergenceClass::kOutcome);
    ASSERT_TRUE(divergence) << "the lie was believed";
    EXPECT_EQ(divergence->call, call);
    EXPECT_EQ(divergence->kind, kind);
  }

  Liar liar_;
};

TEST_F(OracleTest, TheTruthIsBelieved) {
  EXPECT_FALSE(Judge(false));
  EXPECT_FALSE(Judge(true));
}

TEST_F(OracleTest, Results) {
  liar_.write = [](int64_t* result) { *result = 99; };
  ExpectFound(kWrite);
}

TEST_F(OracleTest, ReadResults) {
  liar_.read = [](int64_t* result, uint64_t*) { ++*result; };
  ExpectFound(kRead);
}

TEST_F(OracleTest, ErrnoInsteadOfSuccess) {
  liar_.shutdown = [](int64_t* result) { *result = -ENOTCONN; };
  ExpectFound(kShutdown);
}

TEST_F(OracleTest, AnotherErrno) {
  int calls = 0;
  liar_.ctl = [&](int64_t* result) {
    if (++calls == 2) *result = -EPERM;
  };
  ExpectFound(kAdd2);
}

TEST_F(OracleTest, SuccessOfClose) {
  liar_.close = [](int64_t* result) { *result = -EBADF; };
  ExpectFound(kClose);
}

TEST_F(OracleTest, DescriptorNumbers) {
  liar_.dup = [](int64_t* result) { ++*result; };
  ExpectFound(kDup);
}

TEST_F(OracleTest, DescriptorNumbersOfPairs) {
  liar_.pair = [](int fds[2]) { std::swap(fds[0], fds[1]); };
  ExpectFound(kPipe);
}

TEST_F(OracleTest, DescriptorNumbersOfDup2) {
  liar_.dup2 = [](int64_t* result) { --*result; };
  ExpectFound(kDup2);
}

TEST_F(OracleTest, DescriptorNumbersOfMakers) {
  int calls = 0;
  liar_.create = [&](int64_t* result) {
    if (++calls == 2) ++*result;  // epoll_create1
  };
  ExpectFound(kCreate);
}

TEST_F(OracleTest, OrderOfEvents) {
  liar_.wait = [](int64_t*, std::vector<Event>* events) {
    std::reverse(events->begin(), events->end());
  };
  ExpectFound(kWait);
}

TEST_F(OracleTest, MaskOfAnEvent) {
  liar_.wait = [](int64_t*, std::vector<Event>* events) {
    if (!events->empty()) events->back().events |= EPOLLHUP;
  };
  ExpectFound(kWait);
}

TEST_F(OracleTest, DataOfAnEvent) {
  liar_.wait = [](int64_t*, std::vector<Event>* events) {
    if (!events->empty()) events->back().data ^= 1ull << 63;
  };
  ExpectFound(kWait);
}

TEST_F(OracleTest, ALostEvent) {
  liar_.wait = [](int64_t* result, std::vector<Event>* events) {
    if (events->empty()) return;
    events->pop_back();
    --*result;
  };
  ExpectFound(kWait);
}

TEST_F(OracleTest, AnEventThatWasNotCounted) {
  liar_.wait = [](int64_t*, std::vector<Event>* events) {
    events->push_back({EPOLLIN, 0});
  };
  ExpectFound(kWait);
}

TEST_F(OracleTest, AWaitThatBlocks) {
  liar_.wait = [](int64_t* result, std::vector<Event>* events) {
    *result = kBlocked;
    events->clear();
  };
  ExpectFound(kWait);
  EXPECT_TRUE(Judge()->observed.blocked);
}

TEST_F(OracleTest, AWaitThatDoesNotBlock) {
  const Trace trace =
      MustParse("ep0 = epoll_create1(0)\nepoll_wait(ep0, [...], 1, -1)\n");
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&liar_, &oracle);
  EXPECT_EQ(lockstep.Run(trace.program), Verdict::kSame);
  liar_.wait = [](int64_t* result, std::vector<Event>*) { *result = 0; };
  ASSERT_EQ(lockstep.Run(trace.program), Verdict::kDivergence);
  EXPECT_EQ(lockstep.divergence().call, 1u);
  EXPECT_TRUE(lockstep.divergence().expected.blocked);
}

TEST_F(OracleTest, ValueOfAnEventfd) {
  liar_.read = [](int64_t* result, uint64_t* value) {
    if (*result == 8) *value = 4;
  };
  ExpectFound(kReadValue);
}

TEST_F(OracleTest, ReventsOfAPoll) {
  liar_.poll = [](PollQuery* query) { query->revents |= 1; };
  ExpectFound(kPollCall);
}

TEST_F(OracleTest, ResultOfAPoll) {
  liar_.poll_result = [](int64_t* result) { *result = 0; };
  ExpectFound(kPollCall);
}

TEST_F(OracleTest, AScanThatWasNotFrozen) {
  liar_.freeze = [](int64_t* result) { *result = 0; };
  ExpectFound(kFreeze);
}

TEST_F(OracleTest, ResultOfAThaw) {
  liar_.thaw = [](int64_t* result) { --*result; };
  ExpectFound(kThaw);
}

// --- Witnesses

TEST_F(OracleTest, PollMasksBetweenCalls) {
  liar_.poll = [](PollQuery* query) { query->revents ^= EPOLLPRI; };
  ExpectFound(kEventfd, DivergenceClass::kPollMask);
}

TEST_F(OracleTest, MasksOfInterestLines) {
  liar_.fdinfo = [](std::vector<InterestLine>* lines) {
    if (!lines->empty()) lines->back().events ^= EPOLLET;
  };
  ExpectFound(kAdd1, DivergenceClass::kInterestList);
}

TEST_F(OracleTest, DataOfInterestLines) {
  liar_.fdinfo = [](std::vector<InterestLine>* lines) {
    if (lines->size() == 2) lines->back().data ^= 1;
  };
  ExpectFound(kAdd2, DivergenceClass::kInterestList);
}

TEST_F(OracleTest, NumbersOfInterestLines) {
  liar_.fdinfo = [](std::vector<InterestLine>* lines) {
    if (!lines->empty()) ++lines->back().tfd;
  };
  ExpectFound(kAdd1, DivergenceClass::kInterestList);
}

TEST_F(OracleTest, MissingInterestLines) {
  liar_.fdinfo = [](std::vector<InterestLine>* lines) {
    if (lines->size() == 2) lines->pop_back();
  };
  ExpectFound(kAdd2, DivergenceClass::kInterestList);
}

TEST_F(OracleTest, WithoutWitnessesNobodyLooksThere) {
  liar_.fdinfo = [](std::vector<InterestLine>* lines) { lines->clear(); };
  EXPECT_FALSE(Judge(false));
  EXPECT_TRUE(Judge(true));
}

// Looking must not change the rest of the program.
TEST_F(OracleTest, WitnessesChangeNoOutcome) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    const Program program = RandomProgram(random, {});
    Recording with, without;
    for (bool witnesses : {false, true}) {
      Reference subject{Profile(), Machine()};
      Oracle oracle{Profile(), Machine()};
      Lockstep lockstep(&subject, &oracle, {.witnesses = witnesses});
      lockstep.Run(program, witnesses ? &with : &without);
    }
    ASSERT_EQ(with.outcomes, without.outcomes) << PrintText(program);
  }
}

TEST_F(OracleTest, WhileAScanIsFrozenNothingIsLookedAt) {
  Oracle oracle{Profile(), Machine()};
  oracle.Begin();
  Witness witness;
  for (const Call& call : MustParse(kProgram).program.calls) {
    oracle.Judge(call, {});
    oracle.PlanWitness(call, false, &witness);
    if (call.op == Op::kFreeze) {
      EXPECT_TRUE(witness.polls.empty());
    } else if (call.op == Op::kThaw) {
      EXPECT_FALSE(witness.polls.empty());
    }
  }
}

}  // namespace
}  // namespace pollux
