// The same programs through the other door, io_uring, tell the same story: the
// corpus, and random programs.

#include <sys/epoll.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "diff/expectation.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "diff/report.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr int kPrograms = 5000;

class UringDoorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = Uring().unavailable(); !why.empty()) {
      GTEST_SKIP() << "no door by io_uring here: " << why;
    }
    host_ = std::make_unique<Host>(Door::kUring);
    oracle_ = std::make_unique<Oracle>(HostProfile(), HostMachine());
    lockstep_ = std::make_unique<Lockstep>(
        host_.get(), oracle_.get(),
        LockstepOptions{.can_freeze = host_->can_freeze()});
  }

  void RunProgram(const Program& program, const std::string& name,
                  Recording* recording) {
    const Verdict verdict = lockstep_->Run(program, recording);
    ASSERT_NE(verdict, Verdict::kDivergence)
        << name << "\n"
        << PrintDivergence(program, lockstep_->divergence(), *recording,
                           "io_uring");
  }

  std::unique_ptr<Host> host_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<Lockstep> lockstep_;
};

TEST_F(UringDoorTest, TheCorpusTellsTheSame) {
  const fs::path corpus =
      fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / "corpus";
  int programs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (entry.path().extension() != ".ep") continue;
    // Those state what other Linuxes do.
    if (entry.path().string().find("/profiles/") != std::string::npos) continue;
    const absl::StatusOr<Trace> trace = LoadProgram(entry.path());
    ASSERT_TRUE(trace.ok()) << trace.status().message();
    Recording recording;
    RunProgram(trace->program, entry.path(), &recording);
    if (HasFatalFailure()) return;
    if (recording.outcomes.size() == trace->program.calls.size()) {
      EXPECT_FALSE(FirstDisagreement(*trace, recording.outcomes))
          << entry.path();
      ++programs;
    }
  }
  printf("%d programs, %llu skipped, %llu requests\n", programs,
         static_cast<unsigned long long>(lockstep_->stats().skipped),
         static_cast<unsigned long long>(host_->uring_requests()));
  EXPECT_GT(programs, 200);
  EXPECT_GT(host_->uring_requests(), 1000u);
}

TEST_F(UringDoorTest, RandomProgramsTellTheSame) {
  std::mt19937_64 random(20250401);
  for (int i = 0; i < kPrograms; ++i) {
    const Program program = RandomProgram(
        random, {.freeze = host_->can_freeze(), .sleeps_percent = 0});
    Recording recording;
    RunProgram(program, "a random program", &recording);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(host_->uring_requests(), 10000u);
}

// The oracle hears through this door, too.
TEST_F(UringDoorTest, ABugIsSeen) {
  Profile profile = HostProfile();
  profile.Enable(Quirk::kLevelNotRequeued);
  Oracle oracle(profile, HostMachine());
  Lockstep lockstep(host_.get(), &oracle);
  Program program;
  ProgramBuilder builder(&program);
  builder.Append({Op::kEpollCreate1, {}});
  builder.Append({Op::kEventfd2, {1, 0}});
  builder.Append(
      {Op::kEpollCtl, {0, EPOLL_CTL_ADD, 1, kGoodPointer, EPOLLIN, 7}});
  builder.Append({Op::kEpollWait, {0, kGoodPointer, 8, 0}});
  builder.Append({Op::kEpollWait, {0, kGoodPointer, 8, 0}});
  builder.Finish();
  const uint64_t before = host_->uring_requests();
  EXPECT_EQ(lockstep.Run(program), Verdict::kDivergence);
  EXPECT_EQ(lockstep.divergence().call, 4u);
  EXPECT_GE(host_->uring_requests(), before + 3);
}

}  // namespace
}  // namespace pollux
