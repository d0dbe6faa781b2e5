// The oracle: judges what a subject did against the reference.
//
// It follows the reference through the program, call by call, and says of each
// observed outcome whether the reference explains it. A program of one thread
// on synchronous files has exactly one possible state, so the judgement is a
// plain comparison, of everything: value, errno, events in order, masks, data
// words, descriptor numbers.
//
// With threads there may be several states: who of the woken ones ran first,
// and whose timer had fired already? From the first call on that knows of
// threads, the oracle follows all of them, and drops those that an outcome rules
// out. An outcome is explained as long as one state is left.
//
//   oracle.Begin();
//   if (!oracle.Judge(call, observed)) ... oracle.expected() ...
//
// Witnesses are free looks at the state between calls: poll masks and interest
// lists.

#ifndef POLLUX_DIFF_ORACLE_H_
#define POLLUX_DIFF_ORACLE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "diff/executor.h"
#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/reference.h"

namespace pollux {

// The interest list of one epoll.
struct Interest {
  int epfd = -1;
  std::vector<InterestLine> lines;
};

// What was seen of the open files between two calls.
struct Witness {
  std::vector<PollQuery> polls;
  // Those in use; the storage keeps its memory.
  std::span<Interest> interests() { return {storage.data(), used}; }
  std::span<const Interest> interests() const { return {storage.data(), used}; }

  std::vector<Interest> storage;
  size_t used = 0;

  // Asks `subject` for everything that is named here.
  void Ask(Subject* subject);
};

// Are the interest lists the same? Both name the same epolls.
bool SameInterests(const Witness& a, const Witness& b);

struct OracleStats {
  uint64_t steps = 0;   // calls judged in programs with threads
  uint64_t states = 0;  // sum of how many states were left after each
  size_t most_states = 0;
};

class Oracle {
 public:
  Oracle(const Profile& profile, const Machine& machine)
      : reference_(profile, machine), executor_(&reference_) {}
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  void Begin();

  // Makes the call in the reference. True if `observed` is its outcome.
  bool Judge(const Call& call, const Outcome& observed);

  // What the reference gave for the last call judged.
  const Outcome& expected() const { return expected_; }

  // Names in `witness` what is worth a look after `call` and can be looked at
  // without changing what the rest of the program will see. A pipe that nobody
  // has polled yet and an epoll notice that they are polled, so these wait
  // until the program has ended (`last`); an interest list is looked at after
  // calls that may change it, and at the end. While a scan is frozen, nothing
  // can be.
  void PlanWitness(const Call& call, bool last, Witness* witness) const;

  // True if the reference explains it; else expected_witness() differs.
  bool JudgeWitness(const Witness& observed);
  const Witness& expected_witness() const { return expected_witness_; }

  // One state that is possible now.
  const World& world() const {
    return threaded_ ? worlds_.front() : reference_.world();
  }
  const Executor& executor() const { return executor_; }

  // There were too many states to follow, or one that the reference cannot
  // follow: the program cannot be judged.
  bool undecided() const { return undecided_; }
  const OracleStats& stats() const { return stats_; }

 private:
  // A call of a program with threads, while it is being judged.
  struct Step {
    const Call* call;
    const Outcome* observed;
    Outcome own;  // of `observed`, what the call itself gave
  };

  bool AskReference(const Witness& observed);
  bool JudgeThreads(const Call& call, const Outcome& observed);
  // Follows `world` to all ends of the step; those that are as observed go to
  // next_. `called`: the call has been made.
  void Follow(const Step& step, World world, bool called);
  // Makes the call in `world`. False if its outcome is not the observed one.
  bool MakeCall(const Step& step, World* world);
  // Lets `thread` run. False if it returns something else than observed.
  bool Run(const Step& step, World* world, int thread);
  // Has `thread`, which has returned, returned as observed?
  bool ReturnedAsObserved(const Step& step, const World& world,
                          int thread) const;
  // Is that all that was observed? Everything runs or sleeps again.
  bool IsAsObserved(const Step& step, const World& world) const;
  void Keep(World world);
  // What the first state gives, for a report.
  void Expect(const Call& call);

  Reference reference_;
  Executor executor_;
  bool threaded_ = false;
  bool undecided_ = false;
  std::vector<World> worlds_;  // the possible states
  std::vector<World> next_;    // after the call that is being judged
  std::vector<uint64_t> next_hashes_;
  size_t nodes_ = 0;  // of the search for them
  std::optional<Executor> before_;
  std::optional<Executor> after_;
  OracleStats stats_;
  Outcome expected_;
  Witness expected_witness_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_ORACLE_H_
