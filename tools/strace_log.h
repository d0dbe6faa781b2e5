// Logs of strace, as a list of system calls.
//
//   strace -f -o LOG PROGRAM
//
// A line is `[PID] [TIME] NAME(ARGUMENTS) = RESULT`. A call that is interrupted
// by one of another thread is written in two parts (`<unfinished ...>` and
// `<... NAME resumed>`), which are put together where it ends: calls stand in
// the order in which they returned.

#ifndef POLLUX_TOOLS_STRACE_LOG_H_
#define POLLUX_TOOLS_STRACE_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pollux {

struct StraceCall {
  int line = 0;  // of its end
  int pid = 0;   // of the thread; 0 if the log names none
  // Of the call; "+++" for the end of a thread, "fork?" for the beginning of a
  // call that may make a process (its end follows).
  std::string name;
  std::vector<std::string> args;
  int64_t result = 0;  // negative: failed
  std::string error;   // "EAGAIN"
};

struct StraceLog {
  std::vector<StraceCall> calls;
  int bad_lines = 0;  // that are none of the above
  int first_bad_line = 0;
};

StraceLog ParseStraceLog(std::string_view text);

// The number that `text` starts with, decimal or 0x; 0 if there is none.
int64_t StraceNumber(std::string_view text);

// The value of `field` in "{events=EPOLLIN, data={u32=4, u64=4}}", or "".
std::string_view StraceField(std::string_view text, std::string_view field);

}  // namespace pollux

#endif  // POLLUX_TOOLS_STRACE_LOG_H_
