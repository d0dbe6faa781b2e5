// Running commands and compilers from tests.

#ifndef POLLUX_TESTS_SHELL_TESTING_H_
#define POLLUX_TESTS_SHELL_TESTING_H_

#include <string>
#include <vector>

namespace pollux {

struct Ran {
  int code = -1;       // 128 if a signal ended it
  std::string output;  // standard output and error
};

Ran Shell(const std::string& command);

// The C compilers that are installed, gcc and clang, each with the warnings,
// as errors, that exported C must not give.
std::vector<std::string> Compilers();

}  // namespace pollux

#endif  // POLLUX_TESTS_SHELL_TESTING_H_
