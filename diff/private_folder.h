// A folder that nobody else sees, for the files that programs make.

#ifndef POLLUX_DIFF_PRIVATE_FOLDER_H_
#define POLLUX_DIFF_PRIVATE_FOLDER_H_

#include <string>

namespace pollux {

// A file system in memory without a place in the tree of files where that is
// permitted; else a temporary folder, which a process that is killed leaves
// behind.
class PrivateFolder {
 public:
  PrivateFolder();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  // An O_PATH descriptor of the folder; -1: none can be made here.
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::string path_;  // if it has one
};

}  // namespace pollux

#endif  // POLLUX_DIFF_PRIVATE_FOLDER_H_
