// corpus/profiles/VERSION/: what that Linux did, and today's does not.

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/quirk_list.h"
#include "core/quirks.h"
#include "diff/expectation.h"
#include "diff/lockstep.h"
#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

fs::path Folder() {
  return fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") /
         "corpus/profiles";
}

// "VERSION/NAME.ep"
std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(Folder())) {
    if (entry.path().extension() == ".ep") {
      files.push_back(entry.path().lexically_relative(Folder()));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string VersionOf(const std::string& file) {
  return file.substr(0, file.find('/'));
}

std::vector<Outcome> OutcomesOf(const Profile& profile,
                                const Program& program) {
  Reference model(profile, Machine());
  Oracle oracle(profile, Machine());
  Lockstep lockstep(&model, &oracle);
  Recording recording;
  EXPECT_EQ(lockstep.Run(program, &recording), Verdict::kSame);
  return recording.outcomes;
}

class ProfilesTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const absl::StatusOr<LinuxVersion> version =
        ParseVersion(VersionOf(GetParam()));
    ASSERT_TRUE(version.ok()) << version.status();
    version_ = *version;
    const absl::StatusOr<Trace> trace = LoadProgram(Folder() / GetParam());
    ASSERT_TRUE(trace.ok()) << trace.status();
    trace_ = *trace;
  }

  LinuxVersion version_ = 0;
  Trace trace_;
};

TEST_P(ProfilesTest, ThatLinuxDoesWhatTheFileSays) {
  const std::vector<Outcome> outcomes =
      OutcomesOf(Profile::Linux(version_), trace_.program);
  const std::optional<size_t> call = FirstDisagreement(trace_, outcomes);
  EXPECT_FALSE(call) << GetParam() << ":" << trace_.lines[*call] << ": states "
                     << ToString(*trace_.outcomes[*call]) << ", but got "
                     << ToString(outcomes[*call]);
}

TEST_P(ProfilesTest, TodaysLinuxDoesNot) {
  EXPECT_TRUE(FirstDisagreement(trace_, OutcomesOf(Profile(), trace_.program)));
}

// What is left out would not be compared.
TEST_P(ProfilesTest, EveryOutcomeIsStated) {
  for (size_t i = 0; i < trace_.program.calls.size(); ++i) {
    const bool maker = Describe(trace_.program.calls[i].op).slots_made() > 0;
    EXPECT_TRUE(maker || trace_.outcomes[i])
        << GetParam() << ":" << trace_.lines[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ProfilesTest, testing::ValuesIn(Files()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return !isalnum(c); }, '_');
                           return name;
                         });

TEST(ProfilesFolderTest, TheFirstThreeKernelsAreThere) {
  std::map<std::string, int> files;
  for (const std::string& file : Files()) ++files[VersionOf(file)];
  for (const char* version : {"2.6.38", "4.18", "5.1"}) {
    EXPECT_GE(files[version], 12) << version;
  }
}

// Every quirk of history shows in one program at least of a Linux that has it.
TEST(ProfilesFolderTest, ShowEveryQuirkOfTheirLinux) {
  std::map<LinuxVersion, std::vector<Program>> programs;
  for (const std::string& file : Files()) {
    const absl::StatusOr<Trace> trace = LoadProgram(Folder() / file);
    ASSERT_TRUE(trace.ok());
    programs[*ParseVersion(VersionOf(file))].push_back(trace->program);
  }
  for (const QuirkInfo& quirk : AllQuirks()) {
    // Before 3.8 there was no interest list in which one could see the bit.
    bool shown = quirk.until == kNever || quirk.id == Quirk::kWakeupUnknown;
    for (const auto& [version, list] : programs) {
      if (shown || !quirk.InLinux(version)) continue;
      const Profile with = Profile::Linux(version);
      Profile without = with;
      without.Disable(quirk.id);
      Reference model(with, Machine());
      Oracle oracle(without, Machine());
      Lockstep lockstep(&model, &oracle);
      shown = std::any_of(list.begin(), list.end(), [&](const Program& p) {
        return lockstep.Run(p) == Verdict::kDivergence;
      });
    }
    EXPECT_TRUE(shown) << quirk.name;
  }
}

}  // namespace
}  // namespace pollux
