// The lock-step loop tells every quirk from Linux.
//
// kWitnesses (quirk_witnesses.h) is a program for each quirk of
// core/quirks.def. The reference with the quirk is the subject, the reference
// without it is the oracle; what they differ in must show in the outcome of the
// program's last call.

#include "diff/lockstep.h"

#include <sys/epoll.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/reference.h"
#include "diff/report.h"
#include "fuzz/generator.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tests/quirk_witnesses.h"

namespace pollux {
namespace {

Profile WithQuirk(Quirk quirk) {
  Profile profile = Profile::BaseOf(quirk);
  profile.Enable(quirk);
  return profile;
}

// Runs `program` on the reference with `quirk` against the reference without.
Verdict RunWith(Quirk quirk, const Program& program, bool witnesses,
                Divergence* divergence = nullptr) {
  Reference subject{WithQuirk(quirk), Machine()};
  Oracle oracle{Profile::BaseOf(quirk), Machine()};
  Lockstep lockstep(&subject, &oracle, {.witnesses = witnesses});
  const Verdict verdict = lockstep.Run(program);
  if (divergence != nullptr) *divergence = lockstep.divergence();
  return verdict;
}

// The program without call `victim`; well-formed, as that makes nothing.
Program Without(const Program& program, size_t victim) {
  Program result;
  ProgramBuilder builder(&result);
  for (size_t i = 0; i < program.calls.size(); ++i) {
    if (i != victim) builder.Append(program.calls[i]);
  }
  builder.Finish();
  return result;
}

class QuirkTest : public testing::TestWithParam<QuirkWitness> {
 protected:
  void SetUp() override {
    quirk_ = FindQuirk(GetParam().quirk);
    ASSERT_TRUE(quirk_) << "no such quirk";
    trace_ = MustParse(GetParam().text);
    ASSERT_FALSE(trace_.program.calls.empty());
  }

  std::optional<Quirk> quirk_;
  Trace trace_;
};

TEST_P(QuirkTest, ShowsInTheLastOutcome) {
  const bool in_interests = GetParam().in_interests;
  Divergence divergence;
  ASSERT_EQ(RunWith(*quirk_, trace_.program, in_interests, &divergence),
            Verdict::kDivergence);
  EXPECT_EQ(divergence.call, trace_.program.calls.size() - 1);
  EXPECT_EQ(divergence.kind, in_interests ? DivergenceClass::kInterestList
                                          : DivergenceClass::kOutcome);
  EXPECT_EQ(in_interests,
            ToString(divergence.observed) == ToString(divergence.expected));
}

TEST_P(QuirkTest, OutcomesAreThoseWithoutIt) {
  Reference reference{Profile::BaseOf(*quirk_), Machine()};
  Executor executor(&reference);
  executor.Begin();
  for (size_t i = 0; i < trace_.program.calls.size(); ++i) {
    Outcome outcome;
    executor.Execute(trace_.program.calls[i], &outcome);
    outcome.fds = {-1, -1};
    if (!trace_.outcomes[i]) {
      EXPECT_EQ(outcome.result, 0) << "line " << trace_.lines[i];
    } else {
      EXPECT_EQ(ToString(outcome), ToString(*trace_.outcomes[i]))
          << "line " << trace_.lines[i];
    }
  }
}

TEST_P(QuirkTest, NoCallCanBeLeftOut) {
  const Program& program = trace_.program;
  for (size_t i = 0; i < program.calls.size(); ++i) {
    const Op op = program.calls[i].op;
    // A builder would put the thaw back.
    if (Describe(op).makes != Makes::kNothing || op == Op::kThaw) continue;
    EXPECT_NE(RunWith(*quirk_, Without(program, i), false),
              Verdict::kDivergence)
        << "without line " << trace_.lines[i];
  }
}

TEST_P(QuirkTest, WitnessesSeeItNoLater) {
  EXPECT_EQ(RunWith(*quirk_, trace_.program, true), Verdict::kDivergence);
}

TEST_P(QuirkTest, TheTwinsAgreeWhereBothHaveIt) {
  Reference subject{WithQuirk(*quirk_), Machine()};
  Oracle oracle{WithQuirk(*quirk_), Machine()};
  Lockstep lockstep(&subject, &oracle);
  EXPECT_EQ(lockstep.Run(trace_.program), Verdict::kSame);
}

INSTANTIATE_TEST_SUITE_P(All, QuirkTest, testing::ValuesIn(AllWitnesses()),
                         [](const testing::TestParamInfo<QuirkWitness>& info) {
                           std::string name(info.param.quirk);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(QuirkTableTest, EveryQuirkHasAWitness) {
  const std::vector<QuirkWitness> witnesses = AllWitnesses();
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_EQ(std::count_if(
                  witnesses.begin(), witnesses.end(),
                  [&](const QuirkWitness& w) { return quirk.name == w.quirk; }),
              1)
        << "programs for " << quirk.name;
  }
}

// --- The loop

TEST(LockstepTest, IdenticalTwinsNeverDiverge) {
  std::mt19937_64 random(1);
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  for (int i = 0; i < 2000; ++i) {
    const Program program = RandomProgram(random, {.sleeps_percent = 20});
    ASSERT_EQ(lockstep.Run(program), Verdict::kSame) << PrintText(program);
  }
  EXPECT_EQ(lockstep.stats().programs, 2000u);
  EXPECT_GT(lockstep.stats().calls, 2000u * 20);
  EXPECT_EQ(lockstep.stats().skipped, 0u);
}

// Without coverage, within 3000 programs. The rest needs the fuzzer.
TEST(LockstepTest, RandomProgramsFindMostQuirks) {
  int found = 0;
  for (const QuirkInfo& quirk : AllQuirks()) {
    Random random(2);
    Reference subject{WithQuirk(quirk.id), Machine()};
    Oracle oracle{Profile::BaseOf(quirk.id), Machine()};
    Lockstep lockstep(&subject, &oracle);
    Program program;
    int programs = 0;
    Verdict verdict = Verdict::kSame;
    while (verdict == Verdict::kSame && ++programs <= 3000) {
      GenerateProgram(random, 40, &program);
      verdict = lockstep.Run(program);
    }
    if (verdict == Verdict::kDivergence) {
      ++found;
    } else {
      printf("not found by random programs: %s\n", quirk.name.data());
    }
  }
  EXPECT_GE(found, static_cast<int>(kQuirkCount) * 3 / 4);
}

// A subject with a call still under way at the end of each program.
class Unsettled final : public Subject {
 public:
  explicit Unsettled(const Profile& profile) : twin_(profile, Machine()) {}

  void Begin() override { twin_.Begin(); }
  void End() override { twin_.End(); }
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override {
    return twin_.Execute(op, args, outcome);
  }
  int Poll(std::span<PollQuery> queries) override {
    return twin_.Poll(queries);
  }
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override {
    return twin_.Fdinfo(epfd, lines);
  }
  bool Settled() override { return false; }

 private:
  Reference twin_;
};

TEST(LockstepTest, NothingIsSaidOfWhatDidNotSettle) {
  const Trace trace = MustParse("epoll_wait(-1, [...], 0, 0)\n");
  for (const Profile& profile :
       {Profile(), WithQuirk(Quirk::kWaitChecksSizeFirst)}) {
    Unsettled subject(profile);
    Oracle oracle{Profile(), Machine()};
    Lockstep lockstep(&subject, &oracle);
    EXPECT_EQ(lockstep.Run(trace.program), Verdict::kUndecided);
    EXPECT_EQ(lockstep.stats().undecided, 1u);
    EXPECT_EQ(lockstep.stats().programs, 1u);
  }
}

TEST(LockstepTest, FreezingProgramsAreSkippedWhereTheSubjectCannot) {
  const Trace trace = MustParse(
      "ep0 = epoll_create1(0)\nfreeze(ep0, 1, 0) = 0\nthaw([]) = 0\n");
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle, {.can_freeze = false});
  EXPECT_EQ(lockstep.Run(trace.program), Verdict::kSkipped);
  EXPECT_EQ(lockstep.stats().skipped, 1u);
  EXPECT_EQ(lockstep.stats().programs, 0u);
}

TEST(LockstepTest, RunStopsAtTheFirstDivergence) {
  const Trace trace = MustParse(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
write(e0, 9)
write(e0, 9)
)");
  Reference subject{WithQuirk(Quirk::kEventfdLongWriteOk), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  Recording recording;
  ASSERT_EQ(lockstep.Run(trace.program, &recording), Verdict::kDivergence);
  EXPECT_EQ(lockstep.divergence().call, 1u);
  EXPECT_EQ(recording.outcomes.size(), 2u);
  EXPECT_EQ(lockstep.stats().calls, 2u);
}

TEST(LockstepTest, RecordingShowsWorldsAndLeftovers) {
  const Trace trace = MustParse(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=5})
write(e0, 8)
)");
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  Recording recording;
  ASSERT_EQ(lockstep.Run(trace.program, &recording), Verdict::kSame);
  EXPECT_EQ(recording.fds, (std::vector<int>{0, 1}));
  EXPECT_TRUE(recording.before.eventpolls[0].ready.empty());
  EXPECT_FALSE(recording.after.eventpolls[0].ready.empty());
  ASSERT_EQ(recording.leftovers.size(), 1u);
  EXPECT_EQ(recording.leftovers[0].epfd, 1);
  EXPECT_EQ(recording.leftovers[0].observed,
            (std::vector<Event>{{EPOLLIN, 5}}));
  EXPECT_EQ(recording.leftovers[0].expected, recording.leftovers[0].observed);
}

}  // namespace
}  // namespace pollux
