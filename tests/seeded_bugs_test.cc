// Every quirk as a seeded bug: found, minimised, explained, in its own bucket,
// shown by a C file.
//
// The reference with a quirk is the subject, the reference without it the
// oracle. Programs come from the corpus, mutated, as a fuzzer would make them.
// The C file runs on this machine's kernel, which has no such bug: it expects
// what the reference with the quirk does, and must find fault with the kernel.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/quirks.h"
#include "diff/draft.h"
#include "diff/host.h"
#include "diff/investigation.h"
#include "diff/probes.h"
#include "diff/reference.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tests/shell_testing.h"
#include "tools/command.h"
#include "tools/exhibit.h"

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
  int programs = 0;          // until it was found
  std::string c_file = "-";  // what became of it
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
  life.programs = programs;
  life.tries_a_second = life.minimized.tries / seconds.count();
  const std::optional<Finding> last = investigator.Look(life.minimized.program);
  if (!last) return std::nullopt;
  life.finding = *last;
  EXPECT_EQ(last->signature, first->signature);
  return life;
}

std::map<Quirk, Life>& Lives() {
  static auto& lives = *new std::map<Quirk, Life>([] {
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
    // The longest doubles every step of a tower of epolls.
    EXPECT_LE(calls, 24u) << PrintText(life.minimized.program);
  }
}

// What a single step makes of `draft`, if it changes the program.
void AddIfOther(const Draft& draft, const Program& program,
                std::vector<Program>* simpler) {
  Program less;
  draft.Write(&less, [](const Call&, size_t) { return kNoFd; });
  if (!(less == program)) simpler->push_back(std::move(less));
}

// `program` without one call (alone, or with the uses of what it makes), or
// without one bit of a mask or of flags: found here without the minimiser.
std::vector<Program> SingleSteps(const Program& program) {
  std::vector<Program> simpler;
  const Draft whole(program);
  for (size_t i = 0; i < program.calls.size(); ++i) {
    Draft alone = whole;
    alone.calls.erase(alone.calls.begin() + i);
    AddIfOther(alone, program, &simpler);
    Draft with_uses = whole;
    with_uses.DropWithUses(i, i + 1);
    AddIfOther(with_uses, program, &simpler);
    int at = 0;
    for (const ArgInfo& arg : Describe(program.calls[i].op)) {
      const bool second =
          arg.kind == ArgKind::kEventPointer || arg.kind == ArgKind::kPollFd;
      const int word = second ? at + 1 : at;
      const bool bits = second || arg.kind == ArgKind::kFlags;
      at += WordsOf(arg.kind);
      for (int bit = 0; bits && bit < 32; ++bit) {
        const int64_t mask = int64_t{1} << bit;
        if ((program.calls[i].args[word] & mask) == 0) continue;
        Draft draft = whole;
        draft.calls[i].call.args[word] &= ~mask;
        AddIfOther(draft, program, &simpler);
      }
    }
  }
  return simpler;
}

TEST(SeededBugsTest, AreOneMinimal) {
  size_t steps = 0;
  for (const auto& [quirk, life] : Lives()) {
    Reference subject(WithQuirk(quirk), Machine());
    Investigator investigator(&subject, Profile(), Machine());
    for (const Program& less : SingleSteps(life.minimized.program)) {
      ++steps;
      const std::optional<Finding> finding = investigator.Look(less);
      EXPECT_TRUE(!finding || finding->signature != life.finding.signature)
          << PrintText(life.minimized.program) << "is no smaller than\n"
          << PrintText(less);
    }
  }
  printf("%zu single steps, none of which keeps the signature\n", steps);
  EXPECT_GT(steps, 300u);
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

// Compiles the C of what the host does otherwise than `profile`; what running
// it gives, or why it cannot be.
std::string RunC(Host& host, const Profile& profile, const Program& program,
                 const std::string& compiler) {
  Investigator investigator(&host, profile, HostMachine(),
                            {.can_freeze = host.can_freeze()});
  const Exhibit exhibit = ExhibitOf(investigator, program, "host");
  if (exhibit.skipped) return "skipped: no scan can be frozen here";
  const absl::StatusOr<std::string> code = ExportCode(exhibit, CodeStyle::kTap);
  if (!code.ok()) return std::string(code.status().message());
  const std::string base = absl::StrCat(testing::TempDir(), "/seeded_bug");
  std::ofstream(base + ".c") << *code;
  const Ran compiled =
      Shell(absl::StrCat(compiler, " -o ", base, ".exe ", base, ".c"));
  if (compiled.code != 0) return absl::StrCat("no C: ", compiled.output);
  return absl::StrCat("exit ", Shell(base + ".exe").code);
}

TEST(SeededBugsTest, AreShownByTheirCFile) {
  if (std::string reason = HostUnsupported(); !reason.empty()) {
    GTEST_SKIP() << reason;
  }
  const std::vector<std::string> compilers = Compilers();
  ASSERT_FALSE(compilers.empty()) << "no C compiler";
  Host host;
  size_t shown = 0;
  for (auto& [quirk, life] : Lives()) {
    const Program& program = life.minimized.program;
    Profile mutant = HostProfile();
    mutant.Flip(quirk);
    life.c_file = RunC(host, mutant, program, compilers.front());
    shown += life.c_file == "exit 1";
    // What Linux does is no bug.
    EXPECT_EQ(RunC(host, HostProfile(), program, compilers.back()), "exit 0")
        << PrintText(program);
  }
  printf("%zu of %zu shown by their C file\n", shown, Lives().size());
  EXPECT_GE(shown, 30u);
  EXPECT_GE(shown * 10, Lives().size() * 9);
}

// Nothing new is checked: the lives of the bugs on one page.
TEST(SeededBugsTest, Table) {
  printf("%-30s %8s %13s %9s  %-7s %-44s %s\n", "quirk", "programs", "calls",
         "tries/s", "named", "bucket", "C file");
  std::set<std::string> buckets;
  for (const auto& [quirk, life] : Lives()) {
    const bool named =
        life.finding.explanation.best() == std::vector<Quirk>{quirk};
    printf("%-30s %8d %4zu, then %2zu %9.0f  %-7s %-44s %s\n",
           Describe(quirk).name.data(), life.programs, life.found.calls.size(),
           life.minimized.program.calls.size(), life.tries_a_second,
           named ? "yes" : "NO", life.finding.signature.c_str(),
           life.c_file.c_str());
    buckets.insert(life.finding.signature);
  }
  EXPECT_GE(buckets.size(), 30u);
}

}  // namespace
}  // namespace pollux
