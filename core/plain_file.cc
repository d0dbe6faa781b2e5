// Plain files: what reads and writes give.

#include "core/plain_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "core/world.h"

namespace pollux {
namespace {

PlainFile KindOf(const World& world, Index file) {
  return static_cast<PlainFile>(world.files[file].object);
}

int64_t PlainRead(World& world, Index file, uint64_t length, uint64_t*) {
  switch (KindOf(world, file)) {
    case PlainFile::kZero:
    case PlainFile::kFull:
    case PlainFile::kUrandom:
      return static_cast<int64_t>(length);
    case PlainFile::kFolder:
      return -EISDIR;
    case PlainFile::kMemfdSecret:
      return -EINVAL;
    default:
      return 0;
  }
}

int64_t PlainWrite(World& world, Index file, uint64_t length, uint64_t) {
  switch (KindOf(world, file)) {
    case PlainFile::kFull:
      return -ENOSPC;
    case PlainFile::kMemfd:
      return length == 0 ? 0 : -EPERM;
    case PlainFile::kMemfdSecret:
      return -EINVAL;
    default:
      return static_cast<int64_t>(length);
  }
}

// A device stays where it is. Kernel: null_lseek, noop_llseek.
int64_t PlainSeek(World& world, Index file, int64_t offset) {
  switch (KindOf(world, file)) {
    case PlainFile::kFolder:
    case PlainFile::kMemfd:
      return offset < 0 ? -EINVAL : offset;
    case PlainFile::kMemfdSecret:
      return -ESPIPE;
    default:
      return 0;
  }
}

int PlainUnknownIoctl(const World& world, Index file) {
  return KindOf(world, file) == PlainFile::kUrandom ? -EINVAL : -ENOTTY;
}

int PlainOpen(World& world, Index kind, int flags) {
  const PlainFile file = static_cast<PlainFile>(kind);
  // Random numbers are the host's: programs only read them.
  const bool no_open =
      file == PlainFile::kUrandom || file == PlainFile::kMemfdSecret;
  return no_open ? -ENXIO : OpenDevice(world, file, flags);
}

}  // namespace

const FileOps kPlainFileOps = {
    .name = "plain file",
    .read = PlainRead,
    .write = PlainWrite,
    .open_object = PlainOpen,
    .seek = PlainSeek,
    .unknown_ioctl = PlainUnknownIoctl,
};

int OpenDevice(World& world, PlainFile device, int flags) {
  if (device == PlainFile::kUrandom) flags &= ~O_ACCMODE;
  if (device == PlainFile::kFolder) {
    if (!world.machine.private_folder) return -ENOENT;
    if ((flags & O_ACCMODE) != O_RDONLY) return -EISDIR;
  }
  return InstallFd(world,
                   NewFile(world, FileType::kPlain, OpenFlags(flags),
                           static_cast<Index>(device)),
                   static_cast<uint32_t>(flags));
}

int MemfdCreate(World& world, uint32_t flags) {
  if (world.Has(Quirk::kMemfdMissing)) return -ENOSYS;
  if (flags & ~uint32_t{MFD_CLOEXEC | MFD_ALLOW_SEALING}) return -EINVAL;
  return InstallFd(world,
                   NewFile(world, FileType::kPlain, O_RDWR | kLargeFile,
                           static_cast<Index>(PlainFile::kMemfd)),
                   flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

int MemfdSecret(World& world, uint32_t flags) {
  if (!world.machine.memfd_secret) return -ENOSYS;
  if (flags & ~uint32_t{O_CLOEXEC}) return -EINVAL;
  const Index file = NewFile(world, FileType::kPlain, O_RDWR | kLargeFile,
                             static_cast<Index>(PlainFile::kMemfdSecret));
  return InstallFd(world, file, flags);
}

}  // namespace pollux
