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
  kHang,          // the call had to be interrupted
  kCrash,         // the subject died in the call
  kProtocol,      // the subject answered nonsense
};

struct Divergence {
  DivergenceClass kind = DivergenceClass::kOutcome;
  size_t call = 0;  // index into Program::calls
  // Of kCrash and kProtocol there is no `observed`.
  Outcome observed;
  Outcome expected;
  std::string story;  // how the subject died, or what it said; may be empty
  // kPollMask and kInterestList.
  Witness observed_witness;
  Witness expected_witness;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_DIVERGENCE_H_
