// The mutators for engines, whose inputs are bytes.

#ifndef POLLUX_FUZZ_WIRE_MUTATOR_H_
#define POLLUX_FUZZ_WIRE_MUTATOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "diff/program.h"
#include "fuzz/mutator.h"

namespace pollux {

// Each function answers with a span that holds until the next is called.
class WireMutator {
 public:
  using Bytes = std::span<const uint8_t>;

  // A program like that of `bytes`; sometimes a new one, always if there is
  // nothing to start from.
  Bytes Mutate(uint64_t seed, Bytes bytes);
  // A program made of two.
  Bytes Cross(uint64_t seed, Bytes a, Bytes b);
  // The same program as it would be encoded.
  Bytes Canonical(Bytes bytes);

  // What the last Mutate or Cross used.
  MutatorSet used() const { return used_; }

 private:
  Bytes Encode(const Program& program);

  Program program_;
  Program other_;
  Program crossed_;
  std::vector<uint8_t> bytes_;
  MutatorSet used_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_FUZZ_WIRE_MUTATOR_H_
