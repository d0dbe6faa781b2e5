// Remote subjects: the same verdicts as here, and what goes wrong there.

#include "diff/remote.h"

#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

std::string Tool(const std::string& path) {
  return absl::StrCat(getenv("TEST_SRCDIR"), "/", getenv("TEST_WORKSPACE"), "/",
                      path);
}

std::unique_ptr<Remote> MustStart(const std::string& command,
                                  int silence_seconds = 60) {
  absl::StatusOr<std::unique_ptr<Remote>> remote =
      Remote::Start({.command = command, .silence_seconds = silence_seconds});
  EXPECT_TRUE(remote.ok()) << remote.status();
  return remote.ok() ? *std::move(remote) : nullptr;
}

std::string FaultyAgent(const std::string& flag) {
  return absl::StrCat(Tool("tests/faulty_agent"), " ", flag);
}

std::vector<Program> RandomPrograms(int count, bool freeze) {
  std::mt19937_64 random(3);
  std::vector<Program> programs;
  for (int i = 0; i < count; ++i) {
    programs.push_back(RandomProgram(random, {.freeze = freeze}));
  }
  return programs;
}

// What a lock-step with `remote` says of each program, run as one batch.
std::vector<Verdict> Verdicts(Remote& remote,
                              const std::vector<Program>& programs,
                              std::vector<Divergence>* divergences = nullptr) {
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&remote, &oracle);
  std::vector<Verdict> verdicts;
  lockstep.RunAll(programs, [&](size_t, Verdict verdict) {
    verdicts.push_back(verdict);
    if (divergences != nullptr && verdict == Verdict::kDivergence) {
      divergences->push_back(lockstep.divergence());
    }
  });
  return verdicts;
}

TEST(RemoteTest, TheReferenceFarAwayIsTheReference) {
  const auto remote = MustStart(FaultyAgent(""));
  ASSERT_NE(remote, nullptr);
  EXPECT_EQ(remote->hello().release, "6.18.0-test");
  const auto verdicts = Verdicts(*remote, RandomPrograms(2000, true));
  EXPECT_EQ(verdicts, std::vector<Verdict>(2000, Verdict::kSame));
  EXPECT_EQ(remote->restarts(), 0u);
}

// The agent on this kernel is as silent as the host itself.
TEST(RemoteTest, TheAgentAgreesWithTheReference) {
  const auto remote = MustStart(Tool("tools/agent/pollux_agent"));
  ASSERT_NE(remote, nullptr);
  EXPECT_EQ(remote->hello().system, "Linux");
  Oracle oracle(
      Profile::Linux(VersionOfRelease(remote->hello().release.c_str())),
      remote->hello().machine);
  Lockstep lockstep(remote.get(), &oracle);
  const auto programs = RandomPrograms(2000, remote->hello().can_freeze);
  lockstep.RunAll(programs, [&](size_t i, Verdict verdict) {
    EXPECT_EQ(verdict, Verdict::kSame) << i;
  });
  EXPECT_EQ(lockstep.stats().programs, 2000u);
}

TEST(RemoteTest, ALieIsADivergence) {
  const auto remote = MustStart(FaultyAgent("--lie-on=lseek"));
  ASSERT_NE(remote, nullptr);
  const Trace trace = MustParse(
      "e0 = eventfd2(0, EFD_NONBLOCK)\n"
      "ep0 = epoll_create1(0)\n"
      "epoll_ctl(ep0, EPOLL_CTL_ADD, e0, "
      "{events=EPOLLOUT, data=5})\n"
      "lseek(e0, 0, 0)\n");
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(remote.get(), &oracle);
  Recording recording;
  ASSERT_EQ(lockstep.Run(trace.program, &recording), Verdict::kDivergence);
  EXPECT_EQ(lockstep.divergence().call, 3u);
  EXPECT_EQ(lockstep.divergence().kind, DivergenceClass::kOutcome);
  // The program ran once more, to see what is left.
  ASSERT_EQ(recording.leftovers.size(), 1u);
  EXPECT_EQ(recording.leftovers[0].observed, (std::vector<Event>{{4, 5}}));
  EXPECT_EQ(recording.leftovers[0].expected, recording.leftovers[0].observed);
}

// The program with the fault is found among others, and the call in it.
void ExpectFault(const std::string& flag, DivergenceClass kind,
                 const std::string& story, int silence_seconds = 60) {
  const auto remote = MustStart(FaultyAgent(flag), silence_seconds);
  ASSERT_NE(remote, nullptr);
  std::vector<Program> programs(
      20,
      MustParse("ep0 = epoll_create1(0)\nep1 = epoll_create1(0)\n").program);
  programs[7] = MustParse(
                    "ep0 = epoll_create1(0)\ne0 = eventfd2(0, "
                    "EFD_NONBLOCK)\nlseek(e0, 0, 0)\n")
                    .program;
  programs[12] = programs[7];
  std::vector<Divergence> divergences;
  const auto verdicts = Verdicts(*remote, programs, &divergences);
  ASSERT_EQ(verdicts.size(), programs.size());
  for (size_t i = 0; i < verdicts.size(); ++i) {
    EXPECT_EQ(verdicts[i],
              i == 7 || i == 12 ? Verdict::kDivergence : Verdict::kSame)
        << i;
  }
  ASSERT_EQ(divergences.size(), 2u);
  EXPECT_EQ(divergences[0].call, 2u);
  EXPECT_EQ(divergences[0].kind, kind);
  EXPECT_TRUE(absl::StrContains(divergences[0].story, story))
      << divergences[0].story;
  EXPECT_EQ(remote->unexplained_deaths(), 0u);
  EXPECT_GE(remote->restarts(), 2u);
}

TEST(RemoteTest, ADeathIsLaidToItsProgram) {
  ExpectFault("--die-on=lseek", DivergenceClass::kCrash,
              "exited with 7; it said: dying in lseek");
}

TEST(RemoteTest, AHangIsLaidToItsProgram) {
  ExpectFault("--hang-on=lseek", DivergenceClass::kHang, "was silent for 2 s",
              2);
}

TEST(RemoteTest, NonsenseIsLaidToItsProgram) {
  ExpectFault("--babble-on=lseek", DivergenceClass::kProtocol,
              "talks nonsense");
}

TEST(RemoteTest, WhatIsNoAgentIsAnError) {
  for (const char* command : {"exit 3", "echo hello", "yes", "cat"}) {
    const auto remote = Remote::Start({.command = command, .start_seconds = 2});
    EXPECT_EQ(remote.status().code(), absl::StatusCode::kUnavailable)
        << command;
  }
}

}  // namespace
}  // namespace pollux
