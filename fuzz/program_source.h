// An endless supply of programs, each its own or made out of earlier ones.
//
//   ProgramSource source(seed);
//   source.Next(&program);
//
// The same seed gives the same programs everywhere.

#ifndef POLLUX_FUZZ_PROGRAM_SOURCE_H_
#define POLLUX_FUZZ_PROGRAM_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "diff/program.h"
#include "fuzz/random.h"

namespace pollux {

class ProgramSource {
 public:
  explicit ProgramSource(uint64_t seed) : random_(seed), pool_(kPool) {}

  void Next(Program* program);

  // For other choices of the same campaign.
  Random& random() { return random_; }

 private:
  static constexpr size_t kPool = 64;  // programs that mutations start from

  Random random_;
  std::vector<Program> pool_;
};

}  // namespace pollux

#endif  // POLLUX_FUZZ_PROGRAM_SOURCE_H_
