// The oracle: judges what a subject did against the reference.
//
// It follows the reference through the program, call by call, and says of each
// observed outcome whether the reference explains it. A program of one thread
// on synchronous files has exactly one possible state, so the judgement is a
// plain comparison, of everything: value, errno, events in order, masks, data
// words, descriptor numbers.
//
//   oracle.Begin();
//   if (!oracle.Judge(call, observed)) ... oracle.expected() ...
//
// Witnesses are free looks at the state between calls: poll masks and interest
// lists.

#ifndef POLLUX_DIFF_ORACLE_H_
#define POLLUX_DIFF_ORACLE_H_

#include "diff/executor.h"
#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/reference.h"
#include "diff/witness.h"

namespace pollux {

class Oracle {
 public:
  Oracle(const Profile& profile, const Machine& machine)
      : reference_(profile, machine), executor_(&reference_) {}
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  void Begin() { executor_.Begin(); }

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

  const World& world() const { return reference_.world(); }
  const Executor& executor() const { return executor_; }

 private:
  Reference reference_;
  Executor executor_;
  Outcome expected_;
  Witness expected_witness_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_ORACLE_H_
