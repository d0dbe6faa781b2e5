// Runs the calls of a program, one by one, on whatever answers system calls.
//
//   Executor executor(&syscalls);
//   executor.Begin();
//   for (const Call& call : program.calls) executor.Execute(call, &outcome);
//   executor.End();

#ifndef POLLUX_DIFF_EXECUTOR_H_
#define POLLUX_DIFF_EXECUTOR_H_

#include <vector>

#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/syscalls.h"

namespace pollux {

class Executor {
 public:
  // `syscalls` must outlive the executor.
  explicit Executor(Syscalls* syscalls) : syscalls_(syscalls) {}

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
  // Makes the call. Returns its result; fills the other parts of the outcome.
  int64_t Dispatch(const Call& call, Outcome* outcome);

  // Notes the files that a call has put behind descriptors.
  void NoteFiles(const Call& call, const Outcome& outcome);
  bool IsCounter(int fd) const;

  Syscalls* syscalls_;
  std::vector<int> fds_;        // by slot
  std::vector<bool> counters_;  // by descriptor: is an eventfd behind it?
};

}  // namespace pollux

#endif  // POLLUX_DIFF_EXECUTOR_H_
