// Calls that make plain files, by the host and by the reference.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {

template <>
int64_t Host::Run<Op::kOpen>(const Args& a, Outcome*) {
  // In the order of PlainFile: nothing else can be opened.
  static constexpr const char* kPaths[] = {"/dev/null", "/dev/zero",
                                           "/dev/full"};
  return FdResult(Result(syscall(SYS_openat, AT_FDCWD, kPaths[a[0]], a[1], 0)));
}

template <>
int64_t Reference::Run<Op::kOpen>(const Args& a, Outcome*) {
  return OpenDevice(world_, static_cast<PlainFile>(a[0]),
                    static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kMemfdCreate>(const Args& a, Outcome*) {
  const int64_t flags = a[0] | MFD_ALLOW_SEALING;
  const int64_t fd = Result(syscall(SYS_memfd_create, "pollux", flags));
  if (fd >= 0) {
    fcntl(static_cast<int>(fd), F_ADD_SEALS,
          F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  }
  return FdResult(fd);
}

template <>
int64_t Reference::Run<Op::kMemfdCreate>(const Args& a, Outcome*) {
  return MemfdCreate(world_, static_cast<uint32_t>(a[0]));
}

}  // namespace pollux
