// What epoll_pwait and epoll_pwait2 check before they look at the epoll.

#ifndef POLLUX_CORE_WAIT_ARGUMENTS_H_
#define POLLUX_CORE_WAIT_ARGUMENTS_H_

#include <cstdint>

namespace pollux {

struct World;

// What a pointer argument is.
enum class Argument { kNull, kGood, kFaults };

// The set of signals of `size` bytes: 0 or -errno. Kernel: set_user_sigmask.
int CheckSigmask(const World& world, Argument sigmask, uint64_t size);

// The timeout of epoll_pwait2: 0 or -errno. Kernel: get_timespec64,
// poll_select_set_timeout.
int CheckTimespec(const World& world, Argument timeout, int64_t seconds,
                  int64_t nanoseconds);

}  // namespace pollux

#endif  // POLLUX_CORE_WAIT_ARGUMENTS_H_
