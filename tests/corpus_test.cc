// Every program of corpus/ does on this machine what its file says, and what
// the reference does.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

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

fs::path CorpusFolder() {
  return fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / "corpus";
}

// Paths within corpus/, without those of other Linuxes.
std::vector<std::string> Files() {
  std::vector<std::string> files;
  const fs::path corpus = CorpusFolder();
  if (!fs::exists(corpus)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (entry.path().extension() != ".ep") continue;
    const fs::path path = entry.path().lexically_relative(corpus);
    if (*path.begin() != "profiles") files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

class CorpusTest : public testing::TestWithParam<std::string> {};

TEST_P(CorpusTest, TheHostDoesWhatTheFileSays) {
  const fs::path path = CorpusFolder() / GetParam();
  const absl::StatusOr<Trace> trace = LoadProgram(path);
  ASSERT_TRUE(trace.ok()) << trace.status().message();
  ASSERT_FALSE(trace->program.calls.empty());
  Host host;
  Oracle oracle(HostProfile(), HostMachine());
  Lockstep lockstep(&host, &oracle, {.can_freeze = host.can_freeze()});
  Recording recording;
  Verdict verdict = Verdict::kUndecided;
  for (int i = 0; i < 5 && verdict == Verdict::kUndecided; ++i) {
    recording = {};
    verdict = lockstep.Run(trace->program, &recording);
  }
  if (verdict == Verdict::kSkipped) {
    GTEST_SKIP() << "userfaultfd is not permitted";
  }
  ASSERT_EQ(verdict, Verdict::kSame) << PrintDivergence(
      trace->program, lockstep.divergence(), recording, "host");
  const std::optional<size_t> call =
      FirstDisagreement(*trace, recording.outcomes);
  EXPECT_FALSE(call) << path << ":" << trace->lines[*call] << ": states "
                     << ToString(*trace->outcomes[*call]) << ", but got "
                     << ToString(recording.outcomes[*call]);
}

// A test of the corpus that states nothing would pass for ever.
TEST_P(CorpusTest, TheFileStatesOutcomes) {
  const absl::StatusOr<Trace> trace = LoadProgram(CorpusFolder() / GetParam());
  ASSERT_TRUE(trace.ok()) << trace.status().message();
  EXPECT_TRUE(std::any_of(trace->outcomes.begin(), trace->outcomes.end(),
                          [](const auto& outcome) { return !!outcome; }));
}

TEST_P(CorpusTest, TheFileTellsWhatItShows) {
  std::ifstream file(CorpusFolder() / GetParam());
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line.substr(0, 2), "# ");
  EXPECT_GT(line.size(), 12u);
}

INSTANTIATE_TEST_SUITE_P(Files, CorpusTest, testing::ValuesIn(Files()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name =
                               info.param.substr(0, info.param.size() - 3);
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return !isalnum(c); }, '_');
                           return name;
                         });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CorpusTest);

TEST(CorpusFolderTest, HoldsAtLeastSixtyPrograms) {
  EXPECT_GE(Files().size(), 60u);
}

}  // namespace
}  // namespace pollux
