// Files that hardly change: masks and errors.

#include "core/still_file.h"

#include <errno.h>
#include <sys/epoll.h>

#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

TEST(StillFileTest, RandomIsAlwaysReadable) {
  TestWorld w;
  const int fd = OpenRandom(w.world);
  EXPECT_EQ(w.Mask(fd), EPOLLIN | EPOLLRDNORM);
  EXPECT_EQ(w.Read(fd, 70000), 70000);
  EXPECT_EQ(w.Write(fd), -EBADF);
  EXPECT_EQ(Reopen(w.world, fd, O_RDWR), -ENXIO);
  EXPECT_EQ(SetTicks(w.world, fd, 1), -EINVAL);
  EXPECT_EQ(Inspect(w.world), "");
}

TEST(StillFileTest, ACounterIsHungUp) {
  TestWorld w;
  const int fd = OpenPerfEvent(w.world);
  EXPECT_EQ(w.Mask(fd), EPOLLHUP);
  EXPECT_EQ(w.Read(fd, 7), -ENOSPC);
  EXPECT_EQ(w.Read(fd, 70), 8);
  EXPECT_EQ(w.Write(fd), -EINVAL);
  w.world.machine.perf_event = false;
  EXPECT_EQ(OpenPerfEvent(w.world), -ENOSYS);
}

TEST(StillFileTest, AUserfaultfdIsInErrorUntilItKnowsItsVersion) {
  TestWorld w;
  const int fd = OpenUserfaultfd(w.world, O_NONBLOCK);
  EXPECT_EQ(w.Mask(fd), EPOLLERR);
  EXPECT_EQ(w.Read(fd, 32), -EINVAL);
  EXPECT_EQ(EnableUserfaultfd(w.world, fd), 0);
  EXPECT_EQ(w.Mask(fd), 0u);
  EXPECT_EQ(w.Read(fd, 31), -EINVAL);
  EXPECT_EQ(w.Read(fd, 32), -EAGAIN);
  EXPECT_EQ(EnableUserfaultfd(w.world, fd), -EINVAL);
  EXPECT_EQ(EnableUserfaultfd(w.world, w.Eventfd()), -ENOTTY);
  EXPECT_EQ(EnableUserfaultfd(w.world, w.Epoll()), -EINVAL);
  EXPECT_EQ(EnableUserfaultfd(w.world, 99), -EBADF);
}

}  // namespace
}  // namespace pollux
