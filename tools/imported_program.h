// A program that is made from a log, with calls put in later between earlier
// ones.
//
//   ImportedProgram imported;
//   const int64_t pipe = imported.Emit({Op::kPipe2, {O_NONBLOCK}});
//   imported.Emit({Op::kRead, {pipe, 8}});
//   imported.MakeUp(1, {Op::kWrite, {pipe + 1, 8, 1}});   // before the read
//   imported.Write(&program);
//
// Slot words hold the identities that Emit and MakeUp return.

#ifndef POLLUX_TOOLS_IMPORTED_PROGRAM_H_
#define POLLUX_TOOLS_IMPORTED_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "diff/draft.h"
#include "diff/program.h"

namespace pollux {

class ImportedProgram {
 public:
  // No more than a few calls fit.
  bool full() const {
    return calls_ + 8 >= Program::kMaxCalls || slots_ + 4 >= Program::kMaxSlots;
  }

  // Calls of the log so far: the index of the next one.
  size_t next() const { return emitted_.size(); }
  size_t made_up() const { return made_up_; }

  // Adds a call of the log; returns the identity of what it makes.
  int64_t Emit(const Call& call);

  // Puts in a call that is not in the log, before the `at`-th that is, behind
  // those that were put in there.
  int64_t MakeUp(size_t at, const Call& call);

  // The same, but ahead of the close of `id` that was put in there.
  void MakeUpBeforeClose(size_t at, int64_t id, const Call& call);

  void Write(Program* program) const;

 private:
  DraftCall Identify(const Call& call);

  Draft draft_{Program{}};  // gives identities
  std::vector<DraftCall> emitted_;
  // What was put in before each of them, and behind the last.
  std::vector<std::vector<DraftCall>> before_ =
      std::vector<std::vector<DraftCall>>(1);
  size_t calls_ = 0;
  int slots_ = 0;
  size_t made_up_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_TOOLS_IMPORTED_PROGRAM_H_
