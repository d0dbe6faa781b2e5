// Coverage of abstract states: what a program makes the reference go through.
//
//   StateCoverage coverage(HostProfile(), HostMachine());
//   std::vector<uint64_t> features;
//   coverage.FeaturesOf(program, &features);
//
// A feature is one kind of outcome of a call, one kind of state of an interest
// list or its items, or one step of an item from one such state to the next,
// without names, numbers, data words or counts that are accidents. Programs that
// have the same features say the same about an epoll. It needs no instrumented
// binary and no subject.

#ifndef POLLUX_DIFF_STATE_COVERAGE_H_
#define POLLUX_DIFF_STATE_COVERAGE_H_

#include <cstdint>
#include <vector>

#include "diff/executor.h"
#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/reference.h"

namespace pollux {

class StateCoverage {
 public:
  StateCoverage(const Profile& profile, const Machine& machine)
      : reference_(profile, machine), executor_(&reference_) {}
  StateCoverage(const StateCoverage&) = delete;
  StateCoverage& operator=(const StateCoverage&) = delete;

  // Runs the program on the reference; sorted, each feature once.
  void FeaturesOf(const Program& program, std::vector<uint64_t>* features);

 private:
  void LookAtEpoll(const Eventpoll& ep, uint64_t op,
                   std::vector<uint64_t>* features);

  Reference reference_;
  Executor executor_;
  Outcome outcome_;
  std::vector<uint64_t> item_states_;  // by index of the item
};

}  // namespace pollux

#endif  // POLLUX_DIFF_STATE_COVERAGE_H_
