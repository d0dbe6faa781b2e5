// Processes that wait for their death: what pidfds of programs refer to.
//
// Each is a task that shares memory with this process, so that it costs little
// to start. It blocks every signal and dies with the thread that started it.
// One that shares the descriptors, too, holds none open that the program has
// closed; one that has copies of them makes calls when it is told to.

#ifndef POLLUX_DIFF_PROCESS_H_
#define POLLUX_DIFF_PROCESS_H_

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

namespace pollux {

// One system call for a child to make.
struct ChildCall {
  enum State : uint32_t { kIdle, kAsked, kDone };
  std::atomic<uint32_t> state = kIdle;  // a futex
  int64_t number = 0;                   // of the system call
  std::array<int64_t, 4> args = {};
  int64_t result = 0;  // a value, or -errno
};

class Processes {
 public:
  static constexpr size_t kMost = 4;  // at a time

  enum class Descriptors { kShared, kCopied };

  // Returns the process's number, or -errno.
  int64_t Start(Descriptors descriptors);
  // Lets a process make a call and returns its result. ESRCH: it is none of
  // ours, or dead, or shares the descriptors.
  int64_t Call(pid_t pid, int64_t number, const std::array<int64_t, 4>& args);
  // Kills and reaps whatever is left.
  void Clear();

 private:
  static constexpr size_t kStackBytes = 16384;

  struct Process {
    pid_t pid;
    Descriptors descriptors;
  };

  std::vector<Process> processes_;
  std::vector<char> stacks_;  // made with the first process
  std::array<ChildCall, kMost> calls_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_PROCESS_H_
