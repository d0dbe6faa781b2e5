// The call table and its look-ups.

#include "diff/calls.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <climits>

namespace pollux {
namespace {

constexpr ArgInfo Fd(std::string_view name, std::string_view suits = {}) {
  return {ArgKind::kFd, name, nullptr, 0, 0, suits};
}

constexpr ArgInfo Int(std::string_view name, int64_t min, int64_t max) {
  return {ArgKind::kInt, name, nullptr, min, max};
}

// Bits of `required` are always set, bits outside `possible` never.
constexpr ArgInfo Flags(std::string_view name, const SymbolTable& symbols,
                        int64_t required, uint32_t possible) {
  return {ArgKind::kFlags, name, &symbols, required, possible};
}

constexpr ArgInfo Enum(std::string_view name, const SymbolTable& symbols,
                       int64_t min = INT32_MIN, int64_t max = INT32_MAX) {
  return {ArgKind::kEnum, name, &symbols, min, max};
}

// Nothing but one of the symbols.
constexpr ArgInfo Choice(std::string_view name, const SymbolTable& symbols) {
  return {ArgKind::kEnum, name, &symbols, 1, 0};
}

constexpr ArgInfo EventPointer(std::string_view name) {
  return {ArgKind::kEventPointer, name, &kEpollEvents};
}

constexpr ArgInfo Buffer(std::string_view name) {
  return {ArgKind::kBuffer, name, &kEpollEvents};
}

constexpr ArgInfo Timespec(std::string_view name) {
  return {ArgKind::kTimespec, name, &kPointers};
}

constexpr ArgInfo Sigmask(std::string_view name) {
  return {ArgKind::kSigmask, name, &kPointers};
}

constexpr ArgInfo PollFd(std::string_view name) {
  return {ArgKind::kPollFd, name, &kPollEvents, 0, 0, "ep"};
}

constexpr ArgInfo Literal(std::string_view name, int64_t value) {
  return {ArgKind::kLiteral, name, nullptr, value, value};
}

constexpr ArgInfo Place(std::string_view name) {
  return {ArgKind::kPlace, name, &kPointers};
}

constexpr ArgInfo ValueIn(std::string_view name) {
  return {ArgKind::kValueIn, name};
}

constexpr ArgInfo ValueOut(std::string_view name) {
  return {ArgKind::kValueOut, name};
}

constexpr ArgInfo NumberOut(std::string_view name) {
  return {ArgKind::kNumberOut, name};
}

// What a watch may ask for, and one bit that none may.
constexpr uint32_t kInotifyMaskBits =
    IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_DELETE_SELF |
    IN_ONLYDIR | IN_MASK_ADD | IN_MASK_CREATE | IN_ONESHOT | 0x00100000;

// Any type, good or not, and flags.
constexpr uint32_t kSocketTypeBits = 0xf | SOCK_NONBLOCK | SOCK_CLOEXEC | 0x10;

constexpr uint32_t kMessageFlagBits =
    MSG_OOB | MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL;

template <typename... Args>
constexpr CallInfo Entry(Op op, uint8_t opcode, std::string_view name,
                         std::string_view prefix, Makes makes,
                         WhileFrozen while_frozen, int weight,
                         std::string_view doc, Args... args) {
  static_assert(sizeof...(args) <= CallInfo::kMaxArgs);
  return {op,           opcode, name, prefix,    makes,
          while_frozen, weight, doc,  {args...}, sizeof...(args)};
}

constexpr std::array<CallInfo, kOpCount> MakeTable() {
  using enum Makes;
  using enum WhileFrozen;
  return {{
#define CALL(id, ...) Entry(Op::id, __VA_ARGS__),
#include "diff/calls.def"
#undef CALL
  }};
}

constexpr std::array<CallInfo, kOpCount> kTable = MakeTable();

constexpr std::array<Op, 256> MakeOpcodes() {
  std::array<Op, 256> ops = {};
  // An unassigned opcode stands for one of the first 16 calls, always the same.
  for (int i = 0; i < 256; ++i) ops[i] = static_cast<Op>(i % 16);
  for (const CallInfo& call : kTable) ops[call.opcode] = call.op;
  return ops;
}

constexpr std::array<Op, 256> kOpcodes = MakeOpcodes();

// The symbol of that value, or some symbol.
int64_t Chosen(const SymbolTable& symbols, int64_t word) {
  for (const Symbol& symbol : symbols) {
    if (symbol.value == word) return word;
  }
  const uint64_t at = static_cast<uint64_t>(word) % symbols.count;
  return symbols.begin()[at].value;
}

}  // namespace

const CallInfo& Describe(Op op) { return kTable[static_cast<size_t>(op)]; }

const std::array<CallInfo, kOpCount>& AllCalls() { return kTable; }

std::optional<Op> FindCall(std::string_view name) {
  for (const CallInfo& call : kTable) {
    if (call.name == name) return call.op;
  }
  return std::nullopt;
}

Op OpOfOpcode(uint8_t opcode) { return kOpcodes[opcode]; }

bool SuitsPrefix(const ArgInfo& arg, std::string_view prefix) {
  std::string_view rest = arg.suits;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == prefix) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

int64_t Admissible(const ArgInfo& arg, int64_t word) {
  switch (arg.kind) {
    case ArgKind::kInt:
    case ArgKind::kEnum: {
      if (arg.min > arg.max) return Chosen(*arg.symbols, word);
      if (word >= arg.min && word <= arg.max) return word;
      const uint64_t range = static_cast<uint64_t>(arg.max - arg.min) + 1;
      return arg.min +
             static_cast<int64_t>(static_cast<uint64_t>(word) % range);
    }
    case ArgKind::kFlags:
      return (word & arg.max) | arg.min;
    case ArgKind::kBuffer:
      if (word >= kPartialPointer && SlotsOf(word) < kMostPartialSlots) {
        return word;
      }
      if (word == kOddPointer) return word;
      return word >= 0 && word <= kReadOnlyPointer ? word : kGoodPointer;
    case ArgKind::kEventPointer:
      if (word == kHalfPointer || word == kOddPointer) return word;
      return word >= 0 && word <= kKernelPointer ? word : kGoodPointer;
    case ArgKind::kTimespec:
    case ArgKind::kSigmask:
    case ArgKind::kPlace:
      return word >= 0 && word <= kKernelPointer ? word : kGoodPointer;
    default:
      return word;
  }
}

}  // namespace pollux
