// Runs programs on a subject and on the reference, in lock-step.
//
//   Host host;
//   Oracle oracle(HostProfile(), HostMachine());
//   Lockstep lockstep(&host, &oracle);
//   if (lockstep.Run(program) == Verdict::kDivergence) {
//     ... lockstep.divergence() ...
//   }
//
// A subject that wants scripts gets them: the reference runs each program once
// more, ahead of the subject, and so finds what to look at. RunAll hands over
// many programs at once.

#ifndef POLLUX_DIFF_LOCKSTEP_H_
#define POLLUX_DIFF_LOCKSTEP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/world.h"
#include "diff/divergence.h"
#include "diff/executor.h"
#include "diff/oracle.h"
#include "diff/program.h"
#include "diff/script.h"

namespace pollux {

enum class Verdict {
  kSame,
  kDivergence,
  kSkipped,  // the subject cannot make a call of the program (freeze)
};

struct LockstepOptions {
  bool witnesses = true;   // look at poll masks and interest lists, too
  bool can_freeze = true;  // else programs that freeze are skipped
};

struct LockstepStats {
  uint64_t programs = 0;  // run to their verdict, without the skipped ones
  uint64_t calls = 0;
  uint64_t skipped = 0;
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

  // Runs them all, and tells of each when it has: `done(index, verdict)`. Only
  // there is divergence() that of the program.
  using Done = std::function<void(size_t, Verdict)>;
  void RunAll(std::span<const Program> programs, const Done& done);

  // The first call of the program that the subject cannot make.
  std::optional<Op> Missing(const Program& program) const;

  // Of the last Run that returned kDivergence.
  const Divergence& divergence() const { return divergence_; }
  const LockstepStats& stats() const { return stats_; }

 private:
  Verdict Walk(const Program& program, Recording* recording);
  // What the subject is to do: the reference's way through the program.
  Script MakeScript(const Program& program);
  // One call and its witnesses. False on a divergence.
  bool Step(const Program& program, size_t call);
  bool CheckWitness(const Program& program, size_t call);
  void Record(const Program& program, Recording* recording);
  // The events of a wait on each of these open epolls, in their order, after
  // the first `calls` calls, by the subject.
  std::vector<std::vector<Event>> SubjectLeftovers(
      const Program& program, size_t calls, const std::vector<int>& epfds);

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
