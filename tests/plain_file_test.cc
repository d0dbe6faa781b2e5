// Files that cannot be polled: refusals, masks, reads and writes.

#include "core/plain_file.h"

#include <errno.h>
#include <sys/epoll.h>

#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

TEST(PlainFileTest, AnEpollRefusesIt) {
  TestWorld w;
  const int ep = w.Epoll();
  const int fd = OpenDevice(w.world, PlainFile::kNull, O_RDWR);
  EXPECT_EQ(w.Add(ep, fd, EPOLLIN), -EPERM);
  EXPECT_EQ(w.Mod(ep, fd, EPOLLIN), -EPERM);
  EXPECT_EQ(w.Del(ep, fd), -EPERM);
  EXPECT_EQ(Inspect(w.world), "");
}

TEST(PlainFileTest, IsAlwaysReady) {
  TestWorld w;
  const int fd = MemfdCreate(w.world, 0);
  EXPECT_EQ(w.Mask(fd), EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM);
}

TEST(PlainFileTest, AccessModes) {
  TestWorld w;
  const int ro = OpenDevice(w.world, PlainFile::kZero, O_RDONLY);
  const int wo = OpenDevice(w.world, PlainFile::kZero, O_WRONLY);
  const int none = OpenDevice(w.world, PlainFile::kZero, O_ACCMODE);
  EXPECT_EQ(w.Read(ro), 8);
  EXPECT_EQ(w.Write(ro), -EBADF);
  EXPECT_EQ(w.Read(wo), -EBADF);
  EXPECT_EQ(w.Write(wo), 8);
  EXPECT_EQ(w.Read(none), -EBADF);
  EXPECT_EQ(w.Write(none), -EBADF);
}

TEST(PlainFileTest, AMemfdIsSealed) {
  TestWorld w;
  const int fd = MemfdCreate(w.world, 0);
  EXPECT_EQ(w.Read(fd), 0);
  EXPECT_EQ(w.Write(fd, 1), -EPERM);
  EXPECT_EQ(w.Write(fd, 0), 0);
  EXPECT_EQ(MemfdCreate(w.world, 0x100), -EINVAL);
}

TEST(PlainFileTest, FoldersAndSecretMemoryCannotBeRead) {
  TestWorld w;
  const int folder = OpenDevice(w.world, PlainFile::kFolder, O_RDONLY);
  const int secret = MemfdSecret(w.world, 0);
  EXPECT_EQ(w.Read(folder), -EISDIR);
  EXPECT_EQ(OpenDevice(w.world, PlainFile::kFolder, O_RDWR), -EISDIR);
  EXPECT_EQ(Lseek(w.world, folder, -1), -EINVAL);
  EXPECT_EQ(Lseek(w.world, folder, 5), 5);
  EXPECT_EQ(w.Read(secret), -EINVAL);
  EXPECT_EQ(w.Write(secret), -EINVAL);
  EXPECT_EQ(Lseek(w.world, secret, 0), -ESPIPE);
  EXPECT_EQ(Reopen(w.world, secret, O_RDWR), -ENXIO);
  EXPECT_EQ(MemfdSecret(w.world, 1), -EINVAL);
}

TEST(PlainFileTest, RandomNumbersAreOnlyRead) {
  TestWorld w;
  const int fd = OpenDevice(w.world, PlainFile::kUrandom, O_RDWR);
  EXPECT_EQ(w.Read(fd, 100), 100);
  EXPECT_EQ(w.Write(fd), -EBADF);
  EXPECT_EQ(Reopen(w.world, fd, O_RDWR), -ENXIO);
}

}  // namespace
}  // namespace pollux
