// Programs from what a real program did.
//
//   strace -f -o LOG SERVER;  pollux import LOG -o server.ep
//
// The processes of the log become one program of one thread: each has a table
// of descriptors, which a fork copies with dup and an exit closes. What peers
// outside of the log must have done is put in before the wait that told of it:
// a connection that was accepted needs one who connects, bytes that were read
// need one who sends them, an end of file needs one who closes. Such calls are
// counted as made up. What the log does not tell (when a peer read), and what
// programs cannot say, is left out and counted.

#ifndef POLLUX_TOOLS_STRACE_IMPORT_H_
#define POLLUX_TOOLS_STRACE_IMPORT_H_

#include <cstddef>
#include <map>
#include <string>

#include "diff/program.h"
#include "tools/strace_log.h"

namespace pollux {

struct ImportResult {
  Program program;
  size_t imported = 0;      // calls of the log that are in the program
  size_t made_up = 0;       // calls in the program that are not in the log
  size_t elsewhere = 0;     // calls of the log on files that stayed outside
  size_t beyond = 0;        // calls behind the most that a program can hold
  uint64_t peer_bytes = 0;  // sent to peers outside, who are not seen to read
  std::map<std::string, size_t> left_out;  // by name of the system call
};

ImportResult ImportStrace(const StraceLog& log);

}  // namespace pollux

#endif  // POLLUX_TOOLS_STRACE_IMPORT_H_
