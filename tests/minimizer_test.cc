// The minimiser on probes that need no subject, and on a large program.

#include "diff/minimizer.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "diff/draft.h"
#include "diff/host.h"
#include "diff/investigation.h"
#include "diff/probes.h"
#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

// Shows at the first call that `matches`.
template <typename Matches>
Probe FirstCall(Matches matches) {
  return [matches](const Program& program) -> std::optional<size_t> {
    for (size_t i = 0; i < program.calls.size(); ++i) {
      if (matches(program.calls[i])) return i;
    }
    return std::nullopt;
  };
}

std::string MinimalText(std::string_view text, const Probe& probe) {
  return PrintText(Minimize(MustParse(text).program, probe).program);
}

TEST(MinimizerTest, DropsWhatStandsBehindAndBefore) {
  EXPECT_EQ(MinimalText(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
e1 = eventfd2(0, EFD_NONBLOCK)
close(e1)
write(e0, 8)
close(e0)
)",
                        FirstCall([](const Call& call) {
                          return call.op == Op::kClose;
                        })),
            "close(-1)\n");
}

TEST(MinimizerTest, SlotsAreRenumbered) {
  EXPECT_EQ(MinimalText(R"(
p0 = pipe2(O_NONBLOCK)
e0 = eventfd2(0, EFD_NONBLOCK)
e1 = eventfd2(0, EFD_NONBLOCK)
close(e1)
)",
                        FirstCall([](const Call& call) {
                          return call.op == Op::kClose && call.args[0] >= 0;
                        })),
            "e0 = eventfd2(0, EFD_NONBLOCK)\nclose(e0)\n");
}

TEST(MinimizerTest, DropsMaskBitsOneByOne) {
  EXPECT_EQ(MinimalText(
                R"(
epoll_ctl(-1, EPOLL_CTL_MOD, -1, {events=EPOLLIN|EPOLLOUT|EPOLLET, data=77})
)",
                FirstCall([](const Call& call) {
                  return call.op == Op::kEpollCtl && (call.args[4] & EPOLLOUT);
                })),
            "epoll_ctl(-1, EPOLL_CTL_ADD, -1, {events=EPOLLOUT, data=0})\n");
}

TEST(MinimizerTest, NumbersGoDownToTheLeastThatWillDo) {
  EXPECT_EQ(MinimalText("write(-1, 200000, value=9)\n",
                        FirstCall([](const Call& call) {
                          return call.op == Op::kWrite && call.args[1] >= 4321;
                        })),
            "write(-1, 4321)\n");
  EXPECT_EQ(MinimalText("epoll_wait(-1, NULL, -7, 30)\n",
                        FirstCall([](const Call& call) {
                          return call.op == Op::kEpollWait;
                        })),
            "epoll_wait(-1, [...], 1, 0)\n");
}

TEST(MinimizerTest, WhatDoesNotShowIsLeftAlone) {
  const Program program = MustParse("close(-1)\nclose(-1)\n").program;
  const Minimized minimized =
      Minimize(program, [](const Program&) { return std::nullopt; });
  EXPECT_EQ(minimized.program, program);
  EXPECT_FALSE(minimized.is_minimal);
  EXPECT_FALSE(minimized.is_stable);
  EXPECT_EQ(minimized.tries, 1u);
}

TEST(MinimizerTest, FlakyResultsAreToldSo) {
  int runs = 0;
  const Minimized minimized =
      Minimize(MustParse("close(-1)\n").program,
               [&](const Program& program) -> std::optional<size_t> {
                 if (program.calls.empty() || ++runs == 4) return std::nullopt;
                 return 0;
               });
  EXPECT_FALSE(minimized.is_stable);
}

TEST(MinimizerTest, TheTimeLimitGivesTheBestSoFar) {
  std::mt19937_64 random(5);
  const Program program = RandomProgram(random, {.calls = 200});
  const auto start = std::chrono::steady_clock::now();
  const Minimized minimized =
      Minimize(program,
               [](const Program& p) -> std::optional<size_t> {
                 std::this_thread::sleep_for(std::chrono::milliseconds(5));
                 if (p.calls.size() < 3) return std::nullopt;
                 return p.calls.size() - 1;
               },
               {.seconds = 0.05});
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  EXPECT_LT(seconds.count(), 5);
  EXPECT_FALSE(minimized.is_minimal);
  EXPECT_TRUE(minimized.is_stable);
  EXPECT_LT(minimized.program.calls.size(), program.calls.size());
}

TEST(MinimizerTest, TheSameInputGivesTheSameResult) {
  std::mt19937_64 random(6);
  const Program program = RandomProgram(random, {.calls = 100});
  const Probe probe =
      FirstCall([](const Call& call) { return call.op == Op::kEpollWait; });
  const Minimized a = Minimize(program, probe);
  const Minimized b = Minimize(program, probe);
  EXPECT_EQ(a.program, b.program);
  EXPECT_EQ(a.tries, b.tries);
}

// 500 calls that lead to one divergence, on the real kernel.
TEST(MinimizerTest, AProgramOf500CallsOnTheHostTakesNoTwoSeconds) {
  if (std::string reason = HostUnsupported(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  Profile profile = HostProfile();
  profile.Flip(Quirk::kEventfdSemaphoreIgnored);
  std::mt19937_64 random(7);
  Program program;
  ProgramBuilder builder(&program);
  const Program filler = RandomProgram(random, {.calls = 900, .freeze = false});
  for (const Call& call : filler.calls) {
    if (program.calls.size() == 498) break;
    const bool counts = call.op == Op::kEventfd2 || call.op == Op::kEpollWait;
    if (!counts) builder.Append(call);
  }
  const int64_t slot = builder.slots();
  builder.Append({Op::kEventfd2, {3, 1 /* EFD_SEMAPHORE */ | O_NONBLOCK}});
  builder.Append({Op::kRead, {slot, 8}});
  builder.Finish();
  Host host;
  Investigator investigator(&host, profile, HostMachine(),
                            {.can_freeze = host.can_freeze()});
  const std::optional<Finding> finding = investigator.Look(program);
  ASSERT_TRUE(finding);
  const auto start = std::chrono::steady_clock::now();
  const Minimized minimized = investigator.Minimize(program, *finding);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  printf("%zu calls, %zu tries, %.3f s\n", program.calls.size(),
         minimized.tries, seconds.count());
  EXPECT_LT(seconds.count(), 2);
  EXPECT_EQ(minimized.program.calls.size(), 2u) << PrintText(minimized.program);
  EXPECT_TRUE(minimized.is_minimal);
  EXPECT_TRUE(minimized.is_stable);
}

TEST(DraftTest, DropWithUsesFollowsCopies) {
  Draft draft(MustParse(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
e1 = eventfd2(0, EFD_NONBLOCK)
write(d0, 8)
write(e1, 8)
)")
                  .program);
  draft.DropWithUses(0, 1);
  Program program;
  draft.Write(&program, [](const Call&, size_t) { return kNoFd; });
  EXPECT_EQ(PrintText(program),
            "e0 = eventfd2(0, EFD_NONBLOCK)\nwrite(e0, 8)\n");
}

}  // namespace
}  // namespace pollux
