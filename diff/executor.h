// Runs the calls of a program, one by one, on a subject.
//
//   Executor executor(&subject);
//   executor.Begin();
//   for (const Call& call : program.calls) executor.Execute(call, &outcome);
//   executor.End();

#ifndef POLLUX_DIFF_EXECUTOR_H_
#define POLLUX_DIFF_EXECUTOR_H_

#include <vector>

#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/subject.h"

namespace pollux {

class Executor {
 public:
  // `subject` must outlive the executor.
  explicit Executor(Subject* subject) : subject_(subject) {}

  void Begin();
  void Execute(const Call& call, Outcome* outcome);
  void End();

  // Has the call that makes this slot been made?
  bool HasSlot(int64_t slot) const {
    return slot < static_cast<int64_t>(fds_.size());
  }
  // The descriptor that a slot stands for, or -1.
  int FdOf(int64_t slot) const { return slot < 0 ? -1 : fds_[slot]; }

 private:
  // Sets the outcome's result, and notes which file each descriptor is.
  void NoteResult(const Call& call, int64_t result, Outcome* outcome);
  // Keeps the value that was read if it means something.
  void NoteValue(const Call& resolved, Outcome* outcome);
  bool IsCounter(int fd) const;

  Subject* subject_;
  std::vector<int> fds_;        // by slot
  std::vector<bool> counters_;  // by descriptor: is an eventfd behind it?
};

}  // namespace pollux

#endif  // POLLUX_DIFF_EXECUTOR_H_
