// Probes find out what a subject is, whatever its version says.

#include "diff/probes.h"

#include <algorithm>
#include <set>
#include <vector>

#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tests/quirk_witnesses.h"

namespace pollux {
namespace {

Profile With(Profile profile, Quirk quirk) {
  profile.Enable(quirk);
  return profile;
}

Profile Without(Profile profile, Quirk quirk) {
  profile.Disable(quirk);
  return profile;
}

// What probes say of a reference that is `real`, taken to be `assumed`.
ProbeReport ProbesOf(const Profile& real, const Profile& assumed) {
  Reference model(real, Machine());
  return RunProbes(RunnerOf(&model), assumed, Machine());
}

ProbeAnswer AnswerOn(const ProbeReport& report, Quirk quirk) {
  for (const ProbeResult& result : report.results) {
    if (result.quirk == quirk) return result.answer;
  }
  ADD_FAILURE() << "no probe of " << Describe(quirk).name;
  return ProbeAnswer::kNotRun;
}

TEST(ProbesTest, EachIsOfAQuirkOfHistory) {
  std::set<Quirk> seen;
  for (const QuirkProgram& row : ProbePrograms()) {
    MustParse(row.text);
    EXPECT_NE(Describe(row.quirk).until, kNever) << Describe(row.quirk).name;
    EXPECT_TRUE(seen.insert(row.quirk).second) << Describe(row.quirk).name;
  }
}

TEST(ProbesTest, EveryQuirkOfHistoryThatShowsInAnOutcomeHasOne) {
  std::set<Quirk> probed;
  for (const QuirkProgram& row : ProbePrograms()) probed.insert(row.quirk);
  for (const QuirkWitness& witness : AllWitnesses()) {
    const QuirkInfo& quirk = Describe(*FindQuirk(witness.quirk));
    if (quirk.until == kNever || witness.in_interests) continue;
    EXPECT_TRUE(probed.count(quirk.id)) << quirk.name;
  }
}

TEST(ProbesTest, FindEachQuirkThatTheVersionDoesNotTell) {
  for (const QuirkProgram& row : ProbePrograms()) {
    // Taken for five links, whose probe comes first; no version is so far off.
    if (row.quirk == Quirk::kDepthSixDown) continue;
    const Profile base = Profile::BaseOf(row.quirk);
    const ProbeReport report = ProbesOf(With(base, row.quirk), base);
    EXPECT_EQ(AnswerOn(report, row.quirk), ProbeAnswer::kYes)
        << Describe(row.quirk).name;
    EXPECT_TRUE(report.profile.Has(row.quirk));
  }
}

TEST(ProbesTest, FindEachQuirkThatWasCarriedBack) {
  for (const QuirkProgram& row : ProbePrograms()) {
    const Profile base = Profile::BaseOf(row.quirk);
    const ProbeReport report = ProbesOf(base, With(base, row.quirk));
    EXPECT_EQ(AnswerOn(report, row.quirk), ProbeAnswer::kNo)
        << Describe(row.quirk).name;
    EXPECT_FALSE(report.profile.Has(row.quirk));
  }
}

TEST(ProbesTest, ConfirmEveryNamedVersion) {
  for (LinuxVersion version : kNamedVersions) {
    const Profile profile = Profile::Linux(version);
    const ProbeReport report = ProbesOf(profile, profile);
    EXPECT_EQ(report.profile, profile) << VersionText(version);
    for (const ProbeResult& result : report.results) {
      EXPECT_NE(result.answer, ProbeAnswer::kNeither)
          << VersionText(version) << " " << Describe(result.quirk).name;
    }
  }
}

// 5.10.223: the pipe was healed in .62.
TEST(ProbesTest, AStableKernelIsNotItsVersion) {
  const Profile mainline = Profile::Linux(Linux(5, 10));
  const Profile stable = Without(mainline, Quirk::kPipeEdgeOnlyWhenEmpty);
  const ProbeReport report = ProbesOf(stable, mainline);
  EXPECT_EQ(report.profile, stable);
}

TEST(ProbesTest, NonsenseIsNoAnswer) {
  const auto nonsense = [](const Program& program) {
    Outcome outcome;
    outcome.result = 42;
    return std::vector<Outcome>(program.calls.size(), outcome);
  };
  const Profile assumed = Profile::Linux(Linux(5, 1));
  const ProbeReport report = RunProbes(nonsense, assumed, Machine());
  EXPECT_EQ(report.profile, assumed);
  for (const ProbeResult& result : report.results) {
    EXPECT_TRUE(result.answer == ProbeAnswer::kNeither ||
                result.answer == ProbeAnswer::kHidden);
  }
}

TEST(ProbesTest, WhatCannotRunChangesNothing) {
  const Profile assumed = Profile::Linux(Linux(5, 1));
  const ProbeReport report = RunProbes(
      [](const Program&) { return std::nullopt; }, assumed, Machine());
  EXPECT_EQ(report.profile, assumed);
  for (const ProbeResult& result : report.results) {
    EXPECT_TRUE(result.answer == ProbeAnswer::kNotRun ||
                result.answer == ProbeAnswer::kHidden);
  }
}

TEST(ProbesTest, ASubjectThatCannotFreezeIsNotAskedTo) {
  Reference model{Profile(), Machine()};
  const ProbeReport report =
      RunProbes(RunnerOf(&model, false), Profile(), Machine());
  EXPECT_EQ(AnswerOn(report, Quirk::kOvflistLifo), ProbeAnswer::kNotRun);
  EXPECT_EQ(AnswerOn(report, Quirk::kPipeOneQueue), ProbeAnswer::kNo);
}

TEST(ProbesTest, ThisKernelIsSomeLinux) {
  for (const ProbeResult& result : HostProbes().results) {
    EXPECT_NE(result.answer, ProbeAnswer::kNeither)
        << Describe(result.quirk).name;
  }
}

}  // namespace
}  // namespace pollux
