// signalfds: whose signals they show, and which calls wake.

#include "core/signalfd.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SignalSet kUrgSet = 1, kIoSet = 2, kRealTimeSet = 4;

class SignalfdTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  // The number that a read of one record shows, or -errno.
  int64_t ReadOne() {
    uint64_t number = 0;
    const int64_t result = Read(w_.world, fd_, 128, &number);
    return result < 0 ? result : static_cast<int64_t>(number);
  }

  TestWorld w_;
  int fd_ = Signalfd4(w_.world, kUrgSet | kRealTimeSet, SFD_NONBLOCK);
};

TEST_F(SignalfdTest, MaskFollowsThePendingSignals) {
  RaiseSignal(w_.world, Signal::kIo);
  EXPECT_EQ(w_.Mask(fd_), 0u);
  KillProcess(w_.world, Signal::kUrg);
  EXPECT_EQ(w_.Mask(fd_), EPOLLIN);
  EXPECT_EQ(ReadOne(), SIGURG);
  EXPECT_EQ(w_.Mask(fd_), 0u);
  EXPECT_EQ(ReadOne(), -EAGAIN);
  EXPECT_EQ(w_.Read(fd_, 127), -EINVAL);
}

TEST_F(SignalfdTest, OnlyRealTimeSignalsQueue) {
  for (int i = 0; i < 3; ++i) {
    RaiseSignal(w_.world, Signal::kUrg);
    RaiseSignal(w_.world, Signal::kRealTime);
  }
  EXPECT_EQ(w_.Read(fd_, 128 * 8), 128 * 4);
}

TEST_F(SignalfdTest, AnotherThreadSeesThoseOfTheProcess) {
  RaiseSignal(w_.world, Signal::kUrg);
  w_.world.in_scan_thread = true;
  EXPECT_EQ(w_.Mask(fd_), 0u);
  KillProcess(w_.world, Signal::kUrg);
  EXPECT_EQ(w_.Mask(fd_), EPOLLIN);
}

TEST_F(SignalfdTest, EverySignalThatIsQueuedIsAnEdge) {
  const int ep = w_.Epoll();
  w_.Add(ep, fd_, EPOLLIN | EPOLLET, 1);
  RaiseSignal(w_.world, Signal::kUrg);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  RaiseSignal(w_.world, Signal::kUrg);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
  RaiseSignal(w_.world, Signal::kIo);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  ChangeSignalfd(w_.world, fd_, kUrgSet);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  InterruptThread(w_.world);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
}

TEST_F(SignalfdTest, DeliveryLeavesMoreOfTheFirst) {
  EXPECT_FALSE(DeliverSignals(w_.world));
  RaiseSignal(w_.world, Signal::kUrg);
  KillProcess(w_.world, Signal::kUrg);
  RaiseSignal(w_.world, Signal::kRealTime);
  RaiseSignal(w_.world, Signal::kRealTime);
  EXPECT_TRUE(DeliverSignals(w_.world));
  EXPECT_EQ(w_.world.signals.thread.set(), 0u);
  EXPECT_EQ(w_.world.signals.process.set(), kUrgSet);
}

TEST_F(SignalfdTest, Errors) {
  EXPECT_EQ(Signalfd4(w_.world, 0, 0x10), -EINVAL);
  EXPECT_EQ(ChangeSignalfd(w_.world, w_.Eventfd(), kIoSet), -EINVAL);
  EXPECT_EQ(ChangeSignalfd(w_.world, 99, kIoSet), -EBADF);
  EXPECT_EQ(w_.Write(fd_), -EINVAL);
}

}  // namespace
}  // namespace pollux
