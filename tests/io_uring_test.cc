// io_uring: masks and edges of completions.

#include "core/io_uring.h"

#include <errno.h>
#include <sys/epoll.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class IoUringTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  TestWorld w_;
  int fd_ = IoUringSetup(w_.world);
};

TEST_F(IoUringTest, MaskFollowsTheCompletions) {
  EXPECT_EQ(w_.Mask(fd_), EPOLLOUT | EPOLLWRNORM);
  EXPECT_EQ(IoUringReap(w_.world, fd_), 0);
  EXPECT_EQ(IoUringNop(w_.world, fd_), 1);
  EXPECT_EQ(w_.Mask(fd_), EPOLLOUT | EPOLLWRNORM | EPOLLIN | EPOLLRDNORM);
  EXPECT_EQ(IoUringReap(w_.world, fd_), 1);
  EXPECT_EQ(w_.Mask(fd_), EPOLLOUT | EPOLLWRNORM);
}

TEST_F(IoUringTest, EveryCompletionIsAnEdgeForIn) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  w_.Add(ep, w_.Dup(fd_), EPOLLOUT | EPOLLRDNORM | EPOLLET, 2);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(2));
  for (int i = 0; i < 2; ++i) {
    IoUringNop(w_.world, fd_);
    EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  }
  IoUringReap(w_.world, fd_);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

// Bit 27 of a key reaches even those who watch the epoll that watches the ring.
//   ring ◀─ inner ◀─ outer
TEST_F(IoUringTest, TheWakeupIsMarkedForOuterEpolls) {
  const int inner = w_.Epoll();
  const int outer = w_.Epoll();
  w_.Add(inner, fd_, EPOLLIN, 1);
  w_.Add(outer, inner, EPOLLRDNORM | kUringWake | EPOLLET, 2);
  EXPECT_THAT(w_.WaitData(outer), IsEmpty());
  IoUringNop(w_.world, fd_);
  EXPECT_THAT(w_.WaitData(outer), ElementsAre(2));
}

TEST_F(IoUringTest, Errors) {
  for (uint32_t i = 0; i < IoUring::kCompletions; ++i) {
    EXPECT_EQ(IoUringNop(w_.world, fd_), 1);
  }
  EXPECT_EQ(IoUringNop(w_.world, fd_), -EBUSY);
  EXPECT_EQ(IoUringNop(w_.world, w_.Eventfd()), -EOPNOTSUPP);
  EXPECT_EQ(IoUringReap(w_.world, 99), -EBADF);
  EXPECT_EQ(w_.Read(fd_), -EINVAL);
  w_.world.machine.io_uring = false;
  EXPECT_EQ(IoUringSetup(w_.world), -ENOSYS);
}

}  // namespace
}  // namespace pollux
