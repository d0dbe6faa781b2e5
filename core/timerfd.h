// timerfd: a timer as a file.
//
// There is no clock in a World: a timer either expires at once or never. The
// ticks of TFD_IOC_SET_TICKS come without any clock.

#ifndef POLLUX_CORE_TIMERFD_H_
#define POLLUX_CORE_TIMERFD_H_

#include <cstdint>

#include "core/pool.h"

namespace pollux {

struct World;
struct FileOps;

struct Timerfd {
  uint64_t ticks = 0;  // expirations that nobody has read
  Index wait = kNil;   // mirrors timerfd_ctx::wqh
  // It has expired and will again as soon as it is read, but not before.
  bool periodic = false;
};

// When a timer expires, as programs can say.
enum class TimerValue { kOff, kNow, kFar };

// TFD_IOC_SET_TICKS, which no header that we can include defines.
inline constexpr uint32_t kSetTicks = 0x40085400;

extern const FileOps kTimerfdOps;

// Returns the descriptor or -errno.
int TimerfdCreate(World& world, int clock, int flags);

// When it expires again. A second expiration that is far away does not matter;
// one that is near comes when the first is read, with as many more as a clock
// tells.
enum class TimerInterval { kOnce, kFar, kShort };

// Returns 0 or -errno.
int TimerfdSettime(World& world, int fd, int flags, TimerValue value,
                   TimerInterval interval = TimerInterval::kOnce);

// As emulations do that report each expiration: those of periodic timers.
void RepeatPeriodicEdges(World& world);

}  // namespace pollux

#endif  // POLLUX_CORE_TIMERFD_H_
