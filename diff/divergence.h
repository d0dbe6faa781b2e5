// Divergences: the first call of a program that the reference does not explain.

#ifndef POLLUX_DIFF_DIVERGENCE_H_
#define POLLUX_DIFF_DIVERGENCE_H_

#include <cstddef>
#include <string>

#include "diff/oracle.h"
#include "diff/outcome.h"

namespace pollux {

enum class DivergenceClass {
  kOutcome,       // the call returned something else
  kPollMask,      // a file's poll mask differs after the call
  kInterestList,  // an epoll's fdinfo differs after the call
  kHang,          // the call had to be interrupted, or a thread sleeps on
};

struct Divergence {
  DivergenceClass kind = DivergenceClass::kOutcome;
  size_t call = 0;  // index into Program::calls
  // kOutcome and kHang.
  Outcome observed;
  Outcome expected;
  std::string whereabouts;  // of a thread that sleeps on
  // kPollMask and kInterestList.
  Witness observed_witness;
  Witness expected_witness;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_DIVERGENCE_H_
