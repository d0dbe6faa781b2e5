// Programs: finite lists of calls on named resources.
//
// A program never holds a descriptor number. Each call that makes descriptors
// gives them the next free *slots*, 0, 1, 2, ... in program order, and later
// calls refer to slots, so that a program means the same everywhere. A slot
// keeps its number after close(2), like a variable of a C program: the number
// may since mean nothing, or another file.
//
//   Program p;
//   p.calls.push_back({Op::kPipe2, {O_NONBLOCK}});       // slots 0 and 1
//   p.calls.push_back({Op::kWrite, {1, 3, 1}});          // write(p0.w, 3)
//
// Text (text_format.h) and bytes (wire_format.h) are two notations of this.

#ifndef POLLUX_DIFF_PROGRAM_H_
#define POLLUX_DIFF_PROGRAM_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "diff/calls.h"

namespace pollux {

struct Call {
  static constexpr int kMaxWords = 8;

  Op op = Op{};
  // As the call table says; unused words are 0.
  std::array<int64_t, kMaxWords> args = {};

  bool operator==(const Call&) const = default;
};

struct Program {
  // Bounds of every program, whatever notation it came in.
  static constexpr size_t kMaxCalls = 1024;
  static constexpr int kMaxSlots = 256;

  std::vector<Call> calls;
  // The author's names of what the makers of `calls` make, in order; empty for
  // the canonical p0, ep0, ... Only text programs have them.
  std::vector<std::string> names;

  bool operator==(const Program& other) const { return calls == other.calls; }
};

// Descriptors that the program makes.
int CountSlots(const Program& program);

// Calls `visit(word, argument)` for each word of `call` that names a slot, with
// the index of its argument.
template <typename CallT, typename Visit>
void ForEachSlotWord(CallT& call, Visit visit) {
  int at = 0;
  size_t argument = 0;
  for (const ArgInfo& arg : Describe(call.op)) {
    const bool slot = arg.kind == ArgKind::kFd || arg.kind == ArgKind::kPollFd;
    if (slot) visit(call.args[at], argument);
    at += WordsOf(arg.kind);
    ++argument;
  }
}

// Appends calls so that the result is a well-formed program, whatever they are:
// slots exist, words are admissible, bounds hold, and a frozen scan is thawed
// before any call that would wait for it, and at the end.
//
//   ProgramBuilder builder(&program);
//   for (...) builder.Append(call);
//   builder.Finish();
class ProgramBuilder {
 public:
  // Clears `program`, which must outlive the builder.
  explicit ProgramBuilder(Program* program);

  // False, with nothing appended, once the program is full.
  bool Append(Call call);
  void Finish();

  // Slots made so far.
  int slots() const { return slots_; }
  bool frozen() const { return frozen_; }

 private:
  void Thaw();
  // Would the call wait for the mutex of the frozen epoll, or might it? A child
  // or a message may hold a description last, and then any call may release it.
  bool Waits(const CallInfo& call) const {
    return holds_ || call.while_frozen == WhileFrozen::kThaws;
  }

  Program* program_;
  int slots_ = 0;
  bool frozen_ = false;
  bool holds_ = false;  // a fork or a send_fd came before
};

}  // namespace pollux

#endif  // POLLUX_DIFF_PROGRAM_H_
