// Two profiles are told apart, quirk by quirk.

#include "tools/profile_diff.h"

#include <set>

#include "diff/text_format.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

// More than any pair of versions took with this seed.
constexpr uint64_t kMostPrograms = 150000;

void Search(ProfileDiff& diff) {
  while (!diff.missing().empty() && diff.programs() < kMostPrograms) diff.Try();
}

TEST(ProfileDiffTest, NothingTellsTwinsApart) {
  ProfileDiff diff(Profile::Linux(Linux(6, 18)), Profile(), 1);
  EXPECT_TRUE(diff.missing().empty());
  for (int i = 0; i < 200; ++i) diff.Try();
  EXPECT_TRUE(diff.Minimized(1).empty());
}

TEST(ProfileDiffTest, FindsEveryQuirkBetweenNeighbours) {
  for (size_t i = 1; i < std::size(kNamedVersions); ++i) {
    ProfileDiff diff(Profile::Linux(kNamedVersions[i - 1]),
                     Profile::Linux(kNamedVersions[i]), 1);
    const size_t all = diff.missing().size();
    Search(diff);
    printf("%s to %s: %zu of %zu quirks in %llu programs\n",
           VersionText(kNamedVersions[i - 1]).c_str(),
           VersionText(kNamedVersions[i]).c_str(), diff.told(), all,
           static_cast<unsigned long long>(diff.programs()));
    for (Quirk quirk : diff.missing()) {
      ADD_FAILURE() << "not found: " << Describe(quirk).name;
    }
  }
}

TEST(ProfileDiffTest, ProgramsAreSmallAndTellTheirQuirk) {
  const Profile old = Profile::Linux(Linux(5, 10));
  ProfileDiff diff(old, Profile(), 1);
  const std::set<Quirk> wanted(diff.missing().begin(), diff.missing().end());
  Search(diff);
  const std::vector<Telling> tellings = diff.Minimized(5);
  EXPECT_EQ(tellings.size() + diff.missing().size(), wanted.size());
  for (const Telling& telling : tellings) {
    EXPECT_TRUE(wanted.count(telling.quirk));
    EXPECT_LE(telling.program.calls.size(), 16u) << PrintText(telling.program);
    EXPECT_EQ(telling.divergence.call, telling.program.calls.size() - 1);
  }
}

}  // namespace
}  // namespace pollux
