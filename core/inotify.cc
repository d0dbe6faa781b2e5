// inotify: watches, the queue of events and its wake-ups.

#include "core/inotify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "core/world.h"

namespace pollux {
namespace {

constexpr uint32_t kReadKey = EPOLLIN | EPOLLRDNORM;

// What a mask may contain. Kernel: ALL_INOTIFY_BITS.
constexpr uint32_t kAllBits = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW |
                              IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW |
                              IN_EXCL_UNLINK | IN_MASK_ADD | IN_MASK_CREATE |
                              IN_ISDIR | IN_ONESHOT;

// Of an event without its name, and of a name that is short.
constexpr uint64_t kHeaderBytes = sizeof(inotify_event);
constexpr uint64_t kNameBytes = sizeof(inotify_event);

Inotify& InotifyOf(World& world, Index file) {
  return world.inotifies[world.files[file].object];
}

// The one behind `fd`, or kNil.
Index FindInotify(const World& world, int fd) {
  const Index file = FileOf(world, fd);
  if (file == kNil || world.files[file].type != FileType::kInotify) return kNil;
  return world.files[file].object;
}

// An event like the last one that waits is not told again. Kernel:
// fsnotify_insert_event, inotify_merge.
void Queue(World& world, Index inotify, const InotifyEvent& event) {
  Inotify& in = world.inotifies[inotify];
  const bool last_is_same = !in.events.empty() &&
                            world.inotify_events[in.events.tail].Same(event) &&
                            !(event.mask & IN_IGNORED);
  if (last_is_same && !world.Has(Quirk::kInotifyNoMerge)) return;
  const Index index = world.inotify_events.Allocate();
  world.inotify_events[index] = event;
  in.events.PushBack(world.inotify_events, index);
  WakeUp(world, in.wait, kNoKey, 1);
}

// The watch ends, and says so. Kernel: inotify_ignored_and_remove_idr.
void Ignore(World& world, Index inotify, InotifyWatch& watch) {
  const int wd = watch.wd;
  watch = {};
  if (world.Has(Quirk::kInotifyRmSilent)) return;
  Queue(world, inotify, {.wd = wd, .mask = IN_IGNORED});
}

// Tells whoever watches `file`. Kernel: inotify_handle_inode_event.
void Tell(World& world, WatchedFile file, uint32_t mask, WatchedFile name) {
  const Index inotify = world.inotify;
  if (inotify == kNil) return;
  InotifyWatch& watch =
      world.inotifies[inotify].watches[static_cast<size_t>(file)];
  if (!(watch.mask & mask)) return;
  Queue(world, inotify, {.wd = watch.wd, .mask = mask, .name = name});
  if (watch.mask & IN_ONESHOT) Ignore(world, inotify, watch);
}

// Tells whoever watches the folder or the file. Kernel: fsnotify_parent.
void TellBoth(World& world, WatchedFile file, uint32_t mask) {
  Tell(world, WatchedFile::kFolder, mask, file);
  Tell(world, file, mask, WatchedFile::kFolder);
}

// The last name of a file is its end. Kernel: vfs_unlink, d_delete.
void Unlink(World& world, WatchedFile file) {
  world.file_exists[static_cast<size_t>(file)] = false;
  Tell(world, file, IN_ATTRIB, WatchedFile::kFolder);
  Tell(world, file, IN_DELETE_SELF, WatchedFile::kFolder);
  if (world.inotify != kNil) {
    InotifyWatch& watch =
        world.inotifies[world.inotify].watches[static_cast<size_t>(file)];
    if (watch.wd != 0) Ignore(world, world.inotify, watch);
  }
  Tell(world, WatchedFile::kFolder, IN_DELETE, file);
}

// Kernel: inotify_poll.
uint32_t InotifyPoll(World& world, Index file, PollTable& table) {
  const Inotify& in = InotifyOf(world, file);
  PollWait(world, in.wait, table);
  return in.events.empty() ? 0 : kReadKey;
}

// As many whole events as fit. It wakes nobody. Kernel: inotify_read.
int64_t InotifyRead(World& world, Index file, uint64_t length,
                    uint64_t* value) {
  Inotify& in = InotifyOf(world, file);
  if (in.events.empty()) return -EAGAIN;
  uint64_t read = 0;
  while (!in.events.empty()) {
    const Index index = in.events.head;
    const InotifyEvent& event = world.inotify_events[index];
    const uint64_t bytes =
        kHeaderBytes + (event.name != WatchedFile::kFolder ? kNameBytes : 0);
    if (read + bytes > length) break;
    if (read == 0) *value = uint64_t{event.mask} << 32 | uint32_t(event.wd);
    read += bytes;
    in.events.Remove(world.inotify_events, index);
    world.inotify_events.Free(index);
  }
  return read == 0 ? -EINVAL : static_cast<int64_t>(read);
}

void InotifyRelease(World& world, Index file) {
  const Index index = world.files[file].object;
  Inotify& in = world.inotifies[index];
  while (!in.events.empty()) {
    const Index event = in.events.head;
    in.events.Remove(world.inotify_events, event);
    world.inotify_events.Free(event);
  }
  FreeWaitQueue(world, in.wait);
  world.inotifies.Free(index);
  world.inotify = kNil;
}

}  // namespace

const FileOps kInotifyOps = {
    .name = "[inotify]",
    .poll = InotifyPoll,
    .read = InotifyRead,
    .release = InotifyRelease,
    .seeks = true,
};

int InotifyInit1(World& world, int flags) {
  if (flags & ~(IN_CLOEXEC | IN_NONBLOCK)) return -EINVAL;
  if (world.inotifies_made >= world.machine.inotifies) return -EMFILE;
  ++world.inotifies_made;
  world.inotify = world.inotifies.Allocate();
  world.inotifies[world.inotify].wait = NewWaitQueue(world);
  return InstallFd(world,
                   NewFile(world, FileType::kInotify,
                           O_RDONLY | (flags & IN_NONBLOCK), world.inotify),
                   static_cast<uint32_t>(flags));
}

// Kernel: inotify_add_watch, inotify_update_existing_watch.
int InotifyAddWatch(World& world, int fd, WatchedFile file, uint32_t mask) {
  if ((mask & ~kAllBits) || mask == 0) return -EINVAL;
  if (FileOf(world, fd) == kNil) return -EBADF;
  if ((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE)) return -EINVAL;
  const Index inotify = FindInotify(world, fd);
  if (inotify == kNil) return -EINVAL;
  const bool folder = file == WatchedFile::kFolder;
  if (!folder && !world.file_exists[static_cast<size_t>(file)]) return -ENOENT;
  if (!folder && (mask & IN_ONLYDIR)) return -ENOTDIR;
  Inotify& in = world.inotifies[inotify];
  InotifyWatch& watch = in.watches[static_cast<size_t>(file)];
  const uint32_t kept = mask & (IN_ALL_EVENTS | IN_ONESHOT);
  if (watch.wd == 0) {
    watch = {++in.last_wd, kept};
  } else if (mask & IN_MASK_CREATE) {
    return -EEXIST;
  } else if (mask & IN_MASK_ADD) {
    watch.mask |= kept;
  } else {
    watch.mask = kept;
  }
  return watch.wd;
}

int InotifyRmWatch(World& world, int fd, int wd) {
  if (FileOf(world, fd) == kNil) return -EBADF;
  const Index inotify = FindInotify(world, fd);
  if (inotify == kNil) return -EINVAL;
  for (InotifyWatch& watch : world.inotifies[inotify].watches) {
    if (watch.wd == 0 || watch.wd != wd) continue;
    Ignore(world, inotify, watch);
    return 0;
  }
  return -EINVAL;
}

int ChangeFile(World& world, WatchedFile file, FileChange change) {
  if (!world.machine.private_folder) return -ENOSYS;
  bool& exists = world.file_exists[static_cast<size_t>(file)];
  if (change == FileChange::kCreate) {
    if (exists) return -EEXIST;
    exists = true;
    Tell(world, WatchedFile::kFolder, IN_CREATE, file);
    return 0;
  }
  if (!exists) return -ENOENT;
  switch (change) {
    case FileChange::kTruncate:
      TellBoth(world, file, IN_MODIFY);
      break;
    case FileChange::kChmod:
      TellBoth(world, file, IN_ATTRIB);
      break;
    default:
      Unlink(world, file);
  }
  return 0;
}

}  // namespace pollux
