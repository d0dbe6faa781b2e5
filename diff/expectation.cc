// Comparison with what the author of a program expects.

#include "diff/expectation.h"

namespace pollux {
namespace {

bool Agrees(const Outcome& written, const Outcome& observed) {
  Outcome stated = observed;
  stated.result = written.result;
  stated.blocked = written.blocked;
  stated.events = written.events;
  stated.cut = written.cut;
  if (written.revents != 0 || written.result <= 0) {
    stated.revents = written.revents;
  }
  if (written.has_value) {
    stated.has_value = true;
    stated.value = written.value;
  }
  return stated == observed;
}

}  // namespace

std::optional<size_t> FirstDisagreement(const Trace& trace,
                                        const std::vector<Outcome>& observed) {
  for (size_t i = 0; i < observed.size(); ++i) {
    const std::optional<Outcome>& written = trace.outcomes[i];
    if (written && !Agrees(*written, observed[i])) return i;
  }
  return std::nullopt;
}

}  // namespace pollux
