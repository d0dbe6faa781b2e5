// Open file descriptions: the descriptor table, dup, close, read, write, poll.

#include "core/file.h"

#include <errno.h>
#include <sys/poll.h>

#include <algorithm>
#include <array>
#include <bit>

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

// The items that watch the file go first, then the file's type has its say.
// Kernel: __fput.
void Release(World& world, Index file) {
  EventpollReleaseFile(world, file);
  const FileOps& ops = OpsOf(world.files[file].type);
  if (ops.release != nullptr) ops.release(world, file);
  world.files.Free(file);
}

// Drops one reference at once. Kernel: __fput_sync.
void PutNow(World& world, Index file) {
  if (--world.files[file].count == 0) Release(world, file);
}

bool HasDescriptor(const World& world, Index file) {
  return std::find(world.fds.begin(), world.fds.end(), file) != world.fds.end();
}

// What happens to `file` when `fd` stops being a name of it. Kernel:
// filp_close. Items stay as long as the description lives.
void FdClosed(World& world, Index file, int fd) {
  if (world.Has(Quirk::kHoldersIgnored) && !HasDescriptor(world, file)) {
    EventpollReleaseFile(world, file);
  }
  if (world.Has(Quirk::kCloseOfDupDropsItem)) {
    auto& watchers = world.files[file].watchers;
    for (Index i = watchers.head; i != kNil;) {
      Index next = world.epitems[i].file_link.next;
      if (world.epitems[i].fd == fd) Remove(world, i);
      i = next;
    }
  }
  PutNow(world, file);
}

void SetFd(World& world, uint32_t fd, Index file, uint32_t flags) {
  if (fd >= world.fds.size()) {
    world.fds.resize(fd + 1, kNil);
    world.close_on_exec.resize(fd + 1, false);
  }
  world.fds[fd] = file;
  world.close_on_exec[fd] = flags & O_CLOEXEC;
  ++world.files[file].count;
}

// FD_CLOEXEC of a new descriptor is the caller's choice, whatever the old one
// has.
uint32_t FlagsOfDup(const World& world, int oldfd, uint32_t flags) {
  const bool inherits =
      world.Has(Quirk::kDupKeepsCloexec) && world.close_on_exec[oldfd];
  return inherits ? flags | O_CLOEXEC : flags;
}

// Kernel: do_dup2.
int Replace(World& world, int oldfd, int newfd, int flags) {
  const Index file = RawFileOf(world, oldfd);
  if (file == kNil || newfd < 0) return -EBADF;
  if (static_cast<uint32_t>(newfd) >= world.machine.max_fds) return -EBADF;
  const Index replaced = RawFileOf(world, newfd);
  SetFd(world, static_cast<uint32_t>(newfd), file,
        FlagsOfDup(world, oldfd, static_cast<uint32_t>(flags)));
  if (replaced != kNil) FdClosed(world, replaced, newfd);
  RunTaskWork(world);
  return newfd;
}

// What each set of select(2) asks for. Kernel: POLLIN_SET, POLLOUT_SET,
// POLLEX_SET.
constexpr uint32_t kNval = POLLNVAL;
constexpr uint32_t kReadSet =
    EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR | kNval;
constexpr uint32_t kWriteSet =
    EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR | kNval;
constexpr uint32_t kExceptSet = EPOLLPRI | kNval;

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

uint32_t VfsPoll(World& world, Index file, PollTable& table) {
  const FileOps& ops = OpsOf(world.files[file].type);
  return ops.poll != nullptr ? ops.poll(world, file, table) : kDefaultPollMask;
}

void PollWait(World& world, Index queue, PollTable& table) {
  if (table.item == kNil) return;
  Epitem& item = world.epitems[table.item];
  Index entry =
      AddWaitEntry(world, queue, table.item, IsExclusive(world, table.item));
  world.wait_entries[entry].next_of_item = item.first_wait;
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

int InstallFd(World& world, Index file, uint32_t flags, uint32_t lowest) {
  uint32_t fd = std::max(world.next_fd, lowest);
  while (fd < world.fds.size() && world.fds[fd] != kNil) ++fd;
  if (lowest <= world.next_fd) world.next_fd = fd;
  if (fd < world.machine.max_fds) {
    SetFd(world, fd, file, flags);
    return static_cast<int>(fd);
  }
  if (world.files[file].count == 0) {
    world.files[file].count = 1;
    PutNow(world, file);
  }
  return -EMFILE;
}

int InstallPair(World& world, Index first, Index second, uint32_t flags,
                int fds[2]) {
  fds[0] = InstallFd(world, first, flags);
  fds[1] = InstallFd(world, second, flags);
  if (fds[1] < 0 && fds[0] >= 0) Close(world, fds[0]);
  return fds[1] < 0 ? fds[1] : 0;
}

void PutFile(World& world, Index file) {
  if (--world.files[file].count == 0) world.task_works.push_back(file);
}

void RunTaskWork(World& world) {
  while (!world.task_works.empty()) {
    std::vector<Index> works;
    works.swap(world.task_works);
    if (!world.Has(Quirk::kTaskWorkInOrder)) {
      std::reverse(works.begin(), works.end());
    }
    for (Index file : works) Release(world, file);
  }
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
  RunTaskWork(world);
  return 0;
}

int Dup(World& world, int fd) {
  Index file = RawFileOf(world, fd);
  return file == kNil ? -EBADF
                      : InstallFd(world, file, FlagsOfDup(world, fd, 0));
}

int Dup2(World& world, int oldfd, int newfd) {
  return oldfd == newfd && RawFileOf(world, oldfd) != kNil
             ? newfd
             : Replace(world, oldfd, newfd, 0);
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
  return Replace(world, oldfd, newfd, flags);
}

int FcntlDup(World& world, int fd, int command, int lowest) {
  const Index file = RawFileOf(world, fd);
  if (file == kNil) return -EBADF;
  if (static_cast<uint32_t>(lowest) >= world.machine.max_fds) return -EINVAL;
  const uint32_t flags = command == F_DUPFD_CLOEXEC ? O_CLOEXEC : 0;
  const bool any = world.Has(Quirk::kDupfdIgnoresLowest);
  return InstallFd(world, file, FlagsOfDup(world, fd, flags),
                   any ? 0 : static_cast<uint32_t>(lowest));
}

int Fcntl(World& world, int fd, int command, uint32_t argument) {
  const Index file = RawFileOf(world, fd);
  if (file == kNil) return -EBADF;
  switch (command) {
    case F_GETFD:
      return world.close_on_exec[fd] ? FD_CLOEXEC : 0;
    case F_SETFD:
      world.close_on_exec[fd] = argument & FD_CLOEXEC;
      return 0;
    case F_GETFL:
      return static_cast<int>(world.files[file].flags);
    default:
      return PipeFcntl(world, file, command, argument);
  }
}

int Ioctl(World& world, int fd, uint32_t request, uint64_t* argument) {
  const Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  const FileOps& ops = OpsOf(world.files[file].type);
  return ops.ioctl != nullptr ? ops.ioctl(world, file, request, argument)
                              : UnknownIoctl(world, file);
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
  const int64_t result = ops.read(world, file, length, value);
  ScmDestroy(world);
  RunTaskWork(world);
  return result;
}

int64_t Write(World& world, int fd, uint64_t length, uint64_t value) {
  Index file = FileOf(world, fd);
  if (file == kNil) return -EBADF;
  const File& f = world.files[file];
  if (!CanWrite(f)) return -EBADF;
  const FileOps& ops = OpsOf(f.type);
  if (ops.write == nullptr) return -EINVAL;
  const int64_t result = ops.write(world, file, length, value);
  RunTaskWork(world);
  return result;
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

// Kernel: do_select.
int Select(World& world, int fd, uint32_t sets, uint32_t* left) {
  *left = 0;
  sets &= EPOLLIN | EPOLLOUT | EPOLLPRI;
  if (fd < 0 || sets == 0) return 0;
  if (RawFileOf(world, fd) == kNil) return -EBADF;
  uint32_t mask = kNval;
  if (const Index file = FileOf(world, fd); file != kNil) {
    PollTable table{.key = kExceptSet | (sets & EPOLLIN ? kReadSet : 0) |
                           (sets & EPOLLOUT ? kWriteSet : 0)};
    mask = VfsPoll(world, file, table);
  }
  uint32_t read_set = kReadSet;
  if (world.Has(Quirk::kSelectIgnoresHup)) read_set &= ~EPOLLHUP;
  if (mask & read_set) *left |= EPOLLIN;
  if (mask & kWriteSet) *left |= EPOLLOUT;
  if (mask & kExceptSet) *left |= EPOLLPRI;
  *left &= sets;
  return std::popcount(*left);
}

}  // namespace pollux
