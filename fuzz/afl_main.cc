// A main for AFL++: persistent mode, inputs in shared memory, and a start that
// is deferred until the target has read its flags.
//
//   afl-fuzz -i seeds -o out -- epoll_fuzz_test_afl_bin [--quirk=NAME]
//   epoll_fuzz_test_afl_bin FILE...           replays, without AFL++
//
// This is what the macros __AFL_FUZZ_INIT, __AFL_INIT and __AFL_LOOP of AFL++'s
// own compiler stand for; with them spelled out, any compiler will do.

#include <unistd.h>

#include <string_view>
#include <vector>

#include "fuzz/replay.h"

extern "C" {
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
[[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);

size_t LLVMFuzzerMutate(uint8_t* /*data*/, size_t size, size_t /*max_size*/) {
  return size;
}

// AFL++'s runtime.
extern uint8_t* __afl_fuzz_ptr;       // the input; null without shared memory
extern unsigned int* __afl_fuzz_len;  // and its size
void __afl_manual_init();
int __afl_persistent_loop(unsigned int rounds);
int __afl_sharedmem_fuzzing = 1;
}

namespace {

// What afl-fuzz looks for in a binary.
[[gnu::used]] const volatile char* const kSignatures[] = {
    "##SIG_AFL_PERSISTENT##", "##SIG_AFL_DEFER_FORKSRV##"};

// Programs before the process is replaced by a fresh one.
constexpr unsigned int kRounds = 1'000'000;

std::vector<uint8_t> ReadStandardInput() {
  std::vector<uint8_t> bytes;
  uint8_t chunk[4096];
  ssize_t n;
  while ((n = read(0, chunk, sizeof(chunk))) > 0) {
    bytes.insert(bytes.end(), chunk, chunk + n);
  }
  return bytes;
}

bool HasFiles(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (!std::string_view(argv[i]).starts_with("--")) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  if (HasFiles(argc, argv)) return pollux::ReplayFiles(argc, argv);
  __afl_manual_init();
  // What the first program costs in coverage is no input's merit.
  LLVMFuzzerTestOneInput(nullptr, 0);
  while (__afl_persistent_loop(kRounds) != 0) {
    if (__afl_fuzz_ptr != nullptr) {
      LLVMFuzzerTestOneInput(__afl_fuzz_ptr, *__afl_fuzz_len);
    } else {
      const std::vector<uint8_t> bytes = ReadStandardInput();
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
  return 0;
}
