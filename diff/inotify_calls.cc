// Calls on inotifies and on the files that they watch, by the host and by the
// reference.

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// In the order of WatchedFile.
constexpr const char* kNames[kWatchedFiles] = {"", "a", "b"};

}  // namespace

const char* Host::FilePath(int64_t file) {
  snprintf(file_path_, sizeof(file_path_), "/proc/self/fd/%d/%s", folder_.fd(),
           kNames[file]);
  return file_path_;
}

void Host::RemoveFiles() {
  if (!changed_files_) return;
  changed_files_ = false;
  for (const char* name : {kNames[1], kNames[2]}) {
    unlinkat(folder_.fd(), name, 0);
  }
}

template <>
int64_t Host::Run<Op::kInotifyInit1>(const Args& a, Outcome*) {
  const bool bad = a[0] & ~int64_t{IN_CLOEXEC | IN_NONBLOCK};
  if (!bad && inotifies_made_ >= inotifies()) return -EMFILE;
  const int64_t fd = Result(syscall(SYS_inotify_init1, a[0]));
  if (fd >= 0) ++inotifies_made_;
  return FdResult(fd);
}

template <>
int64_t Reference::Run<Op::kInotifyInit1>(const Args& a, Outcome*) {
  return InotifyInit1(world_, static_cast<int>(a[0]));
}

template <>
int64_t Host::Run<Op::kInotifyAddWatch>(const Args& a, Outcome*) {
  return Result(
      syscall(SYS_inotify_add_watch, Real(a[0]), FilePath(a[1]), a[2]));
}

template <>
int64_t Reference::Run<Op::kInotifyAddWatch>(const Args& a, Outcome*) {
  return InotifyAddWatch(world_, static_cast<int>(a[0]),
                         static_cast<WatchedFile>(a[1]),
                         static_cast<uint32_t>(a[2]));
}

template <>
int64_t Host::Run<Op::kInotifyRmWatch>(const Args& a, Outcome*) {
  return Result(syscall(SYS_inotify_rm_watch, Real(a[0]), a[1]));
}

template <>
int64_t Reference::Run<Op::kInotifyRmWatch>(const Args& a, Outcome*) {
  return InotifyRmWatch(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kChangeFile>(const Args& a, Outcome*) {
  if (folder_.fd() < 0) return -ENOSYS;
  changed_files_ = true;
  const char* name = kNames[a[0]];
  switch (static_cast<FileChange>(a[1])) {
    case FileChange::kCreate:
      return Result(mknodat(folder_.fd(), name, S_IFREG | 0600, 0));
    case FileChange::kTruncate:
      return Result(truncate(FilePath(a[0]), 0));
    case FileChange::kChmod:
      return Result(fchmodat(folder_.fd(), name, 0600, 0));
    case FileChange::kUnlink:
      return Result(unlinkat(folder_.fd(), name, 0));
  }
  return -EINVAL;
}

template <>
int64_t Reference::Run<Op::kChangeFile>(const Args& a, Outcome*) {
  return ChangeFile(world_, static_cast<WatchedFile>(a[0]),
                    static_cast<FileChange>(a[1]));
}

}  // namespace pollux
