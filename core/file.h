// Open file descriptions and the methods of their types.
//
// A File stands for the kernel's struct file: what dup(2) and fork(2) share. A
// file type is one row of file_types.def and one FileOps (kernel: struct
// file_operations): how its state becomes a poll mask, and what read, write and
// the last close do. Each type lives in a file of its own (pipe.cc, ...).

#ifndef POLLUX_CORE_FILE_H_
#define POLLUX_CORE_FILE_H_

#include <fcntl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/epitem.h"
#include "core/list.h"
#include "core/quirks.h"

namespace pollux {

struct World;
struct SocketOps;

enum class FileType : uint8_t {
#define FILE_TYPE(id, ...) id,
#include "core/file_types.def"
#undef FILE_TYPE
};

inline constexpr size_t kFileTypeCount = 0
#define FILE_TYPE(...) +1
#include "core/file_types.def"
#undef FILE_TYPE
    ;

// When is done what a call does?
enum class Timing : uint8_t { kSync, kSettled };

// A row of file_types.def.
struct FileTypeInfo {
  FileType type = FileType::kEventpoll;
  LinuxVersion since = 0;
  Timing timing = Timing::kSync;
  std::string_view model;
  std::string_view makers;  // names of calls, with blanks between
};

// A type that programs cannot make, and why not.
struct UnmodelledFileType {
  std::string_view name;
  std::string_view reason;
};

std::span<const UnmodelledFileType> AllUnmodelledFileTypes();

// In the order of FileType.
const std::array<FileTypeInfo, kFileTypeCount>& AllFileTypes();

constexpr bool IsUnix(FileType type) {
  return type == FileType::kUnixStream || type == FileType::kUnixDgram ||
         type == FileType::kUnixSeqpacket;
}

struct File {
  FileType type = FileType::kEventpoll;
  uint32_t flags = 0;    // O_RDONLY, O_WRONLY or O_RDWR, and O_NONBLOCK
  uint32_t count = 0;    // descriptors and calls that refer to it
  Index object = kNil;   // in the pool of its type
  uint32_t f_pipe = 0;   // mirrors file::f_pipe, of readers of a FIFO
  int64_t position = 0;  // mirrors file::f_pos, of types that have one
  List<Epitem, &Epitem::file_link> watchers;  // mirrors file::f_ep
};

// What a poll method is asked (kernel: poll_table). With an item, the method
// also queues that item on the file's wait queues (vfs_poll called by ADD), with
// a thread that thread (poll(2) that may sleep); without either, it only
// evaluates the state.
struct PollTable {
  uint32_t key = ~0u;  // the events asked for
  Index item = kNil;
  int thread = -1;
};

struct FileOps {
  std::string_view name;
  // The mask of the file's state. Null: an epoll cannot watch it (EPERM).
  uint32_t (*poll)(World&, Index file, PollTable& table) = nullptr;
  // Bytes moved, or -errno. `value`: the first eight bytes, where the type
  // gives them a meaning. Null: the type has no such method (EINVAL).
  int64_t (*read)(World&, Index file, uint64_t length,
                  uint64_t* value) = nullptr;
  int64_t (*write)(World&, Index file, uint64_t length,
                   uint64_t value) = nullptr;
  // The last reference is gone; the items that watched the file are, too.
  void (*release)(World&, Index file) = nullptr;
  // Opens /proc/self/fd/N of such a file: a descriptor, or -errno. Null: as
  // open_object.
  int (*open)(World&, Index file, int flags) = nullptr;
  // Opens its object again, as an O_PATH descriptor does that has held it.
  // Null: it cannot be opened (ENXIO).
  int (*open_object)(World&, Index object, int flags) = nullptr;
  // An O_PATH descriptor begins, and ends, to name the object. Null: it need
  // not be told.
  void (*hold)(World&, Index object) = nullptr;
  void (*drop)(World&, Index object) = nullptr;
  // Does polling the file change anything that a later call could see? Null:
  // never.
  bool (*poll_changes)(const World&, Index file) = nullptr;
  // lseek(2), from the start. Null: it answers 0 if the file `seeks` (kernel:
  // noop_llseek), else ESPIPE.
  int64_t (*seek)(World&, Index file, int64_t offset) = nullptr;
  bool seeks = false;
  // What ioctl(2) with a request that the file does not know gives. Null:
  // -ENOTTY.
  int (*unknown_ioctl)(const World&, Index file) = nullptr;
  // Null: it is no socket (ENOTSOCK).
  const SocketOps* socket = nullptr;
};

inline bool CanRead(const File& file) {
  const uint32_t mode = file.flags & O_ACCMODE;
  return mode == O_RDONLY || mode == O_RDWR;
}
inline bool CanWrite(const File& file) {
  const uint32_t mode = file.flags & O_ACCMODE;
  return mode == O_WRONLY || mode == O_RDWR;
}

const FileOps& OpsOf(FileType type);

// Calls the file's poll method; a file without one is always ready. Kernel:
// vfs_poll.
uint32_t VfsPoll(World& world, Index file, PollTable& table);

// Queues the table's item or thread, if any, on `queue`; for poll methods.
// Kernel: poll_wait.
void PollWait(World& world, Index queue, PollTable& table);

// Makes a description without descriptors.
Index NewFile(World& world, FileType type, uint32_t flags, Index object);

// Gives up one reference; the last one releases the file. Kernel: fput.
void PutFile(World& world, Index file);

// Gives `file` the lowest free descriptor and returns that, or -EMFILE; a file
// that then has none at all is released. Kernel: get_unused_fd_flags,
// fd_install.
int InstallFd(World& world, Index file);

// Installs two new files; on failure neither is left. Returns 0 or -EMFILE.
int InstallPair(World& world, Index first, Index second, int fds[2]);

// The description behind `fd`, or kNil. Kernel: fdget_raw.
Index RawFileOf(const World& world, int fd);

// The same, but kNil for an O_PATH description. Kernel: fdget.
Index FileOf(const World& world, int fd);

// --- System calls on any file. Each returns a value >= 0, or -errno.

int Close(World& world, int fd);
int Dup(World& world, int fd);
int Dup2(World& world, int oldfd, int newfd);
// open(2) of /proc/self/fd/FD.
int Reopen(World& world, int fd, int flags);
int Dup3(World& world, int oldfd, int newfd, int flags);
// From the start of the file (SEEK_SET).
int64_t Lseek(World& world, int fd, int64_t offset);
// The error of an ioctl(2) that the file does not know.
int UnknownIoctl(const World& world, Index file);
int64_t Read(World& world, int fd, uint64_t length, uint64_t* value);
int64_t Write(World& world, int fd, uint64_t length, uint64_t value);
// poll(2) of one descriptor with timeout 0; `revents` as the kernel fills it.
int Poll(World& world, int fd, uint32_t events, uint32_t* revents);

}  // namespace pollux

#endif  // POLLUX_CORE_FILE_H_
