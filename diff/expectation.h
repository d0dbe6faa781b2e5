// The outcomes that the author of a text program wrote beside its calls.

#ifndef POLLUX_DIFF_EXPECTATION_H_
#define POLLUX_DIFF_EXPECTATION_H_

#include <optional>
#include <vector>

#include "diff/outcome.h"
#include "diff/text_format.h"

namespace pollux {

// The first call whose written outcome is not the observed one. A value or mask
// that the author left out is not compared, nor are descriptor numbers.
std::optional<size_t> FirstDisagreement(const Trace& trace,
                                        const std::vector<Outcome>& observed);

}  // namespace pollux

#endif  // POLLUX_DIFF_EXPECTATION_H_
