// Fuzzes the host's epoll against the reference.
//
//   bazel run //fuzz:epoll_fuzz_test_run     by libFuzzer
//   bazel run //fuzz:epoll_fuzz_test_afl     by AFL++
//
// An input is a wire program. It is run on the kernel of this machine and on
// the reference in lock-step; a divergence prints a report and aborts, so that
// the engine keeps the input. Flags of the target (engines ignore them):
//
//   --quirk=NAME,...         make the reference a mutant, which must be found
//   --print_mutator_stats    tell at the end what each mutator has brought

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "diff/wire_format.h"
#include "fuzz/mutator_stats.h"
#include "fuzz/target.h"
#include "fuzz/wire_mutator.h"

namespace pollux {
namespace {

// Witnesses cost system calls after every call; one program in so many, by its
// hash, has them.
constexpr uint64_t kWitnessOneIn = 8;

TargetFlags flags;
// Made for the first program: AFL++ forks before it, and the watchdog would
// stay behind.
std::unique_ptr<Target> target;
WireMutator mutator;
MutatorStats mutator_stats;

uint64_t Hash(const Program& program) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](uint64_t word) {
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  };
  for (const Call& call : program.calls) {
    add(static_cast<uint64_t>(call.op));
    for (int64_t word : call.args) add(static_cast<uint64_t>(word));
  }
  return hash >> 32;
}

// At the end. Nothing is skipped in silence.
void PrintSummary() {
  if (target == nullptr) return;
  fprintf(stderr, "pollux: %s\n", target->Summary().c_str());
  if (!flags.print_mutator_stats) return;
  fprintf(stderr, "%s", mutator_stats.Table().c_str());
}

void RunOrAbort(std::span<const uint8_t> bytes) {
  static Program program;
  if (target == nullptr) target = std::make_unique<Target>(flags.profile);
  DecodeWire(bytes, &program);
  const bool same = target->Run(program, Hash(program) % kWitnessOneIn == 0);
  if (flags.print_mutator_stats) mutator_stats.Collect();
  if (same) return;
  fprintf(stderr,
          "\n%s\nReplay it with: ./bazelw run //tools:pollux -- run $PWD/FILE "
          "(the file that the engine names below)\n",
          target->Report(program).c_str());
  abort();
}

size_t Store(std::span<const uint8_t> bytes, uint8_t* data, size_t max_size) {
  mutator_stats.Use(mutator.used());
  const size_t size = std::min(bytes.size(), max_size);
  std::copy_n(bytes.begin(), size, data);
  return size;
}

}  // namespace
}  // namespace pollux

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  pollux::flags = pollux::ParseTargetFlags(*argc, *argv);
  atexit(pollux::PrintSummary);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pollux::RunOrAbort({data, size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  return pollux::Store(pollux::mutator.Mutate(seed, {data, size}), data,
                       max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2,
                                            uint8_t* out, size_t max_out_size,
                                            unsigned int seed) {
  return pollux::Store(
      pollux::mutator.Cross(seed, {data1, size1}, {data2, size2}), out,
      max_out_size);
}
