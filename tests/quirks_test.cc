// The quirk table, its look-ups and the profiles made of it.

#include "core/quirks.h"

#include <set>
#include <string>

#include "core/quirk_list.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

TEST(QuirksTest, TheTableIsInTheOrderOfTheEnum) {
  for (size_t i = 0; i < AllQuirks().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(AllQuirks()[i].id), i);
    EXPECT_EQ(&Describe(AllQuirks()[i].id), &AllQuirks()[i]);
  }
}

TEST(QuirksTest, NamesAreUniqueKebabCase) {
  std::set<std::string_view> names;
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_TRUE(names.insert(quirk.name).second) << quirk.name;
    EXPECT_EQ(
        quirk.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
        std::string_view::npos)
        << quirk.name;
  }
}

TEST(QuirksTest, EachIsDocumented) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_FALSE(quirk.function.empty()) << quirk.name;
    EXPECT_GT(quirk.effect.size(), 20u) << quirk.name;
    EXPECT_NE(quirk.effect.back(), '.') << quirk.name;
    EXPECT_NE(LayerName(quirk.layer), "?") << quirk.name;
  }
}

TEST(QuirksTest, RangesAreNeverOrGrow) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (quirk.since == kNever && quirk.until == kNever) continue;
    EXPECT_GE(quirk.since, Linux(2, 6)) << quirk.name;
    EXPECT_LT(quirk.since, quirk.until) << quirk.name;
  }
}

TEST(QuirksTest, FindsByNameOnly) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_EQ(FindQuirk(quirk.name), quirk.id);
  }
  EXPECT_EQ(FindQuirk(""), std::nullopt);
  EXPECT_EQ(FindQuirk("no-rdhu"), std::nullopt);
  EXPECT_EQ(FindQuirk("No-Rdhup"), std::nullopt);
}

TEST(QuirksTest, RangesReadAsWords) {
  EXPECT_EQ(RangeText(Describe(Quirk::kNoRdhup)), "never in Linux");
  EXPECT_EQ(RangeText(Describe(Quirk::kOvflistLifo)), "before 5.1");
  EXPECT_NE(RangeText(Describe(Quirk::kPipeEdgeOnlyWhenEmpty)).find("5.14"),
            std::string::npos);
}

TEST(ProfileTest, Linux618HasNoQuirk) {
  EXPECT_EQ(Profile::Linux(Linux(6, 18)), Profile());
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_FALSE(Profile().Has(quirk.id)) << quirk.name;
  }
}

TEST(ProfileTest, ARangeIsHalfOpen) {
  constexpr Quirk kQuirk = Quirk::kPipeEdgeOnlyWhenEmpty;  // 5.5 to 5.14
  EXPECT_FALSE(Profile::Linux(Linux(5, 4)).Has(kQuirk));
  EXPECT_TRUE(Profile::Linux(Linux(5, 5)).Has(kQuirk));
  EXPECT_TRUE(Profile::Linux(Linux(5, 13)).Has(kQuirk));
  EXPECT_FALSE(Profile::Linux(Linux(5, 14)).Has(kQuirk));
}

TEST(ProfileTest, NoLinuxHasABugOfEmulators) {
  for (int major = 2; major <= 8; ++major) {
    for (int minor = 0; minor <= 40; ++minor) {
      const Profile profile = Profile::Linux(Linux(major, minor));
      EXPECT_FALSE(profile.Has(Quirk::kNoRdhup));
      EXPECT_FALSE(profile.Has(Quirk::kEdgeAsLevel));
    }
  }
}

TEST(ProfileTest, KnownVersionsBehaveAsHistorySays) {
  const Profile v2 = Profile::Linux(Linux(2, 6));
  EXPECT_TRUE(v2.Has(Quirk::kOvflistLifo));
  EXPECT_TRUE(v2.Has(Quirk::kHarvestWakesWatchers));
  EXPECT_TRUE(v2.Has(Quirk::kWaitChecksSizeFirst));
  const Profile v5 = Profile::Linux(Linux(5, 10));
  EXPECT_FALSE(v5.Has(Quirk::kOvflistLifo));
  EXPECT_TRUE(v5.Has(Quirk::kPipeEdgeOnlyWhenEmpty));
  EXPECT_TRUE(v5.Has(Quirk::kEventfdLongWriteOk));
  const Profile v6 = Profile::Linux(Linux(6, 12));
  EXPECT_FALSE(v6.Has(Quirk::kEventfdLongWriteOk));
  EXPECT_TRUE(v6.Has(Quirk::kPipeReadWakesIfWasFull));
  EXPECT_TRUE(v6.Has(Quirk::kDepthSixDown));
}

TEST(ProfileTest, ThePipeChangedInSteps) {
  const auto has = [](int major, int minor, Quirk quirk) {
    return Profile::Linux(Linux(major, minor)).Has(quirk);
  };
  EXPECT_TRUE(has(5, 4, Quirk::kPipeOneQueue));
  EXPECT_FALSE(has(5, 5, Quirk::kPipeOneQueue));
  EXPECT_TRUE(has(5, 5, Quirk::kPipeReleaseWakes));
  EXPECT_FALSE(has(5, 6, Quirk::kPipeReleaseWakes));
  EXPECT_FALSE(has(7, 2, Quirk::kPipeWakesEdgePollers));
  EXPECT_TRUE(has(7, 3, Quirk::kPipeWakesEdgePollers));
}

// At most one rule of depth at a time.
TEST(ProfileTest, RulesOfDepthFollowEachOther) {
  for (int major = 2; major <= 8; ++major) {
    for (int minor = 0; minor <= 40; ++minor) {
      const Profile profile = Profile::Linux(Linux(major, minor));
      EXPECT_FALSE(profile.Has(Quirk::kDepthFiveDown) &&
                   profile.Has(Quirk::kDepthSixDown));
    }
  }
}

TEST(ProfileTest, WhatAQuirkNeedsIsAsOldAsItself) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    for (const QuirkNeed& need : NeedsOf(quirk.id)) {
      EXPECT_EQ(need.quirk, quirk.id);
      EXPECT_NE(need.other, quirk.id);
      EXPECT_FALSE(need.why.empty());
      EXPECT_TRUE(Describe(need.other).InLinux(quirk.since)) << quirk.name;
      EXPECT_TRUE(Profile::BaseOf(quirk.id).Has(need.other));
    }
    EXPECT_FALSE(Profile::BaseOf(quirk.id).Has(quirk.id)) << quirk.name;
  }
}

TEST(VersionTest, ReadsReleases) {
  EXPECT_EQ(*ParseVersion("5.10"), Linux(5, 10));
  EXPECT_EQ(*ParseVersion("5.10.223"), Linux(5, 10));
  EXPECT_EQ(*ParseVersion("6.18-rc3"), Linux(6, 18));
  EXPECT_EQ(*ParseVersion("5.1.4-arch1-1"), Linux(5, 1));
  EXPECT_EQ(*ParseVersion("2.6.38"), kOldest);
  EXPECT_EQ(*ParseVersion("2.6.39"), kOldest);
}

TEST(VersionTest, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "5.", ".1", "5.x", "5.1.2.3", "-5.1",
                           "2.6.37", "2.6", "2.4.20", "1000.1", "linux"}) {
    EXPECT_FALSE(ParseVersion(text).ok()) << text;
  }
}

TEST(VersionTest, NamesReadBackAndGrow) {
  LinuxVersion before = 0;
  for (LinuxVersion version : kNamedVersions) {
    EXPECT_EQ(*ParseVersion(VersionText(version)), version);
    EXPECT_LT(before, version);
    before = version;
  }
  EXPECT_EQ(VersionText(kOldest), "2.6.38");
}

TEST(ProfileTest, EnableSwitchesOneOn) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    Profile profile;
    profile.Enable(quirk.id);
    for (const QuirkInfo& other : AllQuirks()) {
      EXPECT_EQ(profile.Has(other.id), other.id == quirk.id);
    }
    EXPECT_FALSE(profile == Profile());
  }
}

}  // namespace
}  // namespace pollux
