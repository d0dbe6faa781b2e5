// Pidfds: masks, edges and errors over the life of a process.

#include "core/pidfd.h"

#include <errno.h>
#include <sys/epoll.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kReadMask = EPOLLIN | EPOLLRDNORM;

class PidfdTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  TestWorld w_;
  int fd_ = PidfdFork(w_.world, 0);
};

TEST_F(PidfdTest, MaskFollowsTheProcess) {
  EXPECT_EQ(w_.Mask(fd_), 0u);
  EXPECT_EQ(WaitPidfd(w_.world, fd_), 0);
  EXPECT_EQ(PidfdKill(w_.world, fd_), 0);
  EXPECT_EQ(w_.Mask(fd_), kReadMask);
  EXPECT_EQ(WaitPidfd(w_.world, fd_), 1);
  EXPECT_EQ(w_.Mask(fd_), kReadMask | EPOLLHUP);
}

TEST_F(PidfdTest, ExitAndReapingAreEdges) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  PidfdKill(w_.world, fd_);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  PidfdKill(w_.world, fd_);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
  WaitPidfd(w_.world, fd_);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
}

TEST_F(PidfdTest, Errors) {
  const int e = w_.Eventfd();
  EXPECT_EQ(PidfdKill(w_.world, e), -EBADF);
  EXPECT_EQ(WaitPidfd(w_.world, 99), -EBADF);
  PidfdKill(w_.world, fd_);
  WaitPidfd(w_.world, fd_);
  EXPECT_EQ(PidfdKill(w_.world, fd_), -ESRCH);
  EXPECT_EQ(WaitPidfd(w_.world, fd_), -ECHILD);
  EXPECT_EQ(w_.Read(fd_), -EINVAL);
  EXPECT_EQ(w_.Write(fd_), -EINVAL);
  EXPECT_EQ(PidfdFork(w_.world, 1), -EINVAL);
}

TEST_F(PidfdTest, TheSupplyEnds) {
  for (uint32_t i = 1; i < w_.world.machine.processes; ++i) {
    EXPECT_GE(PidfdFork(w_.world, 0), 0);
  }
  w_.Close(fd_);
  EXPECT_EQ(PidfdFork(w_.world, 0), -EAGAIN);
}

TEST_F(PidfdTest, OpenedAgainItIsTheSameProcess) {
  const int again = Reopen(w_.world, fd_, O_RDWR | O_NONBLOCK);
  PidfdKill(w_.world, again);
  EXPECT_EQ(w_.Mask(fd_), kReadMask);
  w_.Close(fd_);
  EXPECT_EQ(w_.Mask(again), kReadMask);
}

}  // namespace
}  // namespace pollux
