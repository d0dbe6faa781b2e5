// What a fuzzing engine, or a loop without one, runs programs on.

#ifndef POLLUX_FUZZ_TARGET_H_
#define POLLUX_FUZZ_TARGET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/host.h"
#include "diff/investigation.h"
#include "diff/lockstep.h"
#include "diff/mutes.h"
#include "diff/oracle.h"
#include "diff/program.h"

namespace pollux {

// The host and the reference, from the first program to the last.
class Target {
 public:
  explicit Target(const Profile& profile, std::vector<Mute> mutes = {});

  // Runs the program. False if they differ, that is certain, and the bucket of
  // the divergence is not muted. `witnesses` cost system calls after every call.
  bool Run(const Program& program, bool witnesses);

  // Runs the program again, after Run has returned false, and tells the story.
  std::string Report(const Program& program);

  // "1000 programs, 125 with witnesses, 0 skipped, 0 undecided, 0 muted"
  std::string Summary() const;

 private:
  bool IsMuted(const Program& program);

  Host host_;
  Oracle oracle_;
  Lockstep plain_;
  Lockstep witnessed_;
  Investigator investigator_;
  Lockstep* last_ = nullptr;  // the one of the last Run
  const std::vector<Mute> mutes_;
  const std::string today_ = Today();
  uint64_t muted_ = 0;  // programs
};

struct TargetFlags {
  Profile profile;          // the host's, with the quirks of --quirk=NAME,...
  std::vector<Mute> mutes;  // of --mute=FILE
  bool print_mutator_stats = false;
};

// Takes flags from those arguments that start with "--"; one that is none ends
// the process with exit code 3, as does a machine that cannot run programs.
TargetFlags ParseTargetFlags(int argc, char** argv);

}  // namespace pollux

#endif  // POLLUX_FUZZ_TARGET_H_
