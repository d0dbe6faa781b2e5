// What epolls exchange with user space.

#ifndef POLLUX_CORE_EVENT_H_
#define POLLUX_CORE_EVENT_H_

#include <compare>
#include <cstdint>

namespace pollux {

// struct epoll_event without its packing.
struct Event {
  uint32_t events = 0;
  uint64_t data = 0;
  bool operator==(const Event&) const = default;
};

// What user space gave epoll_wait to be filled.
struct EventBuffer {
  int maxevents = 0;
  // False: it lies beyond what user space can have (access_ok).
  bool in_user_space = true;
  // Slots that can be written; the copy of a later event faults.
  uint32_t writable = ~0u;
  // Of the slot behind those, the four bytes of the mask can be written, too.
  bool cut = false;
  // The copy of the event of this index stops until the page behind it is
  // there (userfaultfd). ~0: none does.
  uint32_t freeze_at = ~0u;
};

// One line of /proc/PID/fdinfo/EPFD.
struct InterestLine {
  int32_t tfd = -1;
  uint32_t events = 0;
  uint64_t data = 0;
  auto operator<=>(const InterestLine&) const = default;
};

}  // namespace pollux

#endif  // POLLUX_CORE_EVENT_H_
