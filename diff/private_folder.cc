// Makes and removes the private folder.

#include "diff/private_folder.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace pollux {
namespace {

// As linux/mount.h has them, which glibc's headers clash with.
constexpr int kFsopenCloexec = 1;
constexpr int kFsmountCloexec = 1;
constexpr int kCreateSuperblock = 6;  // FSCONFIG_CMD_CREATE

// The root of a new tmpfs that is mounted nowhere, or -1.
int DetachedTmpfs() {
  const int fs = static_cast<int>(syscall(SYS_fsopen, "tmpfs", kFsopenCloexec));
  if (fs < 0) return -1;
  int root = -1;
  if (syscall(SYS_fsconfig, fs, kCreateSuperblock, nullptr, nullptr, 0) == 0) {
    root = static_cast<int>(syscall(SYS_fsmount, fs, kFsmountCloexec, 0));
  }
  close(fs);
  return root;
}

std::string TemporaryFolder() {
  const char* parents[] = {getenv("TEST_TMPDIR"), getenv("TMPDIR"), "/dev/shm",
                           "/tmp"};
  for (const char* parent : parents) {
    if (parent == nullptr) continue;
    std::string path = std::string(parent) + "/pollux.XXXXXX";
    if (mkdtemp(path.data()) != nullptr) return path;
  }
  return "";
}

}  // namespace

PrivateFolder::PrivateFolder() {
  fd_ = DetachedTmpfs();
  if (fd_ >= 0) return;
  path_ = TemporaryFolder();
  if (!path_.empty()) fd_ = open(path_.c_str(), O_PATH | O_CLOEXEC);
}

PrivateFolder::~PrivateFolder() {
  if (fd_ >= 0) close(fd_);
  if (!path_.empty()) rmdir(path_.c_str());
}

}  // namespace pollux
