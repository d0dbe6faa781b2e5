// What tests of diff/ share: random programs, a judge of their form, and text
// programs without ceremony.

#ifndef POLLUX_TESTS_PROGRAM_TESTING_H_
#define POLLUX_TESTS_PROGRAM_TESTING_H_

#include <random>
#include <string>
#include <string_view>

#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/text_format.h"

namespace pollux {

struct RandomProgramOptions {
  int calls = 60;
  bool freeze = true;
  // How often, of a hundred waits, one may sleep for its timeout.
  int sleeps_percent = 0;
};

// A well-formed program in which most calls are sensible. Depends on `random`
// and the call table only.
Program RandomProgram(std::mt19937_64& random, RandomProgramOptions options);

// Why `program` is not well-formed, or an empty string.
std::string FaultIn(const Program& program);

// The program of a text that has no errors; else the test fails.
Trace MustParse(std::string_view text);

// One line that shows all of an outcome.
std::string ToString(const Outcome& outcome);

}  // namespace pollux

#endif  // POLLUX_TESTS_PROGRAM_TESTING_H_
