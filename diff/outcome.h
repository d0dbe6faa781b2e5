// Outcomes: all that a caller sees of a call.

#ifndef POLLUX_DIFF_OUTCOME_H_
#define POLLUX_DIFF_OUTCOME_H_

#include <array>
#include <cstdint>
#include <vector>

#include "core/event.h"

namespace pollux {

struct Outcome {
  // The value returned, or -errno. Of a call that makes descriptors: 0, or
  // -errno; the descriptors are in `fds`.
  int64_t result = 0;
  bool blocked = false;  // the call did not return; all else is 0
  // Descriptors made, counted from the lowest that a program can have; -1:
  // none.
  std::array<int32_t, 2> fds = {-1, -1};
  uint32_t revents = 0;       // of poll
  bool has_value = false;     // an eventfd was read, or an option
  uint64_t value = 0;         // the counter or the option
  std::vector<Event> events;  // delivered, in order
  uint32_t cut = 0;           // the mask of one more, whose data did not fit

  void Clear() {
    result = 0;
    blocked = has_value = false;
    fds = {-1, -1};
    revents = 0;
    value = 0;
    cut = 0;
    events.clear();
  }

  bool operator==(const Outcome&) const = default;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_OUTCOME_H_
