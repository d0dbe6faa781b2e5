// Minimiser: the smallest program that still shows the same divergence.
//
// Delta debugging over a probe, which says whether a program still shows what
// is to be kept, whoever the subject is. First whole chunks of calls go, with
// everything that used what they made, then single calls, then what arguments
// ask for: bits of masks and flags one by one, counts, timeouts, data words.
// The same input gives the same tries in the same order.

#ifndef POLLUX_DIFF_MINIMIZER_H_
#define POLLUX_DIFF_MINIMIZER_H_

#include <cstddef>
#include <functional>
#include <optional>

#include "diff/program.h"

namespace pollux {

// The index of the call at which the program shows what is to be kept, or
// nothing if it does not.
using Probe = std::function<std::optional<size_t>(const Program&)>;

struct MinimizeOptions {
  double seconds = 10;  // then the best so far has to do
  int reruns = 5;       // of the result, which must show it every time
};

struct Minimized {
  Program program;
  size_t call = 0;  // where it shows
  size_t tries = 0;
  // Every single deletion and simplification was tried in vain; false if time
  // ran out before.
  bool is_minimal = false;
  // It showed in each of the reruns; false also if the input never did.
  bool is_stable = false;
};

Minimized Minimize(const Program& program, const Probe& probe,
                   const MinimizeOptions& options = {});

}  // namespace pollux

#endif  // POLLUX_DIFF_MINIMIZER_H_
