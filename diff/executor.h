// Runs the calls of a program, one by one, on a subject.
//
//   Executor executor(&subject);
//   executor.Begin();
//   for (const Call& call : program.calls) executor.Execute(call, &outcome);
//   executor.End();
//
// A call for a thread that is asleep in an earlier one is skipped. After each
// call of a program with threads, the outcome is complete when every thread is
// idle or asleep again.

#ifndef POLLUX_DIFF_EXECUTOR_H_
#define POLLUX_DIFF_EXECUTOR_H_

#include <array>
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

  // In which call `thread` is asleep, if it is.
  bool IsAsleep(int thread) const { return asleep_ >> thread & 1; }
  Op CallOf(int thread) const { return call_of_[thread]; }
  // It has returned, as somebody else has seen.
  void NoteReturned(int thread) { asleep_ &= ~(1u << thread); }

  // The subject did not settle: what the last outcome says of threads is not
  // all.
  bool undecided() const { return undecided_; }

 private:
  // In a program with threads: makes the call and lets all threads settle.
  int64_t ExecuteAndSettle(const Call& resolved, Outcome* outcome);
  // Sets the outcome's result, and notes which file each descriptor is.
  void NoteResult(const Call& call, int64_t result, Outcome* outcome);
  // Keeps the value that was read if it means something.
  void NoteValue(const Call& resolved, Outcome* outcome);
  bool IsCounter(int fd) const;

  Subject* subject_;
  std::vector<int> fds_;        // by slot
  std::vector<bool> counters_;  // by descriptor: is an eventfd behind it?
  bool threaded_ = false;       // there may be other threads than thread 0
  bool undecided_ = false;
  uint32_t asleep_ = 0;                       // a bit for each thread
  std::array<Op, kMaxThreads> call_of_ = {};  // of those that are asleep
  Settlement settlement_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_EXECUTOR_H_
