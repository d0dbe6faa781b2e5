// A child process with pipes on its standard input and output.

#ifndef POLLUX_DIFF_CHILD_H_
#define POLLUX_DIFF_CHILD_H_

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>

namespace pollux {

class Child {
 public:
  Child() = default;
  // Kills the child and all that it started.
  ~Child() { Stop(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Runs `command` with /bin/sh, in a process group of its own. False, with
  // errno, if that cannot be.
  bool Start(const std::string& command);

  // Kills the process group; the story of the end is known then.
  void Stop();
  bool running() const { return pid_ > 0; }

  int in() const { return in_; }    // to write to; non-blocking
  int out() const { return out_; }  // to read from; non-blocking

  // Waits a moment for the child to end by itself, then stops it. "exited with
  // 3", "was killed by signal 6", with the last lines of its standard error.
  std::string Story();

 private:
  std::string LastWords() const;
  void CloseAll();

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;  // a file in memory
};

}  // namespace pollux

#endif  // POLLUX_DIFF_CHILD_H_
