// What a fuzzing engine, or a loop without one, runs programs on.

#ifndef POLLUX_FUZZ_TARGET_H_
#define POLLUX_FUZZ_TARGET_H_

#include <cstdint>
#include <string>

#include "core/quirks.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/oracle.h"
#include "diff/program.h"

namespace pollux {

// The host and the reference, from the first program to the last.
class Target {
 public:
  explicit Target(const Profile& profile);

  // Runs the program. True if both agree, or if it was skipped. `witnesses`
  // cost system calls after every call.
  bool Run(const Program& program, bool witnesses);

  // Runs the program again, after Run has returned false, and tells the story.
  std::string Report(const Program& program);

  // "1000 programs, 125 with witnesses, 0 skipped"
  std::string Summary() const;

 private:
  Host host_;
  Oracle oracle_;
  Lockstep plain_;
  Lockstep witnessed_;
  Lockstep* last_ = nullptr;  // the one of the last Run
};

struct TargetFlags {
  Profile profile;  // the host's, with the quirks of --quirk=NAME,...
  bool print_mutator_stats = false;
};

// Takes flags from those arguments that start with "--"; one that is none ends
// the process with exit code 3, as does a machine that cannot run programs.
TargetFlags ParseTargetFlags(int argc, char** argv);

}  // namespace pollux

#endif  // POLLUX_FUZZ_TARGET_H_
