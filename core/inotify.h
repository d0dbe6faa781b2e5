// inotify: what happens to files, as a file.
//
// A program has one folder that nobody else sees, with up to two files in it,
// and one inotify that can watch the three. (Of two inotifies that watch the
// same file, the one whose address in the kernel is higher would hear first.)

#ifndef POLLUX_CORE_INOTIFY_H_
#define POLLUX_CORE_INOTIFY_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/list.h"

namespace pollux {

struct World;
struct FileOps;

// What can be watched: the folder, and the files in it by name.
enum class WatchedFile : uint32_t { kFolder, kA, kB };
inline constexpr size_t kWatchedFiles = 3;

// What a program can do to a file of its folder, in one system call.
enum class FileChange : uint32_t { kCreate, kTruncate, kChmod, kUnlink };

// Mirrors inotify_event_info.
struct InotifyEvent {
  int wd = 0;
  uint32_t mask = 0;
  WatchedFile name = WatchedFile::kFolder;  // kFolder: it has none
  Link link = {};
  // The link is not compared.
  bool Same(const InotifyEvent& other) const {
    return wd == other.wd && mask == other.mask && name == other.name;
  }
};

// Mirrors inotify_inode_mark: what is asked of one file.
struct InotifyWatch {
  int wd = 0;  // 0: the file is not watched
  uint32_t mask = 0;
};

struct Inotify {
  Index wait = kNil;  // mirrors fsnotify_group::notification_waitq
  int last_wd = 0;    // of those given out
  std::array<InotifyWatch, kWatchedFiles> watches = {};
  List<InotifyEvent, &InotifyEvent::link> events;
};

extern const FileOps kInotifyOps;

// Returns the descriptor or -errno: EMFILE for a second one.
int InotifyInit1(World& world, int flags);

// Returns the watch's number or -errno.
int InotifyAddWatch(World& world, int fd, WatchedFile file, uint32_t mask);
// Returns 0 or -errno.
int InotifyRmWatch(World& world, int fd, int wd);

// Changes a file of the program's folder, of which all watches hear. Returns 0
// or -errno.
int ChangeFile(World& world, WatchedFile file, FileChange change);

}  // namespace pollux

#endif  // POLLUX_CORE_INOTIFY_H_
