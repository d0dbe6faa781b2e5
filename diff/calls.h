// The call table: what a program can do.
//
// calls.def has one entry a call; parser, printer, wire format, generator,
// executor and `pollux calls` read it. A call's arguments are stored as 64-bit
// words; an argument takes WordsOf(kind) of them, in order.

#ifndef POLLUX_DIFF_CALLS_H_
#define POLLUX_DIFF_CALLS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "diff/symbols.h"

namespace pollux {

enum class Op : uint8_t {
#define CALL(id, ...) id,
#include "diff/calls.def"
#undef CALL
};

inline constexpr size_t kOpCount = 0
#define CALL(...) +1
#include "diff/calls.def"
#undef CALL
    ;

// The most bytes that one read or write moves: more than fills any pipe or
// socket buffer of default size.
inline constexpr int64_t kMaxIo = 1 << 18;

// As a word of ArgKind::kFd: -1, a number that is never open.
inline constexpr int64_t kNoFd = -1;

// Where a pointer points: the first word of ArgKind::kEventPointer and
// kTimespec, and the word of kPointer and kBuffer.
enum Pointer : int64_t {
  kGoodPointer = 0,
  kNullPointer = 1,
  kUnmappedPointer = 2,  // to where nothing is mapped
  kKernelPointer = 3,    // beyond what user space can have
  kReadOnlyPointer = 4,  // to memory that cannot be written; buffers only
  kHalfPointer = 5,      // of which the second half is not mapped; events only
  kOddPointer = 6,       // a good one at an odd address
  // A buffer of which only so many slots can be written, added to this.
  kPartialPointer = 16,
  // The same, and the mask of the slot behind them.
  kCutPointer = 128,
};
inline constexpr int64_t kMostPartialSlots = 64;

// Can what is there be read, or written, in full?
constexpr bool IsGood(int64_t pointer) {
  return pointer == kGoodPointer || pointer == kOddPointer;
}

// Slots of a buffer that can be written, where that is not all: 0 of a bad one.
constexpr uint32_t SlotsOf(int64_t pointer) {
  if (pointer >= kCutPointer) {
    return static_cast<uint32_t>(pointer - kCutPointer);
  }
  return pointer >= kPartialPointer
             ? static_cast<uint32_t>(pointer - kPartialPointer)
             : 0;
}

enum class ArgKind : uint8_t {
  kFd,     // p0.r, or -1. The word: a slot, or kNoFd
  kInt,    // a decimal number
  kFlags,  // symbols joined by |, or a number
  kEnum,   // one symbol, or a number
  // {events=EPOLLIN, data=7}, the same @odd, or NULL: pointer, events, data
  kEventPointer,
  // [...], [...]@2, [...]@2+4, [...]@odd or NULL; in an outcome, the events
  // delivered
  kBuffer,
  kTimespec,   // {tv_sec=0, tv_nsec=5} or NULL: pointer, seconds, nanoseconds
  kSigmask,    // [] or NULL: the empty set of signals
  kPollFd,     // [{fd=p0.r, events=POLLIN}]: slot, events; has an outcome
  kLiteral,    // a number that is always the same; no word
  kPlace,      // argp=NULL, or nothing for a good pointer
  kValueIn,    // value=5, or nothing for 1
  kValueOut,   // value=5 in an outcome; no word
  kNumberOut,  // [...], or [5] in an outcome; no word
};

// 64-bit words that an argument of this kind takes in Call::args.
constexpr int WordsOf(ArgKind kind) {
  switch (kind) {
    case ArgKind::kEventPointer:
    case ArgKind::kTimespec:
      return 3;
    case ArgKind::kPollFd:
      return 2;
    case ArgKind::kLiteral:
    case ArgKind::kValueOut:
    case ArgKind::kNumberOut:
      return 0;
    default:
      return 1;
  }
}

struct ArgInfo {
  ArgKind kind = ArgKind::kInt;
  std::string_view name;
  const SymbolTable* symbols = nullptr;
  // kInt, kEnum: the range; that of a kEnum whose min exceeds its max is its
  // symbols. kFlags: bits that must be and bits that may be
  // set. kLiteral: min is the value.
  int64_t min = 0;
  int64_t max = 0;
  // kFd, kPollFd: on what the call makes sense, for generators: prefixes of
  // makers ("ep", "p f"), kReadable or kWritable. Empty: on anything.
  std::string_view suits = {};
};

// As ArgInfo::suits.
inline constexpr std::string_view kReadable = "<";
inline constexpr std::string_view kWritable = ">";

enum class Makes : uint8_t { kNothing, kOne, kReadWrite, kTwins };
enum class WhileFrozen : uint8_t { kRuns, kThaws };

struct CallInfo {
  static constexpr size_t kMaxArgs = 6;

  Op op = Op{};
  uint8_t opcode = 0;
  std::string_view name;
  std::string_view prefix;
  Makes makes = Makes::kNothing;
  WhileFrozen while_frozen = WhileFrozen::kRuns;
  int weight = 0;
  std::string_view doc;
  std::array<ArgInfo, kMaxArgs> arg_storage = {};
  uint8_t arg_count = 0;

  const ArgInfo* begin() const { return arg_storage.data(); }
  const ArgInfo* end() const { return arg_storage.data() + arg_count; }

  // Descriptors made: 0, 1 or 2.
  int slots_made() const {
    return makes == Makes::kNothing ? 0 : makes == Makes::kOne ? 1 : 2;
  }
};

const CallInfo& Describe(Op op);
const std::array<CallInfo, kOpCount>& AllCalls();

// The call of that name, or nothing.
std::optional<Op> FindCall(std::string_view name);

// The call of a wire opcode; an unassigned one stands for some call, too.
Op OpOfOpcode(uint8_t opcode);

// Is `prefix` among those that `arg` suits? False for kReadable and kWritable.
bool SuitsPrefix(const ArgInfo& arg, std::string_view prefix);

// The word nearest in meaning to `word` that the argument may have, for kInt,
// kFlags, kEnum and where a pointer points. A word is valid if it is its own.
int64_t Admissible(const ArgInfo& arg, int64_t word);

}  // namespace pollux

#endif  // POLLUX_DIFF_CALLS_H_
