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

bool GivesZeros(PlainFile kind) {
  return kind == PlainFile::kZero || kind == PlainFile::kFull;
}

int64_t PlainRead(World& world, Index file, uint64_t length, uint64_t*) {
  return GivesZeros(KindOf(world, file)) ? static_cast<int64_t>(length) : 0;
}

int64_t PlainWrite(World& world, Index file, uint64_t length, uint64_t) {
  switch (KindOf(world, file)) {
    case PlainFile::kFull:
      return -ENOSPC;
    case PlainFile::kMemfd:
      return length == 0 ? 0 : -EPERM;
    default:
      return static_cast<int64_t>(length);
  }
}

// A device stays where it is. Kernel: null_lseek.
int64_t PlainSeek(const World& world, Index file, int64_t offset) {
  if (KindOf(world, file) != PlainFile::kMemfd) return 0;
  return offset < 0 ? -EINVAL : offset;
}

int PlainOpen(World& world, Index file, int flags) {
  return InstallFd(
      world, NewFile(world, FileType::kPlain, flags & (O_ACCMODE | O_NONBLOCK),
                     world.files[file].object));
}

}  // namespace

const FileOps kPlainFileOps = {
    .name = "plain file",
    .read = PlainRead,
    .write = PlainWrite,
    .open = PlainOpen,
    .seek = PlainSeek,
};

int OpenDevice(World& world, PlainFile device, int flags) {
  return InstallFd(
      world, NewFile(world, FileType::kPlain, flags & (O_ACCMODE | O_NONBLOCK),
                     static_cast<Index>(device)));
}

int MemfdCreate(World& world, uint32_t flags) {
  if (world.Has(Quirk::kMemfdMissing)) return -ENOSYS;
  if (flags & ~uint32_t{MFD_CLOEXEC | MFD_ALLOW_SEALING}) return -EINVAL;
  return InstallFd(world, NewFile(world, FileType::kPlain, O_RDWR,
                                  static_cast<Index>(PlainFile::kMemfd)));
}

}  // namespace pollux
