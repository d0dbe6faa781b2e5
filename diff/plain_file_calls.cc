// Calls that make plain files, by the host and by the reference.

#include <errno.h>
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
                                           "/dev/full", "/dev/urandom"};
  const PlainFile device = static_cast<PlainFile>(a[0]);
  if (device == PlainFile::kFolder) {
    if (!has_folder()) return -ENOENT;
    return FdResult(Result(syscall(SYS_openat, folder_.fd(), ".", a[1], 0)));
  }
  const bool random = device == PlainFile::kUrandom;
  const int64_t flags = random ? a[1] & ~int64_t{O_ACCMODE} : a[1];
  return FdResult(
      Result(syscall(SYS_openat, AT_FDCWD, kPaths[a[0]], flags, 0)));
}

template <>
int64_t Reference::Run<Op::kOpen>(const Args& a, Outcome*) {
  return OpenDevice(world_, static_cast<PlainFile>(a[0]),
                    static_cast<int>(a[1]));
}

bool Host::FindMemfdSecret() {
  const int64_t fd = syscall(SYS_memfd_secret, O_CLOEXEC);
  if (fd >= 0) close(static_cast<int>(fd));
  return fd >= 0;
}

template <>
int64_t Host::Run<Op::kMemfdSecret>(const Args& a, Outcome*) {
  if (!memfd_secret_) return -ENOSYS;
  return FdResult(Result(syscall(SYS_memfd_secret, a[0])));
}

template <>
int64_t Reference::Run<Op::kMemfdSecret>(const Args& a, Outcome*) {
  return MemfdSecret(world_, static_cast<uint32_t>(a[0]));
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
