// The order of checks, and what may be wrong.

#include "core/wait_arguments.h"

#include <errno.h>

#include "core/world.h"

namespace pollux {

int CheckSigmask(const World& world, Argument sigmask, uint64_t size) {
  if (sigmask == Argument::kNull) return 0;
  const bool bad_size = size != sizeof(uint64_t);
  if (bad_size && !world.Has(Quirk::kPwaitSizeUnchecked)) return -EINVAL;
  return sigmask == Argument::kFaults ? -EFAULT : 0;
}

int CheckTimespec(const World& world, Argument timeout, int64_t seconds,
                  int64_t nanoseconds) {
  if (timeout == Argument::kNull) return 0;
  if (timeout == Argument::kFaults) return -EFAULT;
  if (seconds < 0) return -EINVAL;
  const bool valid = nanoseconds >= 0 && nanoseconds < 1'000'000'000;
  return valid || world.Has(Quirk::kPwait2NsecUnchecked) ? 0 : -EINVAL;
}

}  // namespace pollux
