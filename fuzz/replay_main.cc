// Replays fuzz inputs without a fuzzer. Linked with a fuzz target in place of
// an engine, it runs the target once on every file given and on every file
// below every directory given, in sorted order:
//
//   oracle_fuzz_test corpus/ crash-12ab

#include "fuzz/replay.h"

extern "C" {
[[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);

// Custom mutators are linked too and refer to the engine's own mutator. Nothing
// mutates here.
size_t LLVMFuzzerMutate(uint8_t* /*data*/, size_t size, size_t /*max_size*/) {
  return size;
}
}

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  return pollux::ReplayFiles(argc, argv);
}
