// Mutators and crossover on programs.
//
// Slots are renumbered when a call that makes some is moved, added or dropped:
// a reference keeps meaning what it meant, and one whose maker is gone is given
// another slot that suits.

#ifndef POLLUX_FUZZ_MUTATOR_H_
#define POLLUX_FUZZ_MUTATOR_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "diff/program.h"
#include "fuzz/random.h"

namespace pollux {

// Neither makes programs longer than this many calls, not counting thaws.
inline constexpr size_t kMostCalls = 60;

// What is told of a mutator.
struct MutatorInfo {
  std::string_view name;
  std::string_view doc;
};

// All mutators and crossovers; the first stands for GenerateProgram.
std::span<const MutatorInfo> AllMutators();

// Mutators that had a part in a program: bit i is that of AllMutators()[i].
using MutatorSet = uint32_t;
inline constexpr MutatorSet kFreshProgram = 1;

// "insert+retarget"
std::string NamesOf(MutatorSet mutators);

// Changes the program a little: a call inserted, dropped, repeated, moved,
// retargeted, or one argument redrawn; one change or a few.
MutatorSet MutateProgram(Random& random, Program* program);

// A program that begins like `a` and goes on like `b`, or has runs of `b`
// between the calls of `a`, or a file of `b` with all that is done to it.
MutatorSet CrossOver(Random& random, const Program& a, const Program& b,
                     Program* out);

}  // namespace pollux

#endif  // POLLUX_FUZZ_MUTATOR_H_
