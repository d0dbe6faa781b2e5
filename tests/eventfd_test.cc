// Eventfds: counter, masks, errors, and which calls wake.

#include "core/eventfd.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kMax = ~0ull - 1;  // the largest counter

uint64_t ReadValue(TestWorld& w, int fd) {
  uint64_t value = 0;
  EXPECT_EQ(Read(w.world, fd, 8, &value), 8);
  return value;
}

TEST(EventfdTest, MaskFollowsTheCounter) {
  TestWorld w;
  const int fd = w.Eventfd();
  EXPECT_EQ(w.Mask(fd), EPOLLOUT);
  w.Write(fd, 8, 1);
  EXPECT_EQ(w.Mask(fd), EPOLLIN | EPOLLOUT);
  w.Write(fd, 8, kMax - 2);
  EXPECT_EQ(w.Mask(fd), EPOLLIN | EPOLLOUT);
  w.Write(fd, 8, 1);
  EXPECT_EQ(w.Mask(fd), EPOLLIN);
  w.Read(fd);
  EXPECT_EQ(w.Mask(fd), EPOLLOUT);
}

TEST(EventfdTest, ReadTakesAll) {
  TestWorld w;
  const int fd = w.Eventfd(3);
  w.Write(fd, 8, 4);
  EXPECT_EQ(ReadValue(w, fd), 7u);
  EXPECT_EQ(w.Read(fd), -EAGAIN);
}

TEST(EventfdTest, SemaphoreReadTakesOne) {
  TestWorld w;
  const int fd = w.Eventfd(2, EFD_SEMAPHORE);
  EXPECT_EQ(ReadValue(w, fd), 1u);
  EXPECT_EQ(ReadValue(w, fd), 1u);
  EXPECT_EQ(w.Read(fd), -EAGAIN);
}

TEST(EventfdTest, OnlyEightBytesCanBeWritten) {
  TestWorld w;
  const int fd = w.Eventfd();
  for (uint64_t length : {0, 1, 7, 9, 16}) {
    EXPECT_EQ(w.Write(fd, length), -EINVAL) << length;
  }
  EXPECT_EQ(w.Write(fd, 8), 8);
}

TEST(EventfdTest, AtLeastEightBytesMustBeRead) {
  TestWorld w;
  const int fd = w.Eventfd(1);
  for (uint64_t length : {0, 1, 7}) EXPECT_EQ(w.Read(fd, length), -EINVAL);
  EXPECT_EQ(w.Read(fd, 4096), 8);
}

TEST(EventfdTest, CounterDoesNotOverflow) {
  TestWorld w;
  const int fd = w.Eventfd();
  EXPECT_EQ(w.Write(fd, 8, ~0ull), -EINVAL);
  EXPECT_EQ(w.Write(fd, 8, kMax), 8);
  EXPECT_EQ(w.Write(fd, 8, 1), -EAGAIN);
  EXPECT_EQ(w.Write(fd, 8, 0), 8);
  EXPECT_EQ(ReadValue(w, fd), kMax);
}

TEST(EventfdTest, InitialValueHas32Bits) {
  TestWorld w;
  EXPECT_EQ(ReadValue(w, w.Eventfd(0xffffffff)), 0xffffffffu);
}

TEST(EventfdTest, UnknownFlagsAreInvalid) {
  World world;
  EXPECT_EQ(Eventfd2(world, 0, 2), -EINVAL);
  EXPECT_EQ(Eventfd2(world, 0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC), 0);
}

class EventfdWakeTest : public testing::Test {
 protected:
  void Watch(uint32_t events) {
    ASSERT_EQ(w_.Add(ep_, fd_, events | EPOLLET), 0);
    w_.Wait(ep_);
  }

  TestWorld w_;
  int fd_ = w_.Eventfd();
  int ep_ = w_.Epoll();
};

TEST_F(EventfdWakeTest, EveryWriteIsAnEdge) {
  Watch(EPOLLIN);
  w_.Write(fd_);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 0}));
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  w_.Write(fd_);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 0}));
}

TEST_F(EventfdWakeTest, WritingZeroIsAnEdgeThatReportsTheState) {
  Watch(EPOLLIN | EPOLLOUT);
  w_.Write(fd_, 8, 0);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLOUT, 0}));
}

TEST_F(EventfdWakeTest, EveryReadIsAnEdgeForWriters) {
  w_.Write(fd_);
  Watch(EPOLLOUT);
  w_.Read(fd_);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLOUT, 0}));
}

TEST_F(EventfdWakeTest, ReadersDoNotHearReads) {
  TestWorld w;
  const int fd = w.Eventfd(2, EFD_SEMAPHORE);
  const int ep = w.Epoll();
  w.Add(ep, fd, EPOLLIN | EPOLLET);
  w.Wait(ep);
  w.Read(fd);
  EXPECT_EQ(w.Mask(fd), EPOLLIN | EPOLLOUT);
  EXPECT_THAT(w.Wait(ep), IsEmpty());
}

TEST_F(EventfdWakeTest, FailingCallsAreNoEdges) {
  Watch(EPOLLIN | EPOLLOUT);
  EXPECT_EQ(w_.Read(fd_), -EAGAIN);
  EXPECT_EQ(w_.Write(fd_, 7), -EINVAL);
  EXPECT_EQ(w_.Write(fd_, 8, ~0ull), -EINVAL);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(EventfdWakeTest, RdnormAndWrnormNeverShow) {
  ASSERT_EQ(w_.Add(ep_, fd_, EPOLLRDNORM | EPOLLWRNORM), 0);
  w_.Write(fd_);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(EventfdWakeTest, CloseForgetsTheItem) {
  Watch(EPOLLIN);
  w_.Write(fd_);
  w_.Close(fd_);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  EXPECT_EQ(w_.world.eventfds.live(), 0u);
}

}  // namespace
}  // namespace pollux
