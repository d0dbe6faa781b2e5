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
  uint32_t flags = 0;    // mirrors file::f_flags: O_RDWR, O_NONBLOCK, ...
  uint32_t count = 0;    // descriptors and messages that refer to it
  Index object = kNil;   // in the pool of its type
  uint32_t f_pipe = 0;   // mirrors file::f_pipe, of readers of a FIFO
  int64_t position = 0;  // mirrors file::f_pos, of types that have one
  List<Epitem, &Epitem::file_link> watchers;  // mirrors file::f_ep
};

// A bit of f_flags that 64-bit kernels set in open(2); libc hides it.
inline constexpr uint32_t kLargeFile = 0100000;

// What a poll method is asked (kernel: poll_table). With an item, the method
// also queues that item on the file's wait queues (vfs_poll called by ADD);
// without, it only evaluates the state.
struct PollTable {
  uint32_t key = ~0u;  // the events asked for
  Index item = kNil;
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
  // ioctl(2) with a pointer to eight bytes, which is null where that faults: 0
  // or -errno. Null: it knows none.
  int (*ioctl)(World&, Index file, uint32_t request,
               uint64_t* argument) = nullptr;
  // What ioctl(2) with a request that the file does not know gives. Null:
  // -ENOTTY.
  int (*unknown_ioctl)(const World&, Index file) = nullptr;
  // Null: it is no socket (ENOTSOCK).
  const SocketOps* socket = nullptr;
};

// f_flags of what open(2) with `flags` makes.
constexpr uint32_t OpenFlags(int flags) {
  return static_cast<uint32_t>(flags & (O_ACCMODE | O_NONBLOCK)) | kLargeFile;
}

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

// Queues the table's item, if there is one, on `queue`; for poll methods.
// Kernel: poll_wait.
void PollWait(World& world, Index queue, PollTable& table);

// Makes a description without descriptors.
Index NewFile(World& world, FileType type, uint32_t flags, Index object);

// Gives `file` the lowest free descriptor that is not below `lowest` and
// returns that, or -EMFILE; a file that then has none at all is released.
// `flags`: O_CLOEXEC counts. Kernel: __get_unused_fd_flags, fd_install.
int InstallFd(World& world, Index file, uint32_t flags, uint32_t lowest = 0);

// Installs two new files; on failure neither is left. Returns 0 or -EMFILE.
int InstallPair(World& world, Index first, Index second, uint32_t flags,
                int fds[2]);

// Drops one reference; what the last one leaves to do is done when the running
// call returns. Kernel: fput.
void PutFile(World& world, Index file);

// What a call leaves to be done on its way back to user space: descriptions
// whose last reference it dropped are released, the latest first. Every call
// that may drop one ends so. Kernel: task_work_run.
void RunTaskWork(World& world);

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
// fcntl(2) with F_DUPFD or F_DUPFD_CLOEXEC. `lowest` out of range is EINVAL.
int FcntlDup(World& world, int fd, int command, int lowest);
// fcntl(2) with F_GETFD, F_SETFD, F_GETFL or the commands of pipes.
int Fcntl(World& world, int fd, int command, uint32_t argument);
// ioctl(2), as FileOps::ioctl.
int Ioctl(World& world, int fd, uint32_t request, uint64_t* argument);
int64_t Read(World& world, int fd, uint64_t length, uint64_t* value);
int64_t Write(World& world, int fd, uint64_t length, uint64_t value);
// poll(2) of one descriptor with timeout 0; `revents` as the kernel fills it.
int Poll(World& world, int fd, uint32_t events, uint32_t* revents);
// select(2) of one descriptor with timeout 0. EPOLLIN, EPOLLOUT and EPOLLPRI
// stand for its three sets. Returns in how many of them it is left.
int Select(World& world, int fd, uint32_t sets, uint32_t* left);

}  // namespace pollux

#endif  // POLLUX_CORE_FILE_H_
