// Runs random programs on the host and the reference, without an engine.
//
//   bazel run --config=opt //fuzz:epoll_soak -- --programs=10000000 --seed=1
//
// No coverage guides it and none is measured, and the same seed makes the same
// programs everywhere. It ends with the first
// divergence (exit code 1), whose program it prints, or with a count (0).

#include <stdio.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "fuzz/target.h"

namespace pollux {
namespace {

constexpr size_t kFreshCalls = 40;
constexpr size_t kPool = 64;  // programs that mutations start from
constexpr uint64_t kWitnessOneIn = 8;

struct Options {
  uint64_t programs = 100000;
  uint64_t seed = 1;
};

// Takes "--NAME=NUMBER" out of `arg`.
bool TakeNumber(std::string_view arg, std::string_view name, uint64_t* value) {
  if (!arg.starts_with(name)) return false;
  *value = strtoull(arg.data() + name.size(), nullptr, 10);
  return true;
}

// Removes the flags that are this program's own.
Options TakeOptions(int* argc, char** argv) {
  Options options;
  int kept = 1;
  for (int i = 1; i < *argc; ++i) {
    if (!TakeNumber(argv[i], "--programs=", &options.programs) &&
        !TakeNumber(argv[i], "--seed=", &options.seed)) {
      argv[kept++] = argv[i];
    }
  }
  *argc = kept;
  return options;
}

// Makes a program of its own, or out of those made before.
void NextProgram(Random& random, std::vector<Program>& pool, Program* program) {
  Program& old = pool[random.Below(pool.size())];
  if (old.calls.empty() || random.OneIn(4)) {
    GenerateProgram(random, kFreshCalls, program);
  } else if (random.OneIn(4)) {
    CrossOver(random, old, pool[random.Below(pool.size())], program);
  } else {
    *program = old;
    MutateProgram(random, program);
  }
  old = *program;
}

void PrintProgress(uint64_t done, uint64_t all, double seconds) {
  fprintf(stderr, "\r%llu of %llu programs, %.0f a second ",
          static_cast<unsigned long long>(done),
          static_cast<unsigned long long>(all), done / seconds);
}

int Soak(const Options& options, Target& target) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  Clock::time_point next_report = start + std::chrono::seconds(1);
  Random random(options.seed);
  std::vector<Program> pool(kPool);
  Program program;
  for (uint64_t i = 0; i < options.programs; ++i) {
    NextProgram(random, pool, &program);
    if (!target.Run(program, random.OneIn(kWitnessOneIn))) {
      fprintf(stderr, "\n");
      printf("%s", target.Report(program).c_str());
      return 1;
    }
    const Clock::time_point now = Clock::now();
    if (now < next_report) continue;
    next_report = now + std::chrono::seconds(1);
    PrintProgress(i, options.programs,
                  std::chrono::duration<double>(now - start).count());
  }
  fprintf(stderr, "\n");
  printf("no divergence: %s\n", target.Summary().c_str());
  return 0;
}

}  // namespace
}  // namespace pollux

int main(int argc, char** argv) {
  const pollux::Options options = pollux::TakeOptions(&argc, argv);
  pollux::Target target(pollux::ParseTargetFlags(argc, argv).profile);
  return pollux::Soak(options, target);
}
