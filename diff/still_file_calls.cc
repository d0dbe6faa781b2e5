// Calls that make files which hardly change, by the host and by the reference.

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {

int Host::OpenCounter() {
  perf_event_attr attributes = {};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.exclude_kernel = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1,
                                  PERF_FLAG_FD_CLOEXEC));
}

template <>
int64_t Host::Run<Op::kOpenRandom>(const Args&, Outcome*) {
  return FdResult(Result(open("/dev/random", O_RDONLY)));
}

template <>
int64_t Reference::Run<Op::kOpenRandom>(const Args&, Outcome*) {
  return OpenRandom(world_);
}

template <>
int64_t Host::Run<Op::kPerfEventOpen>(const Args&, Outcome*) {
  return has_perf_event() ? FdResult(Result(OpenCounter())) : -ENOSYS;
}

template <>
int64_t Reference::Run<Op::kPerfEventOpen>(const Args&, Outcome*) {
  return OpenPerfEvent(world_);
}

template <>
int64_t Host::Run<Op::kUserfaultfd>(const Args& a, Outcome*) {
  if (!can_freeze()) return -ENOSYS;
  return FdResult(Result(syscall(SYS_userfaultfd, a[0])));
}

template <>
int64_t Reference::Run<Op::kUserfaultfd>(const Args& a, Outcome*) {
  return OpenUserfaultfd(world_, static_cast<int>(a[0]));
}

template <>
int64_t Host::Run<Op::kUffdioApi>(const Args& a, Outcome*) {
  uffdio_api api = {};
  api.api = UFFD_API;
  return Result(ioctl(Real(a[0]), UFFDIO_API, &api));
}

template <>
int64_t Reference::Run<Op::kUffdioApi>(const Args& a, Outcome*) {
  return EnableUserfaultfd(world_, static_cast<int>(a[0]));
}

}  // namespace pollux
