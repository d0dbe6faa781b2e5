// POSIX message queues: masks, edges, order of messages.

#include "core/mqueue.h"

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
constexpr uint32_t kWriteMask = EPOLLOUT | EPOLLWRNORM;

class MqueueTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  TestWorld w_;
  int fd_ = MqOpen(w_.world, O_RDWR | O_NONBLOCK, 2);
};

TEST_F(MqueueTest, MaskFollowsTheMessages) {
  EXPECT_EQ(w_.Mask(fd_), kWriteMask);
  EXPECT_EQ(MqSend(w_.world, fd_, 3), 0);
  EXPECT_EQ(w_.Mask(fd_), kReadMask | kWriteMask);
  EXPECT_EQ(MqSend(w_.world, fd_, 4), 0);
  EXPECT_EQ(w_.Mask(fd_), kReadMask);
  EXPECT_EQ(MqSend(w_.world, fd_, 5), -EAGAIN);
  EXPECT_EQ(MqReceive(w_.world, fd_, 8), 3);
  EXPECT_EQ(MqReceive(w_.world, fd_, 8), 4);
  EXPECT_EQ(MqReceive(w_.world, fd_, 8), -EAGAIN);
}

TEST_F(MqueueTest, EveryMessageIsAnEdge) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLOUT | EPOLLET, 1);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  for (int i = 0; i < 2; ++i) {
    MqSend(w_.world, fd_, 8);
    EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  }
  for (int i = 0; i < 2; ++i) {
    MqReceive(w_.world, fd_, 8);
    EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  }
  MqReceive(w_.world, fd_, 8);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(MqueueTest, OpenedAgainItIsTheSameQueue) {
  const int path = OpenPath(w_.world, fd_);
  w_.Close(fd_);
  const int again = Reopen(w_.world, path, O_RDONLY | O_NONBLOCK);
  EXPECT_EQ(MqSend(w_.world, again, 1), -EBADF);
  EXPECT_EQ(MqReceive(w_.world, again, 8), -EAGAIN);
  w_.Close(path);
  EXPECT_EQ(w_.Mask(again), kWriteMask);
}

TEST_F(MqueueTest, ReadGivesALine) {
  EXPECT_EQ(w_.Read(fd_, 50), 50);
  EXPECT_EQ(w_.Read(fd_, 50), 10);
  EXPECT_EQ(w_.Read(fd_, 50), 0);
  EXPECT_EQ(Lseek(w_.world, fd_, 100), 100);
  EXPECT_EQ(w_.Read(fd_, 50), 0);
  EXPECT_EQ(Lseek(w_.world, fd_, -1), -EINVAL);
}

TEST_F(MqueueTest, Errors) {
  EXPECT_EQ(MqOpen(w_.world, O_RDWR, 0), -EINVAL);
  EXPECT_EQ(MqSend(w_.world, fd_, 9), -EMSGSIZE);
  EXPECT_EQ(MqReceive(w_.world, fd_, 7), -EMSGSIZE);
  EXPECT_EQ(MqSend(w_.world, w_.Eventfd(), 1), -EBADF);
  EXPECT_EQ(w_.Write(fd_), -EINVAL);
  for (uint32_t i = 1; i < w_.world.machine.mqueues; ++i) {
    EXPECT_GE(MqOpen(w_.world, O_RDWR | O_NONBLOCK, 1), 0);
  }
  EXPECT_EQ(MqOpen(w_.world, O_RDWR | O_NONBLOCK, 1), -ENOSPC);
}

}  // namespace
}  // namespace pollux
