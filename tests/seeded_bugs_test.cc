// Every quirk as a seeded bug: found, minimised, explained, in its own bucket.
//
// The reference with a quirk is the subject, the reference without it the
// oracle. Programs come from the corpus, mutated, as a fuzzer would make them.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/investigation.h"
#include "diff/reference.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

// Programs tried for one quirk.
constexpr int kMostPrograms = 60000;

const std::vector<Program>& Corpus() {
  static const auto& corpus = *new std::vector<Program>([] {
    const fs::path folder =
        fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / "corpus";
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".ep") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Program> programs;
    for (const std::string& path : paths) {
      absl::StatusOr<Trace> trace = LoadProgram(path);
      if (trace.ok()) programs.push_back(std::move(trace->program));
    }
    return programs;
  }());
  return corpus;
}

// A program as a fuzzer has them: parts of the corpus, changed and crossed.
Program FuzzedProgram(Random& random) {
  Program program;
  if (random.OneIn(4)) {
    GenerateProgram(random, 60, &program);
    return program;
  }
  program = Corpus()[random.Below(Corpus().size())];
  for (int i = 0; i < 2; ++i) {
    Program crossed;
    CrossOver(random, program, Corpus()[random.Below(Corpus().size())],
              &crossed);
    program = std::move(crossed);
  }
  MutateProgram(random, &program);
  return program;
}

// What became of one seeded bug.
struct Life {
  Program found;
  Minimized minimized;
  Finding finding;  // of the minimal program
  double tries_a_second = 0;
};

Profile WithQuirk(Quirk quirk) {
  Profile profile;
  profile.Enable(quirk);
  return profile;
}

// Nothing if no program shows it.
std::optional<Life> LiveThrough(Quirk quirk) {
  Reference subject(WithQuirk(quirk), Machine());
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  Random random(static_cast<uint64_t>(quirk) + 1);
  Life life;
  int programs = 0;
  do {
    if (++programs > kMostPrograms) return std::nullopt;
    life.found = FuzzedProgram(random);
  } while (lockstep.Run(life.found) != Verdict::kDivergence);

  Investigator investigator(&subject, Profile(), Machine());
  const std::optional<Finding> first = investigator.Look(life.found);
  if (!first) return std::nullopt;
  const auto start = std::chrono::steady_clock::now();
  life.minimized = investigator.Minimize(life.found, *first);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  life.tries_a_second = life.minimized.tries / seconds.count();
  const std::optional<Finding> last = investigator.Look(life.minimized.program);
  if (!last) return std::nullopt;
  life.finding = *last;
  EXPECT_EQ(last->signature, first->signature);
  return life;
}

const std::map<Quirk, Life>& Lives() {
  static const auto& lives = *new std::map<Quirk, Life>([] {
    std::map<Quirk, Life> all;
    for (const QuirkInfo& quirk : AllQuirks()) {
      // Alone, it is no bug.
      if (!NeedsOf(quirk.id).empty()) continue;
      if (std::optional<Life> life = LiveThrough(quirk.id)) {
        all[quirk.id] = std::move(*life);
      } else {
        printf("not found: %s\n", quirk.name.data());
      }
    }
    return all;
  }());
  return lives;
}

TEST(SeededBugsTest, AreFound) {
  ASSERT_GE(Corpus().size(), 60u);
  EXPECT_GE(Lives().size(), 30u);
  EXPECT_GE(Lives().size(), kQuirkCount * 9 / 10);
}

TEST(SeededBugsTest, AreMinimised) {
  for (const auto& [quirk, life] : Lives()) {
    const size_t calls = life.minimized.program.calls.size();
    printf("%-30s %3zu calls, then %2zu; %5zu tries, %7.0f a second\n",
           Describe(quirk).name.data(), life.found.calls.size(), calls,
           life.minimized.tries, life.tries_a_second);
    EXPECT_TRUE(life.minimized.is_minimal) << Describe(quirk).name;
    EXPECT_TRUE(life.minimized.is_stable) << Describe(quirk).name;
    EXPECT_EQ(FaultIn(life.minimized.program), "");
    // 11 paths up a tower of five epolls: where all of them are parallel edges
    // of one step, that is 6 makers, 10 duplicates and 14 additions, of which
    // no single one can go.
    const bool tower = quirk == Quirk::kNoPathLimits;
    EXPECT_LE(calls, tower ? 30u : 24u) << PrintText(life.minimized.program);
  }
}

// No single call that makes nothing can be left out.
TEST(SeededBugsTest, AreOneMinimal) {
  for (const auto& [quirk, life] : Lives()) {
    Reference subject(WithQuirk(quirk), Machine());
    Investigator investigator(&subject, Profile(), Machine());
    const Program& program = life.minimized.program;
    for (size_t victim = 0; victim < program.calls.size(); ++victim) {
      const Op op = program.calls[victim].op;
      if (Describe(op).makes != Makes::kNothing || op == Op::kThaw) continue;
      Program less;
      ProgramBuilder builder(&less);
      for (size_t i = 0; i < program.calls.size(); ++i) {
        if (i != victim) builder.Append(program.calls[i]);
      }
      builder.Finish();
      const std::optional<Finding> finding = investigator.Look(less);
      EXPECT_TRUE(!finding || finding->signature != life.finding.signature)
          << PrintText(program) << "without call " << victim + 1;
    }
  }
}

TEST(SeededBugsTest, AreExplainedByTheirName) {
  size_t named = 0;
  for (const auto& [quirk, life] : Lives()) {
    const auto& sets = life.finding.explanation.sets;
    const std::vector<Quirk> wanted = {quirk};
    EXPECT_TRUE(
        std::any_of(sets.begin(), sets.end(),
                    [&](const QuirkSet& set) { return set.quirks == wanted; }))
        << Describe(quirk).name << " is no explanation of\n"
        << PrintText(life.minimized.program);
    if (life.finding.explanation.best() == wanted) {
      ++named;
    } else {
      printf("%s is taken for:\n%s%s", Describe(quirk).name.data(),
             PrintExplanation(life.minimized.program, life.finding.divergence,
                              life.finding.explanation, "the subject")
                 .c_str(),
             PrintText(life.minimized.program).c_str());
    }
  }
  printf("%zu of %zu explained by their own name\n", named, Lives().size());
  EXPECT_GE(named * 10, Lives().size() * 9);
}

TEST(SeededBugsTest, AreAloneInTheirBuckets) {
  std::map<std::string, std::string> owners;
  size_t alone = 0;
  for (const auto& [quirk, life] : Lives()) {
    EXPECT_TRUE(IsSignature(life.finding.signature)) << life.finding.signature;
    const bool first =
        owners.emplace(life.finding.signature, Describe(quirk).name).second;
    alone += first;
    if (!first) {
      printf("%s shares the bucket %s with %s\n", Describe(quirk).name.data(),
             life.finding.signature.c_str(),
             owners[life.finding.signature].c_str());
    }
  }
  EXPECT_GE(alone * 10, Lives().size() * 9);
}

}  // namespace
}  // namespace pollux
