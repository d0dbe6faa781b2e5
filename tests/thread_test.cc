// Threads of a World: who is woken, who runs, and what timers, signals and
// closed files do to a wait.

#include "core/thread.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/poll.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;

class ThreadTest : public testing::Test {
 protected:
  int64_t Sleep(int thread, int epfd, Timeout timeout = Timeout::kEndless,
                int maxevents = 8) {
    return Wait(w_.world, thread, epfd, {.maxevents = maxevents}, timeout);
  }
  const Thread& T(int thread) const { return w_.world.threads[thread]; }
  bool Asleep(int thread) const {
    return T(thread).in != Waiting::kNone && !T(thread).runnable;
  }
  bool Returned(int thread) const { return T(thread).in == Waiting::kNone; }
  void Run(int thread) {
    ASSERT_TRUE(CanRun(w_.world, thread));
    RunThread(w_.world, thread);
    EXPECT_EQ(Inspect(w_.world), "");
  }

  TestWorld w_;
  const int ep_ = w_.Epoll();
  const int e_ = w_.Eventfd();
};

TEST_F(ThreadTest, ReturnsAtOnceWhatIsThere) {
  w_.Add(ep_, e_, EPOLLIN, 7);
  w_.Write(e_);
  EXPECT_EQ(Sleep(1, ep_), 1);
  EXPECT_THAT(T(1).scan.delivered, ElementsAre(Event{EPOLLIN, 7}));
  EXPECT_TRUE(Returned(1));
}

TEST_F(ThreadTest, ErrorsComeBeforeSleep) {
  EXPECT_EQ(Sleep(1, 99), -EBADF);
  EXPECT_EQ(Sleep(1, e_), -EINVAL);
  EXPECT_EQ(Sleep(1, ep_, Timeout::kEndless, 0), -EINVAL);
  EXPECT_EQ(Sleep(1, ep_, Timeout::kZero), 0);
  EXPECT_EQ(Inspect(w_.world), "");
}

TEST_F(ThreadTest, NewestSleeperFirst) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  for (int t : {1, 2, 3}) EXPECT_EQ(Sleep(t, ep_), kAsleep);
  EXPECT_EQ(Inspect(w_.world), "");
  w_.Write(e_);
  EXPECT_TRUE(T(3).runnable);
  EXPECT_TRUE(Asleep(2));
  Run(3);
  EXPECT_EQ(T(3).result, 1);
  EXPECT_TRUE(Asleep(2));
}

TEST_F(ThreadTest, AWokenThreadIsNoSleeperAnyMore) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  for (int t : {1, 2}) Sleep(t, ep_);
  w_.Write(e_);
  w_.Write(e_);  // before the first has run
  EXPECT_TRUE(T(1).runnable);
  EXPECT_TRUE(T(2).runnable);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
  Run(2);
  EXPECT_TRUE(Asleep(2));
}

TEST_F(ThreadTest, LevelTriggeredItemsWakeOneAfterTheOther) {
  w_.Add(ep_, e_, EPOLLIN);
  for (int t : {1, 2}) Sleep(t, ep_);
  w_.Write(e_);
  EXPECT_TRUE(Asleep(1));
  Run(2);
  EXPECT_TRUE(T(1).runnable);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
}

TEST_F(ThreadTest, WokenInVainItSleepsAsTheNewest) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  for (int t : {1, 2}) Sleep(t, ep_);
  w_.Write(e_);
  w_.Write(e_);
  w_.Read(e_);
  Run(2);
  Run(1);
  w_.Write(e_);
  EXPECT_TRUE(T(1).runnable);
  EXPECT_TRUE(Asleep(2));
}

// --- Timers

TEST_F(ThreadTest, ATimeoutReturnsNothing) {
  w_.Add(ep_, e_, EPOLLIN);
  Sleep(1, ep_, Timeout::kFinite);
  EXPECT_TRUE(CanTimeOut(w_.world, 1));
  FireTimer(w_.world, 1);
  EXPECT_FALSE(CanTimeOut(w_.world, 1));
  Run(1);
  EXPECT_EQ(T(1).result, 0);
}

TEST_F(ThreadTest, OnlyFiniteTimeoutsPass) {
  Sleep(1, ep_);
  EXPECT_FALSE(CanTimeOut(w_.world, 1));
  EXPECT_FALSE(CanTimeOut(w_.world, 2));
}

// Kernel: the last lines of ep_poll. An event that hits a thread whose time is
// over, but which has not run, is taken by it.
TEST_F(ThreadTest, AnEventAfterTheTimeoutIsNotLost) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  Sleep(1, ep_, Timeout::kFinite);
  FireTimer(w_.world, 1);
  w_.Write(e_);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
}

// ... and wakes the next sleeper as well, for that thread was awake already.
TEST_F(ThreadTest, AThreadThatIsAwakeDoesNotUseUpAWakeup) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  Sleep(1, ep_);
  Sleep(2, ep_, Timeout::kFinite);
  FireTimer(w_.world, 2);
  w_.Write(e_);
  EXPECT_TRUE(T(1).runnable);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
  Run(2);
  EXPECT_EQ(T(2).result, 0);
}

TEST_F(ThreadTest, TimedOutAndNotWokenItDoesNotLook) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  Sleep(1, ep_, Timeout::kFinite);
  Sleep(2, ep_);
  FireTimer(w_.world, 1);
  w_.Write(e_);  // wakes thread 2
  Run(1);
  EXPECT_EQ(T(1).result, 0);
  Run(2);
  EXPECT_EQ(T(2).result, 1);
}

// --- Files

TEST_F(ThreadTest, AClosedEpollLivesUntilTheWaitEnds) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  Sleep(1, ep_);
  w_.Close(ep_);
  EXPECT_EQ(Inspect(w_.world), "");
  EXPECT_EQ(w_.world.eventpolls.live(), 1u);
  w_.Write(e_);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
  EXPECT_EQ(w_.world.eventpolls.live(), 0u);
}

TEST_F(ThreadTest, AClosedFileWakesNobody) {
  w_.Add(ep_, e_, EPOLLIN);
  Sleep(1, ep_);
  w_.Close(e_);
  EXPECT_TRUE(Asleep(1));
  EXPECT_EQ(Inspect(w_.world), "");
}

// --- EPOLLEXCLUSIVE

TEST_F(ThreadTest, AnExclusiveItemWithASleeperTakesTheWakeup) {
  const int other = w_.Epoll();
  w_.Add(ep_, e_, EPOLLIN | EPOLLEXCLUSIVE);
  w_.Add(other, e_, EPOLLIN | EPOLLEXCLUSIVE);
  Sleep(1, ep_);
  Sleep(2, other);
  w_.Write(e_);
  EXPECT_TRUE(T(1).runnable);
  EXPECT_TRUE(Asleep(2));
  w_.Write(e_);  // thread 1 is no sleeper any more
  EXPECT_TRUE(T(2).runnable);
}

// A key with both directions, or none that the item asks for, is not taken.
TEST_F(ThreadTest, AnExclusiveItemTakesOnlyItsDirection) {
  const Ends p = w_.Pipe();
  const int other = w_.Epoll();
  w_.Add(ep_, p.r, EPOLLIN | EPOLLEXCLUSIVE);
  w_.Add(other, p.r, EPOLLIN | EPOLLEXCLUSIVE);
  Sleep(1, ep_);
  Sleep(2, other);
  w_.Close(p.w);  // no key, and for all
  EXPECT_TRUE(T(1).runnable);
  EXPECT_TRUE(T(2).runnable);
}

// --- poll(2)

TEST_F(ThreadTest, PollIsWokenAndTakesNothing) {
  w_.Add(ep_, e_, EPOLLIN | EPOLLET);
  EXPECT_EQ(PollWaiting(w_.world, 1, ep_, POLLIN, Timeout::kEndless), kAsleep);
  EXPECT_EQ(Inspect(w_.world), "");
  w_.Write(e_);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
  EXPECT_EQ(T(1).revents, uint32_t{POLLIN});
  EXPECT_EQ(w_.Wait(ep_).size(), 1u);
}

TEST_F(ThreadTest, PollHearsOnlyWhatItAsksFor) {
  EXPECT_EQ(PollWaiting(w_.world, 1, e_, POLLPRI, Timeout::kEndless), kAsleep);
  w_.Write(e_);
  EXPECT_TRUE(Asleep(1));
}

TEST_F(ThreadTest, PollLooksTheNumberUpAgain) {
  const Ends p = w_.Pipe();
  const int d = w_.Dup(p.r);
  PollWaiting(w_.world, 1, p.r, POLLIN, Timeout::kEndless);
  w_.Close(p.r);
  w_.Write(p.w);
  Run(1);
  EXPECT_EQ(T(1).revents, uint32_t{POLLNVAL});
  w_.Close(d);
  EXPECT_EQ(Inspect(w_.world), "");
}

// --- Signals

TEST_F(ThreadTest, ASignalEndsAWait) {
  Sleep(1, ep_);
  SendSignal(w_.world, 1, kUsr1);
  Run(1);
  EXPECT_EQ(T(1).result, -EINTR);
  EXPECT_EQ(T(1).handled, kUsr1);
  EXPECT_EQ(T(1).pending, 0);
}

TEST_F(ThreadTest, EventsWinOverSignals) {
  w_.Add(ep_, e_, EPOLLIN);
  Sleep(1, ep_);
  SendSignal(w_.world, 1, kUsr1);
  w_.Write(e_);
  Run(1);
  EXPECT_EQ(T(1).result, 1);
  EXPECT_EQ(T(1).handled, kUsr1);
}

TEST_F(ThreadTest, IgnoredSignalsAreKeptOnlyWhileBlocked) {
  SendSignal(w_.world, 1, kWinch);
  EXPECT_EQ(T(1).pending, 0);
  SetSignalMask(w_.world, 1, kWinch);
  SendSignal(w_.world, 1, kWinch);
  EXPECT_EQ(T(1).pending, kWinch);
  const UserSignals none = 0;
  EXPECT_EQ(Wait(w_.world, 1, ep_, {.maxevents = 1}, Timeout::kEndless, &none),
            -EINTR);
  EXPECT_EQ(T(1).pending, 0);
  EXPECT_EQ(T(1).handled, 0);
  EXPECT_EQ(T(1).blocked, kWinch);
}

TEST_F(ThreadTest, TheMaskOfAWaitIsRestoredBeforeSignalsAreDelivered) {
  SetSignalMask(w_.world, 1, kUsr1);
  SendSignal(w_.world, 1, kUsr1);
  const UserSignals none = 0;
  EXPECT_EQ(Wait(w_.world, 1, ep_, {.maxevents = 1}, Timeout::kZero, &none), 0);
  EXPECT_EQ(T(1).pending, kUsr1);
  EXPECT_EQ(T(1).handled, 0);
}

// --- Scans that are frozen

TEST_F(ThreadTest, WaitsForTheMutexOfAFrozenScan) {
  const int f = w_.Eventfd();
  w_.Add(ep_, e_, EPOLLIN | EPOLLET, 1);
  w_.Add(ep_, f, EPOLLIN | EPOLLET, 2);
  w_.Write(e_);
  EXPECT_EQ(Freeze(w_.world, ep_, {.maxevents = 8, .freeze_at = 0}), 1);
  EXPECT_EQ(Sleep(1, ep_), kAsleep);
  EXPECT_FALSE(CanRun(w_.world, 1));
  w_.Write(f);
  EXPECT_FALSE(CanRun(w_.world, 1));
  EXPECT_EQ(Thaw(w_.world), 1);
  Run(1);
  EXPECT_THAT(T(1).scan.delivered, ElementsAre(Event{EPOLLIN, 2}));
}

}  // namespace
}  // namespace pollux
