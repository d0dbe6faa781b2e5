// Makes random calls that mostly mean something.
//
//   Random random(seed);
//   Program program;
//   GenerateProgram(random, /*max_calls=*/30, &program);
//
// Which call comes next is drawn by the weights of the call table. A descriptor
// is mostly one that suits the call (an epoll to wait on, a write end to write
// to), and now and then any.

#ifndef POLLUX_FUZZ_GENERATOR_H_
#define POLLUX_FUZZ_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "diff/program.h"
#include "fuzz/random.h"

namespace pollux {

// What a slot was when it was made.
struct SlotKind {
  Op maker = Op{};  // of a dup: that of the original
  bool reads = false;
  bool writes = false;

  // Hints of a rehearsal (rehearsal.h) about the state after the last call.
  static constexpr int64_t kWatchable = 64;
  bool has_data = false;
  bool has_room = false;
  uint64_t watches = 0;  // of an epoll: a bit for each slot that it was given

  // The prefix of the maker: "ep", "p", ...
  std::string_view prefix() const { return Describe(maker).prefix; }
};

// The kinds of what `call` makes, given those of the slots before it; appended.
void AppendKinds(const Call& call, std::vector<SlotKind>* kinds);

// A random call for a program whose slots so far are of these kinds.
Call GenerateCall(Random& random, const std::vector<SlotKind>& kinds);

// New arguments for the call: all of them, or only the `argument`-th.
void GenerateArguments(Random& random, const std::vector<SlotKind>& kinds,
                       Call* call);
void GenerateArgument(Random& random, const std::vector<SlotKind>& kinds,
                      size_t argument, Call* call);

// A slot that suits the argument of the call, or now and then any or none.
int64_t GenerateSlot(Random& random, const std::vector<SlotKind>& kinds, Op op,
                     size_t argument);

// A few calls that belong together: an epoll around another, a frozen scan with
// wake-ups in it, two files in one epoll, a pipe filled and read. Slots that
// they make follow those of `kinds`.
std::vector<Call> GenerateSnippet(Random& random, std::vector<SlotKind> kinds);

// A whole program of 4 to `max_calls` calls.
void GenerateProgram(Random& random, size_t max_calls, Program* program);

}  // namespace pollux

#endif  // POLLUX_FUZZ_GENERATOR_H_
