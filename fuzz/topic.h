// What a fuzz target is about: how it makes programs and how it changes them.
//
//   WireMutator mutator(kWaitersTopic);

#ifndef POLLUX_FUZZ_TOPIC_H_
#define POLLUX_FUZZ_TOPIC_H_

#include <cstddef>

#include "diff/program.h"
#include "fuzz/generator.h"
#include "fuzz/mutator.h"
#include "fuzz/random.h"

namespace pollux {

struct Topic {
  void (*generate)(Random& random, size_t max_calls, Program* program);
  // Returns which mutators it used.
  MutatorSet (*mutate)(Random& random, Program* program);
};

// Programs of one thread, about everything.
inline constexpr Topic kAnyTopic = {GenerateProgram, MutateProgram};

// Programs whose threads sleep in waits, and what wakes them, or should not.
extern const Topic kWaitersTopic;

}  // namespace pollux

#endif  // POLLUX_FUZZ_TOPIC_H_
