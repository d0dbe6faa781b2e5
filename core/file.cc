// Open file descriptions: the descriptor table, dup, close, read, write, poll.

#include "core/file.h"

#include <errno.h>
#include <sys/poll.h>

#include <algorithm>
#include <utility>

#include "core/world.h"

namespace pollux {
namespace {

// What poll(2) says of a file that cannot be polled.
constexpr uint32_t kDefaultPollMask =
    EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;

// In the order of FileType.
constexpr std::array<const FileOps*, kFileTypeCount> kFileOps = {
#define FILE_TYPE(id, ops, ...) &ops,
#include "core/file_types.def"
#undef FILE_TYPE
};

constexpr std::array<FileTypeInfo, kFileTypeCount> kFileTypes = {{
#define FILE_TYPE(id, ops, since, timing, model, makers) \
  {FileType::id, since, Timing::timing, model, makers},
#include "core/file_types.def"
#undef FILE_TYPE
}};

constexpr UnmodelledFileType kUnmodelledFileTypes[] = {
#define FILE_TYPE(...)
#define UNMODELLED(name, reason) {name, reason},
#include "core/file_types.def"
#undef UNMODELLED
#undef FILE_TYPE
};

// What happens to `file` when `fd` stops being a name of it. Kernel:
// filp_close. Items stay as long as the description lives.
void FdClosed(World& world, Index file, int fd) {
  if (world.Has(Quirk::kCloseEndsWait)) EndWaits(world, file);
  if (world.Has(Quirk::kCloseOfDupDropsItem)) {
    auto& watchers = world.files[file].watchers;
    for (Index i = watchers.head; i != kNil;) {
      Index next = world.epitems[i].file_link.next;
      if (world.epitems[i].fd == fd) Remove(world, i);
      i = next;
    }
  }
  PutFile(world, file);
}

void SetFd(World& world, uint32_t fd, Index file) {
  if (fd >= world.fds.size()) world.fds.resize(fd + 1, kNil);
  world.fds[fd] = file;
  ++world.files[file].count;
}

}  // namespace

const std::array<FileTypeInfo, kFileTypeCount>& AllFileTypes() {
  return kFileTypes;
}

std::span<const UnmodelledFileType> AllUnmodelledFileTypes() {
  return kUnmodelledFileTypes;
}

const FileOps& OpsOf(FileType type) {
  return *kFileOps[static_cast<size_t>(type)];
}

// Releases one reference. The items that watch the file go first, then the
// file's type has its say. Kernel: __fput.
void PutFile(World& world, Index file) {
  if (--world.files[file].count > 0) return;
  EventpollReleaseFile(world, file);
  const FileOps& ops = OpsOf(world.files[file].type);
  if (ops.release != nullptr) ops.release(world, file);
  world.files.Free(file);
}

uint32_t VfsPoll(World& world, Index file, PollTable& table) {
  const FileOps& ops = OpsOf(world.files[file].type);
  return ops.poll != nullptr ? ops.poll(world, file, table) : kDefaultPollMask;
}

void PollWait(World& world, Index queue, PollTable& table) {
  if (table.thread >= 0) {
    Index& first = world.threads[table.thread].first_wait;
    const Index entry = AddPollingThread(world, queue, table.thread);
    world.wait_entries[entry].next_of_owner = std::exchange(first, entry);
  }
  if (table.item == kNil) return;
  Epitem& item = world.epitems[table.item];
  const bool exclusive =
      IsExclusive(world, table.item) && !world.Has(Quirk::kExclusiveIgnored);
  const Index entry = AddWaitEntry(world, queue, table.item, exclusive);
  world.wait_entries[entry].next_of_owner = item.first_wait;
  item.first_wait = entry;
}

Index NewFile(World& world, FileType type, uint32_t flags, Index object) {
  Index file = world.files.Allocate();
  File& f = world.files[file];
  f.type = type;
  f.flags = flags;
  f.object = object;
  return file;
}

int InstallFd(World& world, Index file) {
  uint32_t fd = world.next_fd;
  while (fd < world.fds.size() && world.fds[fd] != kNil) ++fd;
  world.next_fd = fd;
  if (fd < world.machine.max_fds) {
    SetFd(world, fd, file);
    return static_cast<int>(fd);
  }
  if (world.files[file].count == 0) {
    world.files[file].count = 1;
    PutFile(world, file);
  }
  return -EMFILE;
}

int InstallPair(World& world, Index first, Index second, int fds[2]) {
  fds[0] = InstallFd(world, first);
  fds[1] = InstallFd(world, second);
  if (fds[1] < 0 && fds[0] >= 0) Close(world, fds[0]);
  return fds[1] < 0 ? fds[1] : 0;
}

Index RawFileOf(const World& world, int fd) {
  return static_cast<uint32_t>(fd) < world.fds.size() ? world.fds[fd] : kNil;
}

Index FileOf(const World& world, int fd) {
  const Index file = RawFileOf(world, fd);
  if (file == kNil || world.files[file].type != FileType::kPath) return file;
  return kNil;
}

int Close(World& world, int fd) {
  Index file = RawFileOf(world, fd);
  if (file == kNil) return -EBADF;
  world.fds[fd] = kNil;
  world.next_fd = std::min(world.next_fd, static_cast<uint32_t>(fd));
  FdClosed(world, file, fd);
  return 0;
}

int Dup(World& world, int fd) {
  Index file = RawFileOf(world, fd);
  return file == kNil ? -EBADF : InstallFd(world, file);
}

int Dup2(World& world, int oldfd, int newfd) {
  Index file = RawFileOf(world, oldfd);
  if (file == kNil || newfd < 0) return -EBADF;
  if (static_cast<uint32_t>(newfd) >= world.machine.max_fds) return -EBADF;
  if (oldfd == newfd) return newfd;
  Index replaced = RawFileOf(world, newfd);
  SetFd(world, static_cast<uint32_t>(newfd), file);
  if (replaced != kNil) FdClosed(world, replaced, newfd);
  return newfd;
}

int Reopen(World& world, int fd, int flags) {
  const Index file = RawFileOf(world, fd);
  if (file == kNil) return -ENOENT;
  const FileOps& ops = OpsOf(world.files[file].type);
  if (ops.open != nullptr) return ops.open(world, file, flags);
  if (ops.open_object == nullptr) return -ENXIO;
  return ops.open_object(world, world.files[file].object, flags);
}

int Dup3(World& world, int oldfd, int newfd, int flags) {
  if ((flags & ~O_CLOEXEC) || oldfd == newfd) return -EINVAL;
  return Dup2(world, oldfd, newfd);
}

int64_t Lseek(World& world, int fd, int64_t offset) {
  const Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  const FileOps& ops = OpsOf(world.files[file].type);
  if (ops.seek != nullptr) return ops.seek(world, file, offset);
  return ops.seeks ? 0 : -ESPIPE;
}

int UnknownIoctl(const World& world, Index file) {
  const FileOps& ops = OpsOf(world.files[file].type);
  return ops.unknown_ioctl == nullptr ? -ENOTTY
                                      : ops.unknown_ioctl(world, file);
}

int64_t Read(World& world, int fd, uint64_t length, uint64_t* value) {
  Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  const File& f = world.files[file];
  if (!CanRead(f)) return -EBADF;
  const FileOps& ops = OpsOf(f.type);
  if (ops.read == nullptr) return -EINVAL;
  return ops.read(world, file, length, value);
}

int64_t Write(World& world, int fd, uint64_t length, uint64_t value) {
  Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  const File& f = world.files[file];
  if (!CanWrite(f)) return -EBADF;
  const FileOps& ops = OpsOf(f.type);
  if (ops.write == nullptr) return -EINVAL;
  return ops.write(world, file, length, value);
}

int Poll(World& world, int fd, uint32_t events, uint32_t* revents) {
  *revents = 0;
  if (fd < 0) return 0;
  Index file = FileOf(world, fd);
  if (file == kNil) {
    *revents = POLLNVAL;
    return 1;
  }
  PollTable table{.key = events | EPOLLERR | EPOLLHUP};
  *revents = VfsPoll(world, file, table) & table.key;
  return *revents != 0;
}

}  // namespace pollux
