// Outcomes: all that a caller sees of a call.

#ifndef POLLUX_DIFF_OUTCOME_H_
#define POLLUX_DIFF_OUTCOME_H_

#include <array>
#include <cstdint>
#include <vector>

#include "core/event.h"
#include "diff/calls.h"

namespace pollux {

// What a thread's wait returns that slept when its call was made.
struct Resumed {
  uint8_t thread = 0;
  Op op = Op{};  // of the call
  int64_t result = 0;
  bool early = false;
  uint32_t revents = 0;
  std::vector<Event> events;

  bool operator==(const Resumed&) const = default;
};

struct Outcome {
  // The value returned, or -errno. Of a call that makes descriptors: 0, or
  // -errno; the descriptors are in `fds`.
  int64_t result = 0;
  bool blocked = false;  // the call did not return; all else is 0
  bool skipped = false;  // it was not made, for its thread slept
  bool early = false;    // it timed out before its time
  // Descriptors made, counted from the lowest that a program can have; -1:
  // none.
  std::array<int32_t, 2> fds = {-1, -1};
  uint32_t revents = 0;       // of poll
  bool has_value = false;     // an eventfd was read, or an option
  uint64_t value = 0;         // the counter or the option
  std::vector<Event> events;  // delivered, in order
  // Of other threads, until all were idle or asleep again: waits that ended, by
  // number of the thread, and signal handlers that ran (eight bits a thread).
  std::vector<Resumed> resumed;
  uint64_t handled = 0;

  void Clear() {
    result = 0;
    blocked = skipped = early = has_value = false;
    resumed.clear();
    handled = 0;
    fds = {-1, -1};
    revents = 0;
    value = 0;
    events.clear();
  }

  bool operator==(const Outcome&) const = default;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_OUTCOME_H_
