// Timers: ticks, masks, errors, and which calls wake.

#include "core/timerfd.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TimerfdTest : public testing::Test {
 protected:
  int Set(TimerValue value, int flags = 0) {
    return TimerfdSettime(w_.world, fd_, flags, value);
  }
  int SetTicks(int fd, uint64_t ticks) {
    return Ioctl(w_.world, fd, kSetTicks, &ticks);
  }
  uint64_t ReadTicks() {
    uint64_t ticks = 0;
    EXPECT_EQ(Read(w_.world, fd_, 8, &ticks), 8);
    return ticks;
  }
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  TestWorld w_;
  int fd_ = TimerfdCreate(w_.world, CLOCK_MONOTONIC, TFD_NONBLOCK);
};

TEST_F(TimerfdTest, MaskFollowsTheTicks) {
  EXPECT_EQ(w_.Mask(fd_), 0u);
  Set(TimerValue::kNow);
  EXPECT_EQ(w_.Mask(fd_), EPOLLIN);
  EXPECT_EQ(ReadTicks(), 1u);
  EXPECT_EQ(w_.Mask(fd_), 0u);
  EXPECT_EQ(w_.Read(fd_), -EAGAIN);
}

TEST_F(TimerfdTest, FarAndOffNeverExpire) {
  for (TimerValue value : {TimerValue::kFar, TimerValue::kOff}) {
    EXPECT_EQ(SetTicks(fd_, 4), 0);
    EXPECT_EQ(Set(value), 0);
    EXPECT_EQ(w_.Mask(fd_), 0u);
  }
}

TEST_F(TimerfdTest, EveryTickIsAnEdge) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
  SetTicks(fd_, 3);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  SetTicks(fd_, 9);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  EXPECT_EQ(ReadTicks(), 9u);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(TimerfdTest, APeriodicTimerExpiresAgainWhenItIsRead) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  TimerfdSettime(w_.world, fd_, 0, TimerValue::kNow, TimerInterval::kShort);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
  EXPECT_FALSE(w_.world.ticks_by_clock);
  ReadTicks();
  EXPECT_TRUE(w_.world.ticks_by_clock);
  EXPECT_EQ(w_.Mask(fd_), EPOLLIN);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  Set(TimerValue::kOff);
  EXPECT_EQ(w_.Read(fd_), -EAGAIN);
}

TEST_F(TimerfdTest, Errors) {
  const int e = w_.Eventfd();
  EXPECT_EQ(TimerfdCreate(w_.world, 2, 0), -EINVAL);
  EXPECT_EQ(TimerfdCreate(w_.world, CLOCK_REALTIME, 0x10), -EINVAL);
  EXPECT_EQ(Set(TimerValue::kNow, 0x10), -EINVAL);
  EXPECT_EQ(TimerfdSettime(w_.world, e, 0, TimerValue::kNow), -EINVAL);
  EXPECT_EQ(TimerfdSettime(w_.world, 99, 0, TimerValue::kNow), -EBADF);
  EXPECT_EQ(SetTicks(fd_, 0), -EINVAL);
  EXPECT_EQ(SetTicks(e, 1), -ENOTTY);
  EXPECT_EQ(SetTicks(w_.Epoll(), 1), -EINVAL);
  EXPECT_EQ(SetTicks(99, 1), -EBADF);
  EXPECT_EQ(Ioctl(w_.world, fd_, kSetTicks, nullptr), -EFAULT);
  EXPECT_EQ(w_.Read(fd_, 7), -EINVAL);
  EXPECT_EQ(w_.Write(fd_), -EINVAL);
}

TEST_F(TimerfdTest, SetTicksNeedsTheKernelsOption) {
  w_.world.machine.timerfd_set_ticks = false;
  EXPECT_EQ(SetTicks(fd_, 1), -ENOTTY);
}

}  // namespace
}  // namespace pollux
