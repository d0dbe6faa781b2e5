// inotify: which events are queued, in which order, and what wakes.

#include "core/inotify.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum WatchedFile;
using enum FileChange;

class InotifyTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  int Watch(WatchedFile file, uint32_t mask) {
    return InotifyAddWatch(w_.world, fd_, file, mask);
  }
  int Change(WatchedFile file, FileChange change) {
    return ChangeFile(w_.world, file, change);
  }
  // Reads all events, one by one: their masks.
  std::vector<uint32_t> ReadMasks() {
    std::vector<uint32_t> masks;
    uint64_t value;
    while (Read(w_.world, fd_, 16, &value) > 0 ||
           Read(w_.world, fd_, 32, &value) > 0) {
      masks.push_back(value >> 32);
    }
    return masks;
  }

  TestWorld w_;
  int fd_ = InotifyInit1(w_.world, IN_NONBLOCK);
};

TEST_F(InotifyTest, ReadsWholeEvents) {
  EXPECT_EQ(Watch(kFolder, IN_CREATE), 1);
  EXPECT_EQ(w_.Mask(fd_), 0u);
  Change(kA, kCreate);
  Change(kB, kCreate);
  EXPECT_EQ(w_.Mask(fd_), EPOLLIN | EPOLLRDNORM);
  EXPECT_EQ(w_.Read(fd_, 31), -EINVAL);
  EXPECT_EQ(w_.Read(fd_, 63), 32);
  EXPECT_EQ(w_.Read(fd_, 63), 32);
  EXPECT_EQ(w_.Read(fd_, 63), -EAGAIN);
}

TEST_F(InotifyTest, OnlyWhatIsAskedForIsTold) {
  Change(kA, kCreate);
  Watch(kA, IN_MODIFY);
  Change(kA, kChmod);
  EXPECT_THAT(ReadMasks(), IsEmpty());
  Change(kA, kTruncate);
  EXPECT_THAT(ReadMasks(), ElementsAre(IN_MODIFY));
}

TEST_F(InotifyTest, TheFolderHearsFirst) {
  Change(kA, kCreate);
  EXPECT_EQ(Watch(kA, IN_ATTRIB), 1);
  EXPECT_EQ(Watch(kFolder, IN_ATTRIB), 2);
  Change(kA, kChmod);
  EXPECT_EQ(w_.Read(fd_, 47), 32);
  EXPECT_EQ(w_.Read(fd_, 47), 16);
}

TEST_F(InotifyTest, AMergedEventIsSilent) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  Change(kA, kCreate);
  Watch(kA, IN_ATTRIB | IN_MODIFY);
  Change(kA, kChmod);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  Change(kA, kChmod);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
  Change(kA, kTruncate);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  Change(kA, kChmod);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  EXPECT_THAT(ReadMasks(), ElementsAre(IN_ATTRIB, IN_MODIFY, IN_ATTRIB));
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(InotifyTest, TheEndOfAFileEndsItsWatch) {
  Change(kA, kCreate);
  EXPECT_EQ(Watch(kA, IN_DELETE_SELF | IN_ATTRIB), 1);
  Watch(kFolder, IN_DELETE);
  Change(kA, kUnlink);
  EXPECT_THAT(ReadMasks(),
              ElementsAre(IN_ATTRIB, IN_DELETE_SELF, IN_IGNORED, IN_DELETE));
  EXPECT_EQ(InotifyRmWatch(w_.world, fd_, 1), -EINVAL);
  EXPECT_EQ(Watch(kA, IN_ATTRIB), -ENOENT);
  Change(kA, kCreate);
  EXPECT_EQ(Watch(kA, IN_ATTRIB), 3);
}

TEST_F(InotifyTest, OneshotEndsTheWatch) {
  EXPECT_EQ(Watch(kFolder, IN_CREATE | IN_ONESHOT), 1);
  Change(kA, kCreate);
  Change(kB, kCreate);
  EXPECT_THAT(ReadMasks(), ElementsAre(IN_CREATE, IN_IGNORED));
}

TEST_F(InotifyTest, MasksAreReplacedOrAddedTo) {
  Change(kA, kCreate);
  EXPECT_EQ(Watch(kA, IN_ATTRIB), 1);
  EXPECT_EQ(Watch(kA, IN_MODIFY), 1);
  Change(kA, kChmod);
  EXPECT_THAT(ReadMasks(), IsEmpty());
  EXPECT_EQ(Watch(kA, IN_ATTRIB | IN_MASK_ADD), 1);
  Change(kA, kChmod);
  Change(kA, kTruncate);
  EXPECT_THAT(ReadMasks(), ElementsAre(IN_ATTRIB, IN_MODIFY));
  EXPECT_EQ(Watch(kA, IN_ATTRIB | IN_MASK_CREATE), -EEXIST);
}

TEST_F(InotifyTest, Errors) {
  EXPECT_EQ(InotifyInit1(w_.world, 0x10), -EINVAL);
  EXPECT_EQ(InotifyInit1(w_.world, 0), -EMFILE);
  EXPECT_EQ(Watch(kFolder, 0), -EINVAL);
  EXPECT_EQ(Watch(kFolder, 0x00100000), -EINVAL);
  EXPECT_EQ(Watch(kFolder, IN_MODIFY | IN_MASK_ADD | IN_MASK_CREATE), -EINVAL);
  EXPECT_EQ(InotifyAddWatch(w_.world, 99, kA, IN_MODIFY), -EBADF);
  EXPECT_EQ(InotifyAddWatch(w_.world, w_.Eventfd(), kA, IN_MODIFY), -EINVAL);
  EXPECT_EQ(InotifyRmWatch(w_.world, 99, 1), -EBADF);
  EXPECT_EQ(InotifyRmWatch(w_.world, fd_, 0), -EINVAL);
  Change(kA, kCreate);
  EXPECT_EQ(Change(kA, kCreate), -EEXIST);
  EXPECT_EQ(Watch(kA, IN_MODIFY | IN_ONLYDIR), -ENOTDIR);
  EXPECT_EQ(Change(kB, kTruncate), -ENOENT);
  EXPECT_EQ(w_.Write(fd_), -EBADF);
}

TEST_F(InotifyTest, WithoutAFolderNothingCanBeChanged) {
  w_.world.machine.private_folder = false;
  EXPECT_EQ(Change(kA, kCreate), -ENOSYS);
}

}  // namespace
}  // namespace pollux
