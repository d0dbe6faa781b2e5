// The reference and this machine's kernel are twins: 30 000 random programs,
// with witnesses, and no divergence.

#include <cstdio>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "diff/report.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

constexpr int kPrograms = 30000;

// Counts calls by name and result.
class Tally {
 public:
  void Count(const Program& program, const std::vector<Outcome>& outcomes) {
    for (size_t i = 0; i < outcomes.size(); ++i) {
      const Outcome& outcome = outcomes[i];
      std::string result = "ok";
      if (outcome.blocked) {
        result = "blocked";
      } else if (outcome.result < 0) {
        result = ErrnoName(static_cast<int>(-outcome.result));
      }
      ++counts_[std::string(Describe(program.calls[i].op).name)][result];
      events_ += outcome.events.size();
    }
  }

  void Print() const {
    for (const auto& [call, results] : counts_) {
      std::string line;
      for (const auto& [result, count] : results) {
        absl::StrAppend(&line, "  ", result, " ", count);
      }
      printf("%-14s%s\n", call.c_str(), line.c_str());
    }
    printf("%zu events\n", events_);
  }

  size_t events() const { return events_; }
  int Of(const std::string& call, const std::string& result) const {
    auto results = counts_.find(call);
    if (results == counts_.end()) return 0;
    auto count = results->second.find(result);
    return count == results->second.end() ? 0 : count->second;
  }

 private:
  std::map<std::string, std::map<std::string, int>> counts_;
  size_t events_ = 0;
};

TEST(HostAgreementTest, RandomProgramsShowNoDivergence) {
  ASSERT_EQ(HostUnsupported(), "");
  Host host;
  Oracle oracle(HostProfile(), HostMachine());
  Lockstep lockstep(&host, &oracle, {.can_freeze = host.can_freeze()});
  Executor executor(&host);
  Tally tally;
  std::mt19937_64 random(20240607);
  for (int i = 0; i < kPrograms; ++i) {
    const Program program = RandomProgram(
        random, {.freeze = host.can_freeze(), .sleeps_percent = i % 500 == 0});
    if (lockstep.Run(program) == Verdict::kDivergence) {
      Recording recording;
      lockstep.Run(program, &recording);
      FAIL() << "program " << i << "\n"
             << PrintDivergence(program, lockstep.divergence(), recording,
                                "host");
    }
    std::vector<Outcome> outcomes(program.calls.size());
    executor.Begin();
    for (size_t c = 0; c < outcomes.size(); ++c) {
      executor.Execute(program.calls[c], &outcomes[c]);
    }
    executor.End();
    tally.Count(program, outcomes);
  }
  tally.Print();
  if (!host.can_freeze()) printf("no freeze: userfaultfd is not permitted\n");

  // Agreement about nothing would be worth nothing.
  EXPECT_EQ(lockstep.stats().skipped, 0u);
  EXPECT_GT(tally.events(), 50000u);
  EXPECT_GT(tally.Of("epoll_ctl", "ok"), 50000);
  EXPECT_GT(tally.Of("epoll_ctl", "EEXIST"), 1000);
  EXPECT_GT(tally.Of("epoll_ctl", "ELOOP"), 100);
  EXPECT_GT(tally.Of("read", "ECONNRESET"), 10);
  EXPECT_GT(tally.Of("write", "EAGAIN"), 100);
  EXPECT_GT(tally.Of("thaw", "ok"), host.can_freeze() ? 1000 : -1);
}

}  // namespace
}  // namespace pollux
