// Runs programs on a subject and on the reference, in lock-step.
//
//   Host host;
//   Oracle oracle(HostProfile(), HostMachine());
//   Lockstep lockstep(&host, &oracle);
//   if (lockstep.Run(program) == Verdict::kDivergence) {
//     ... lockstep.divergence() ...
//   }

#ifndef POLLUX_DIFF_LOCKSTEP_H_
#define POLLUX_DIFF_LOCKSTEP_H_

#include <cstdint>
#include <vector>

#include "core/world.h"
#include "diff/divergence.h"
#include "diff/executor.h"
#include "diff/oracle.h"
#include "diff/program.h"

namespace pollux {

enum class Verdict {
  kSame,
  kDivergence,
  kSkipped,    // the subject cannot run a call of the program (freeze)
  kUndecided,  // the subject did not settle: nothing can be said
};

struct LockstepOptions {
  bool witnesses = true;   // look at poll masks and interest lists, too
  bool can_freeze = true;  // of the subject
};

struct LockstepStats {
  uint64_t programs = 0;  // run to their end, without the skipped ones
  uint64_t calls = 0;
  uint64_t skipped = 0;
  uint64_t undecided = 0;  // of `programs`
};

// What a run leaves behind for those who want to look closer.
struct Recording {
  std::vector<Outcome> outcomes;  // observed, one a call that was made
  World before;                   // the reference before the last of them
  World after;                    // and after it
  std::vector<int> fds;           // the descriptor of each slot at the end
  // What a wait on each open epoll delivers after the end, by the subject and
  // by the reference.
  struct Leftover {
    int epfd = -1;
    std::vector<Event> observed;
    std::vector<Event> expected;
  };
  std::vector<Leftover> leftovers;
};

class Lockstep {
 public:
  // Both must outlive the Lockstep.
  Lockstep(Subject* subject, Oracle* oracle, LockstepOptions options = {})
      : subject_(subject),
        oracle_(oracle),
        options_(options),
        executor_(subject) {}

  // Runs until the end or the first divergence. With `recording`, slowly.
  Verdict Run(const Program& program, Recording* recording = nullptr);

  // Of the last Run that returned kDivergence.
  const Divergence& divergence() const { return divergence_; }
  const LockstepStats& stats() const { return stats_; }

 private:
  // One call and its witnesses. False on a divergence.
  bool Step(const Program& program, size_t call);
  bool CheckWitness(const Program& program, size_t call);
  void Record(const Program& program, Recording* recording);

  Subject* subject_;
  Oracle* oracle_;
  LockstepOptions options_;
  Executor executor_;
  Outcome observed_;
  Witness witness_;
  Divergence divergence_;
  LockstepStats stats_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_LOCKSTEP_H_
