// Files that cannot be polled: devices of memory, and memfds.
//
// An epoll refuses them (EPERM), and poll(2) calls them always ready.

#ifndef POLLUX_CORE_PLAIN_FILE_H_
#define POLLUX_CORE_PLAIN_FILE_H_

#include <cstdint>

namespace pollux {

struct World;
struct FileOps;

// What a plain file is; the object of its description.
enum class PlainFile : uint32_t {
  kNull,
  kZero,
  kFull,
  kUrandom,  // opened for reading only
  kFolder,   // an empty one
  kMemfd,
  kMemfdSecret,
};

extern const FileOps kPlainFileOps;

// open(2) of /dev/null, /dev/zero, /dev/full, /dev/urandom or a folder. Returns
// the descriptor or -errno.
int OpenDevice(World& world, PlainFile device, int flags);

// An empty file in memory that is sealed: it can neither be written nor grow.
// Returns the descriptor or -errno.
int MemfdCreate(World& world, uint32_t flags);

// memfd_secret(2): memory that can be mapped, and nothing else. Returns the
// descriptor or -errno.
int MemfdSecret(World& world, uint32_t flags);

}  // namespace pollux

#endif  // POLLUX_CORE_PLAIN_FILE_H_
