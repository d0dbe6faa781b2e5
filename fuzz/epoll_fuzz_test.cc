// Fuzzes the host's epoll against the reference.
//
//   bazel run //fuzz:epoll_fuzz_test_run
//
// An input is a wire program. It is run on the kernel of this machine and on
// the reference in lock-step; a divergence prints a report and aborts, so that
// the engine keeps the input. Flags of the target (engines ignore them):
//
//   --quirk=NAME,...   make the reference a mutant, which must be found

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "diff/wire_format.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "fuzz/target.h"

namespace pollux {
namespace {

// Programs that the mutator makes from nothing: their length in calls, and how
// often it does.
constexpr size_t kFreshCalls = 30;
constexpr size_t kFreshOneIn = 20;
// Witnesses cost system calls after every call; one program in so many, by a
// hash of its bytes, has them.
constexpr uint64_t kWitnessOneIn = 8;

std::unique_ptr<Target> target;

uint64_t Hash(std::span<const uint8_t> bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash >> 32;
}

void RunOrAbort(std::span<const uint8_t> bytes) {
  static Program program;
  DecodeWire(bytes, &program);
  if (target->Run(program, Hash(bytes) % kWitnessOneIn == 0)) return;
  fprintf(stderr,
          "\n%s\nReplay it with: ./bazelw run //tools:pollux -- run $PWD/FILE "
          "(the file that the engine names below)\n",
          target->Report(program).c_str());
  abort();
}

size_t Store(const Program& program, uint8_t* data, size_t max_size) {
  static std::vector<uint8_t> bytes;
  EncodeWire(program, &bytes);
  const size_t size = std::min(bytes.size(), max_size);
  std::copy_n(bytes.begin(), size, data);
  return size;
}

}  // namespace
}  // namespace pollux

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  pollux::target =
      std::make_unique<pollux::Target>(pollux::ProfileFromFlags(*argc, *argv));
  // Nothing is skipped in silence.
  atexit([] {
    fprintf(stderr, "pollux: %s\n", pollux::target->Summary().c_str());
  });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pollux::RunOrAbort({data, size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned int seed) {
  static pollux::Program program;
  pollux::Random random(seed);
  if (size < 2 || random.OneIn(pollux::kFreshOneIn)) {
    pollux::GenerateProgram(random, pollux::kFreshCalls, &program);
  } else {
    pollux::DecodeWire({data, size}, &program);
    pollux::MutateProgram(random, &program);
  }
  return pollux::Store(program, data, max_size);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data1, size_t size1,
                                            const uint8_t* data2, size_t size2,
                                            uint8_t* out, size_t max_out_size,
                                            unsigned int seed) {
  static pollux::Program a, b, result;
  pollux::Random random(seed);
  pollux::DecodeWire({data1, size1}, &a);
  pollux::DecodeWire({data2, size2}, &b);
  pollux::CrossOver(random, a, b, &result);
  return pollux::Store(result, out, max_out_size);
}
