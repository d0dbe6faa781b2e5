// The corpus notices every quirk.

#include "diff/mutants.h"

#include <filesystem>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

TEST(MutantsTest, TheCorpusKillsThemAll) {
  const fs::path corpus =
      fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / "corpus";
  const absl::StatusOr<std::vector<std::string>> paths =
      ProgramPaths({corpus.string()});
  ASSERT_TRUE(paths.ok()) << paths.status();
  Mutants mutants{Machine()};
  std::map<Quirk, int> kills;
  for (const std::string& path : *paths) {
    const absl::StatusOr<Trace> trace = LoadProgram(path);
    ASSERT_TRUE(trace.ok()) << trace.status();
    for (const QuirkInfo& quirk : AllQuirks()) {
      // One killer is enough, and the second makes the first replaceable.
      if (kills[quirk.id] >= 2) continue;
      kills[quirk.id] += mutants.Try(quirk.id, trace->program).has_value();
    }
  }
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_GE(kills[quirk.id], 1) << quirk.name << ": " << quirk.effect;
  }
}

TEST(MutantsTest, AProgramKillsWhatItShows) {
  const Trace trace = MustParse(
      "e0 = eventfd2(0, EFD_NONBLOCK)\n"
      "write(e0, 9) = -1 EINVAL\n");
  Mutants mutants{Machine()};
  const std::vector<Kill> kills = mutants.KilledBy(trace.program);
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].quirk, Quirk::kEventfdLongWriteOk);
  EXPECT_EQ(kills[0].divergence.call, 1u);
  EXPECT_EQ(kills[0].divergence.observed.result, 8);
}

TEST(MutantsTest, NothingKillsNothing) {
  Mutants mutants{Machine()};
  EXPECT_TRUE(
      mutants.KilledBy(MustParse("ep0 = epoll_create1(0)\n").program).empty());
}

}  // namespace
}  // namespace pollux
