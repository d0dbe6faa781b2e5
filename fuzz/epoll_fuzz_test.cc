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

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/report.h"
#include "diff/wire_format.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"

namespace pollux {
namespace {

// Programs that LLVMFuzzerCustomMutator makes from nothing.
constexpr size_t kFreshCalls = 30;
// One mutation in so many starts from nothing.
constexpr size_t kFreshOneIn = 20;
// Witnesses make a program several times slower; one program in so many, by a
// hash of its bytes, has them.
constexpr uint64_t kWitnessOneIn = 8;

[[noreturn]] void Die(std::string_view message) {
  fprintf(stderr, "epoll_fuzz_test: %.*s\n", static_cast<int>(message.size()),
          message.data());
  exit(3);
}

// Enables the quirks of a comma-separated list.
void EnableQuirks(std::string_view names, Profile* profile) {
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    std::optional<Quirk> quirk = FindQuirk(name);
    if (!quirk) Die("--quirk: unknown quirk; `pollux quirks` lists them");
    profile->Enable(*quirk);
    names.remove_prefix(std::min(names.size(), name.size() + 1));
  }
}

// Everything that lives from the first program to the last.
class Target {
 public:
  explicit Target(const Profile& profile)
      : oracle_(profile, HostMachine()),
        plain_(&host_, &oracle_,
               {.witnesses = false, .can_freeze = host_.can_freeze()}),
        witnessed_(&host_, &oracle_,
                   {.witnesses = true, .can_freeze = host_.can_freeze()}) {}

  // Prints what was skipped, for nothing is skipped in silence.
  ~Target() {
    const uint64_t skipped =
        plain_.stats().skipped + witnessed_.stats().skipped;
    fprintf(stderr,
            "pollux: %llu programs, %llu with witnesses, %llu skipped\n",
            static_cast<unsigned long long>(plain_.stats().programs +
                                            witnessed_.stats().programs),
            static_cast<unsigned long long>(witnessed_.stats().programs),
            static_cast<unsigned long long>(skipped));
  }

  void Run(std::span<const uint8_t> bytes) {
    DecodeWire(bytes, &program_);
    Lockstep& lockstep = Hash(bytes) % kWitnessOneIn == 0 ? witnessed_ : plain_;
    if (lockstep.Run(program_) == Verdict::kDivergence) Report(lockstep);
  }

 private:
  static uint64_t Hash(std::span<const uint8_t> bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    for (uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
    return hash >> 32;
  }

  [[noreturn]] void Report(Lockstep& lockstep) {
    const Divergence first = lockstep.divergence();
    Recording recording;
    const bool again =
        lockstep.Run(program_, &recording) == Verdict::kDivergence;
    const std::string text = PrintDivergence(
        program_, again ? lockstep.divergence() : first, recording, "host");
    fprintf(stderr, "\n%s", text.c_str());
    if (!again) {
      fprintf(stderr, "\nIt did not happen again in a second run (flaky).\n");
    }
    fprintf(stderr,
            "\nReplay it with: bazel run //tools:pollux -- run FILE (the file "
            "that the engine names below)\n");
    abort();
  }

  Host host_;
  Oracle oracle_;
  Lockstep plain_;
  Lockstep witnessed_;
  Program program_;
};

std::unique_ptr<Target> target;

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
  constexpr std::string_view kQuirkFlag = "--quirk=";
  pollux::Profile profile = pollux::HostProfile();
  for (int i = 1; i < *argc; ++i) {
    std::string_view arg = (*argv)[i];
    if (arg.starts_with(kQuirkFlag)) {
      pollux::EnableQuirks(arg.substr(kQuirkFlag.size()), &profile);
    } else if (arg.starts_with("--")) {
      pollux::Die("the only flag is --quirk=NAME,...");
    }
  }
  const std::string reason = pollux::HostUnsupported();
  if (!reason.empty()) pollux::Die(reason);
  pollux::target = std::make_unique<pollux::Target>(profile);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pollux::target->Run({data, size});
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
