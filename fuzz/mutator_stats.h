// What each mutator brings: new features per use.
//
// A feature is what libFuzzer takes for one: a counter of the instrumented code
// and the power of two that it has reached. The counters are read where the
// compiler puts them (-fsanitize-coverage=inline-8bit-counters); in a binary
// without any, no feature is ever new.

#ifndef POLLUX_FUZZ_MUTATOR_STATS_H_
#define POLLUX_FUZZ_MUTATOR_STATS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/mutator.h"

namespace pollux {

class MutatorStats {
 public:
  // The program that runs next was made by these.
  void Use(MutatorSet mutators) { pending_ = mutators; }

  // A program has run: credits what is new to each that had a part in it.
  void Collect();

  // One line a mutator: uses, new features, new features in 1000 uses.
  std::string Table() const;

 private:
  struct Count {
    uint64_t uses = 0;
    uint64_t features = 0;
  };

  uint64_t CountNewFeatures();

  MutatorSet pending_ = 0;
  std::vector<uint8_t> seen_;  // for each counter, a bit for each power of two
  std::array<Count, 8 * sizeof(MutatorSet)> counts_ = {};
  uint64_t features_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_FUZZ_MUTATOR_STATS_H_
