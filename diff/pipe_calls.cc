// Calls on pipes and FIFOs beyond read and write, by the host and by the
// reference.

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// FIFOs that a program can make.
constexpr int kFifos = 8;

// Is `fd` open in access mode `mode` or O_RDWR?
bool IsOpen(int fd, int mode) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_PATH)) return false;
  return (flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR;
}

bool IsPipe(int fd) { return fcntl(fd, F_GETPIPE_SZ) >= 0; }

}  // namespace

// FIFOs without names: each is made, opened as a path and unlinked at once. A
// program leaves none of its pipe behind, so all programs share them.
void Host::MakeFifos() {
  static constexpr char kName[] = "fifo";
  for (int i = 0; i < kFifos; ++i) {
    if (mkfifoat(folder_.fd(), kName, 0600) != 0) return;
    const int fd = openat(folder_.fd(), kName, O_PATH | O_CLOEXEC);
    unlinkat(folder_.fd(), kName, 0);
    if (fd >= 0) fifos_.push_back(fd);
  }
}

template <>
int64_t Host::Run<Op::kMknod>(const Args&, Outcome*) {
  if (fifos_used_ >= fifos_.size()) return -ENOSPC;
  return FdResult(Result(dup(fifos_[fifos_used_++])));
}

template <>
int64_t Reference::Run<Op::kMknod>(const Args&, Outcome*) {
  return Mkfifo(world_);
}

template <>
int64_t Host::Run<Op::kReopen>(const Args& a, Outcome*) {
  // Random numbers are the host's: they cannot be opened for writing.
  if (IsRandom(Real(a[0]))) return -ENXIO;
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", Real(a[0]));
  return FdResult(Result(open(path, static_cast<int>(a[1]))));
}

template <>
int64_t Reference::Run<Op::kReopen>(const Args& a, Outcome*) {
  return Reopen(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kSplice>(const Args& a, Outcome*) {
  const int in = Real(a[0]);
  const int out = Real(a[1]);
  // The kernel would read or write files of other types.
  const bool pipes = IsPipe(in) && IsPipe(out);
  const bool open = IsOpen(in, O_RDONLY) && IsOpen(out, O_WRONLY);
  if (a[2] > 0 && open && !pipes) return -EINVAL;
  return Result(
      syscall(SYS_splice, in, nullptr, out, nullptr, a[2], SPLICE_F_NONBLOCK));
}

template <>
int64_t Reference::Run<Op::kSplice>(const Args& a, Outcome*) {
  return Splice(world_, static_cast<int>(a[0]), static_cast<int>(a[1]), a[2]);
}

template <>
int64_t Host::Run<Op::kTee>(const Args& a, Outcome*) {
  return Result(
      syscall(SYS_tee, Real(a[0]), Real(a[1]), a[2], SPLICE_F_NONBLOCK));
}

template <>
int64_t Reference::Run<Op::kTee>(const Args& a, Outcome*) {
  return Tee(world_, static_cast<int>(a[0]), static_cast<int>(a[1]), a[2]);
}

}  // namespace pollux
