// Scripts: whole programs for subjects that run them by themselves.
//
// A subject in another kernel cannot be asked call by call: each question would
// cost a round trip. Before it runs, the reference runs the program and so
// tells which looks at the state are worth taking after each call; program and
// looks make a script. What the subject saw comes back as a Playback, of as
// many calls as it made.

#ifndef POLLUX_DIFF_SCRIPT_H_
#define POLLUX_DIFF_SCRIPT_H_

#include <string>
#include <vector>

#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/subject.h"
#include "diff/witness.h"

namespace pollux {

struct Script {
  Program program;
  std::vector<Witness> looks;  // questions only: one a call, or none
};

// What came of one call of a script.
struct Step {
  Outcome outcome;
  Witness witness;
};

struct Playback {
  std::vector<Step> steps;  // up to the end, or the call that went wrong
  Fault fault = Fault::kNone;
  std::string story;  // of the fault, for people
};

}  // namespace pollux

#endif  // POLLUX_DIFF_SCRIPT_H_
