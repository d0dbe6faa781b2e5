// Processes that wait for their death: what pidfds of programs refer to.
//
// Each is a task that shares memory and descriptors with this process, so that
// it costs little to start and holds no descriptor open that the program has
// closed. It blocks every signal and dies with the thread that started it.

#ifndef POLLUX_DIFF_PROCESS_H_
#define POLLUX_DIFF_PROCESS_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <vector>

namespace pollux {

class Processes {
 public:
  static constexpr size_t kMost = 4;  // at a time

  // Returns the process's number, or -errno.
  int64_t Start();
  // Kills and reaps whatever is left.
  void Clear();

 private:
  static constexpr size_t kStackBytes = 16384;

  std::vector<pid_t> pids_;
  std::vector<char> stacks_;  // made with the first process
};

}  // namespace pollux

#endif  // POLLUX_DIFF_PROCESS_H_
