// eventpoll: checks and errors, masks, order, edges, one-shots, faults, scans.

#include "core/eventpoll.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventpollTest : public testing::Test {
 protected:
  // Eventfds that are ready, watched in turn with data 1, 2, ...
  std::vector<int> Ready(int count, uint32_t events = EPOLLIN) {
    std::vector<int> fds;
    for (int i = 0; i < count; ++i) {
      fds.push_back(w_.Eventfd(1));
      EXPECT_EQ(w_.Add(ep_, fds.back(), events, i + 1), 0);
    }
    return fds;
  }

  uint32_t StoredMask(int fd) {
    std::vector<InterestLine> lines;
    EXPECT_EQ(Fdinfo(w_.world, ep_, &lines), 0);
    for (const InterestLine& line : lines) {
      if (line.tfd == fd) return line.events;
    }
    ADD_FAILURE() << "no item for " << fd;
    return 0;
  }

  TestWorld w_;
  int ep_ = w_.Epoll();
};

// --- Arguments

TEST_F(EventpollTest, CreateChecksSizeAndFlags) {
  EXPECT_EQ(EpollCreate(w_.world, 0), -EINVAL);
  EXPECT_EQ(EpollCreate(w_.world, -1), -EINVAL);
  EXPECT_EQ(EpollCreate(w_.world, INT_MAX), 1);
  EXPECT_EQ(EpollCreate1(w_.world, EPOLL_CLOEXEC), 2);
  EXPECT_EQ(EpollCreate1(w_.world, O_NONBLOCK), -EINVAL);
}

TEST_F(EventpollTest, NullEventIsAFaultExceptForDel) {
  const int e = w_.Eventfd();
  for (int op : {EPOLL_CTL_ADD, EPOLL_CTL_MOD, 0, 4, -1}) {
    EXPECT_EQ(EpollCtl(w_.world, -1, op, -1, nullptr), -EFAULT) << op;
  }
  w_.Add(ep_, e, EPOLLIN);
  EXPECT_EQ(EpollCtl(w_.world, ep_, EPOLL_CTL_DEL, e, nullptr), 0);
}

TEST_F(EventpollTest, CtlChecksInTheKernelsOrder) {
  const int e = w_.Eventfd();
  const int other = w_.Eventfd();
  EXPECT_EQ(w_.Add(-1, e, 0), -EBADF);
  EXPECT_EQ(w_.Add(ep_, -1, 0), -EBADF);
  EXPECT_EQ(w_.Add(e, -1, 0), -EBADF);
  EXPECT_EQ(w_.Add(e, other, 0), -EINVAL);
  EXPECT_EQ(w_.Ctl(ep_, 99, e, 0), -EINVAL);
  EXPECT_EQ(w_.Mod(ep_, e, 0), -ENOENT);
  EXPECT_EQ(w_.Del(ep_, e), -ENOENT);
  EXPECT_EQ(w_.Add(ep_, e, 0), 0);
  EXPECT_EQ(w_.Add(ep_, e, 0), -EEXIST);
}

TEST_F(EventpollTest, ExclusiveAllowsFewBits) {
  const int e = w_.Eventfd();
  constexpr uint32_t kOk =
      EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET;
  for (int bit = 0; bit < 32; ++bit) {
    const uint32_t mask = 1u << bit;
    if (mask == EPOLLEXCLUSIVE) continue;
    const int expected = mask & kOk ? 0 : -EINVAL;
    EXPECT_EQ(w_.Add(ep_, e, EPOLLEXCLUSIVE | mask), expected) << bit;
    w_.Del(ep_, e);
  }
  EXPECT_EQ(w_.Add(ep_, w_.Epoll(), EPOLLEXCLUSIVE | EPOLLIN), -EINVAL);
}

TEST_F(EventpollTest, ModAndExclusiveDoNotMix) {
  const int e = w_.Eventfd();
  EXPECT_EQ(w_.Mod(ep_, e, EPOLLEXCLUSIVE), -EINVAL);  // before ENOENT
  w_.Add(ep_, e, EPOLLEXCLUSIVE | EPOLLIN);
  EXPECT_EQ(w_.Mod(ep_, e, EPOLLIN), -EINVAL);
  EXPECT_EQ(w_.Del(ep_, e), 0);
}

TEST_F(EventpollTest, WaitChecksArguments) {
  const int e = w_.Eventfd();
  const auto wait = [&](int fd, int max) {
    return EpollWait(w_.world, fd, {.maxevents = max});
  };
  EXPECT_EQ(wait(-1, 0), -EBADF);
  EXPECT_EQ(wait(e, 1), -EINVAL);
  EXPECT_EQ(wait(ep_, 0), -EINVAL);
  EXPECT_EQ(wait(ep_, -1), -EINVAL);
  EXPECT_EQ(wait(ep_, INT_MAX / 12), 0);
  EXPECT_EQ(wait(ep_, INT_MAX / 12 + 1), -EINVAL);
  w_.world.profile.Enable(Quirk::kWaitChecksSizeFirst);
  EXPECT_EQ(wait(-1, 0), -EINVAL);
}

TEST_F(EventpollTest, WatchesAreLimited) {
  Machine machine;
  machine.max_user_watches = 2;
  TestWorld w({}, machine);
  const int ep = w.Epoll();
  const int a = w.Eventfd(), b = w.Eventfd(), c = w.Eventfd();
  EXPECT_EQ(w.Add(ep, a, 0), 0);
  EXPECT_EQ(w.Add(ep, b, 0), 0);
  EXPECT_EQ(w.Add(ep, c, 0), -ENOSPC);
  EXPECT_EQ(w.Add(ep, b, 0), -EEXIST);
  EXPECT_EQ(w.Mod(ep, b, EPOLLIN), 0);
  w.Close(a);
  EXPECT_EQ(w.Add(ep, c, 0), 0);
}

// --- Masks

TEST_F(EventpollTest, StoresTheMaskAsGivenPlusErrAndHup) {
  const int e = w_.Eventfd();
  w_.Add(ep_, e, 0);
  EXPECT_EQ(StoredMask(e), EPOLLERR | EPOLLHUP);
  w_.Mod(ep_, e, ~static_cast<uint32_t>(EPOLLEXCLUSIVE));
  EXPECT_EQ(StoredMask(e), 0xcfffffffu);  // EPOLLWAKEUP is stripped
  w_.world.machine.keeps_epollwakeup = true;
  w_.Mod(ep_, e, EPOLLWAKEUP);
  EXPECT_EQ(StoredMask(e), EPOLLWAKEUP | EPOLLERR | EPOLLHUP);
}

TEST_F(EventpollTest, ReportsStateAndMaskOnly) {
  const Ends s = w_.Sockets();
  w_.Add(ep_, s.a, EPOLLRDNORM | EPOLLWRBAND | EPOLLET, 7);
  w_.Write(s.b, 1);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLRDNORM | EPOLLWRBAND, 7}));
}

TEST_F(EventpollTest, HupCannotBeMaskedOut) {
  const Ends p = w_.Pipe();
  w_.Add(ep_, p.r, 0, 1);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  w_.Close(p.w);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLHUP, 1}));
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLHUP, 1}));
}

TEST_F(EventpollTest, DataAreAll64Bits) {
  const int e = w_.Eventfd(1);
  w_.Add(ep_, e, EPOLLIN, 0xfedcba9876543210);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(0xfedcba9876543210));
}

// --- Level, edge, one-shot

TEST_F(EventpollTest, LevelReportsAsLongAsItIsSo) {
  const int e = Ready(1)[0];
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  w_.Read(e);
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
}

TEST_F(EventpollTest, EdgeReportsOncePerWakeUp) {
  const int e = Ready(1, EPOLLIN | EPOLLET)[0];
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
  w_.Write(e);
  w_.Write(e);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
}

TEST_F(EventpollTest, AnEdgeThatWasDrainedIsNone) {
  const int e = w_.Eventfd();
  w_.Add(ep_, e, EPOLLIN | EPOLLET);
  w_.Write(e);
  w_.Read(e);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(EventpollTest, ModArmsAnEdgeAgain) {
  const int e = Ready(1, EPOLLIN | EPOLLET)[0];
  w_.Wait(ep_);
  w_.Mod(ep_, e, EPOLLIN | EPOLLET, 9);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(9));
}

TEST_F(EventpollTest, OneshotIsDeafUntilMod) {
  const Ends p = w_.Pipe();
  w_.Add(ep_, p.r, EPOLLIN | EPOLLONESHOT, 1);
  w_.Write(p.w, 1);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_EQ(StoredMask(p.r), EPOLLONESHOT);
  w_.Write(p.w, 1);
  w_.Close(p.w);
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
  EXPECT_EQ(w_.Add(ep_, p.r, EPOLLIN), -EEXIST);
  w_.Mod(ep_, p.r, EPOLLONESHOT, 2);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLHUP, 2}));
}

TEST_F(EventpollTest, OneshotAndEdgeIsOneshot) {
  const int e = Ready(1, EPOLLIN | EPOLLET | EPOLLONESHOT)[0];
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_EQ(StoredMask(e), EPOLLET | EPOLLONESHOT);
  w_.Write(e);
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
}

// --- Order

TEST_F(EventpollTest, OrderIsThatOfReadiness) {
  std::vector<int> fds;
  for (uint64_t i = 1; i <= 3; ++i) {
    fds.push_back(w_.Eventfd());
    w_.Add(ep_, fds.back(), EPOLLIN, i);
  }
  for (int i : {2, 0, 1, 2}) w_.Write(fds[i]);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(3, 1, 2));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(3, 1, 2));
}

TEST_F(EventpollTest, TruncationRotatesLevelItems) {
  Ready(3);
  EXPECT_THAT(w_.WaitData(ep_, 2), ElementsAre(1, 2));
  EXPECT_THAT(w_.WaitData(ep_, 2), ElementsAre(3, 1));
  EXPECT_THAT(w_.WaitData(ep_, 2), ElementsAre(2, 3));
}

TEST_F(EventpollTest, TruncationKeepsEdgesForLater) {
  Ready(3, EPOLLIN | EPOLLET);
  EXPECT_THAT(w_.WaitData(ep_, 1), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep_, 1), ElementsAre(2));
  EXPECT_THAT(w_.WaitData(ep_, 5), ElementsAre(3));
  EXPECT_THAT(w_.WaitData(ep_, 5), IsEmpty());
}

TEST_F(EventpollTest, StaleItemsDoNotCountAndKeepTheirPlace) {
  const std::vector<int> fds = Ready(3);
  w_.Read(fds[0]);
  EXPECT_THAT(w_.WaitData(ep_, 2), ElementsAre(2, 3));
  w_.Write(fds[0]);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2, 3, 1));

  w_.Read(fds[1]);  // drained and written before anyone looks
  w_.Write(fds[1]);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2, 3, 1));
}

TEST_F(EventpollTest, PollingTheEpollDropsStaleItemsBeforeTheFirstReady) {
  const std::vector<int> fds = Ready(2);
  w_.Read(fds[0]);
  EXPECT_EQ(w_.Mask(ep_), EPOLLIN | EPOLLRDNORM);
  w_.Write(fds[0]);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2, 1));
}

TEST_F(EventpollTest, PollingTheEpollConsumesNothing) {
  Ready(2, EPOLLIN | EPOLLET);
  EXPECT_EQ(w_.Mask(ep_), EPOLLIN | EPOLLRDNORM);
  EXPECT_EQ(w_.Mask(ep_), EPOLLIN | EPOLLRDNORM);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 2));
  EXPECT_EQ(w_.Mask(ep_), 0u);
}

TEST_F(EventpollTest, ModOfAQueuedItemKeepsItsPlace) {
  const std::vector<int> fds = Ready(2);
  w_.Mod(ep_, fds[0], EPOLLIN | EPOLLOUT, 9);
  EXPECT_THAT(w_.Wait(ep_),
              ElementsAre(Event{EPOLLIN | EPOLLOUT, 9}, Event{EPOLLIN, 2}));
}

TEST_F(EventpollTest, ModToAMaskThatIsNotReadyIsDroppedLazily) {
  const std::vector<int> fds = Ready(2);
  w_.Mod(ep_, fds[0], EPOLLPRI, 1);
  w_.Mod(ep_, fds[0], EPOLLIN, 1);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 2));
  w_.Mod(ep_, fds[0], EPOLLPRI, 1);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2));
}

TEST_F(EventpollTest, DelTakesWhatWasQueued) {
  const std::vector<int> fds = Ready(3);
  w_.Del(ep_, fds[1]);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 3));
}

// --- Faults

TEST_F(EventpollTest, AFaultInTheFirstEventConsumesNothing) {
  Ready(2, EPOLLIN | EPOLLET);
  EXPECT_EQ(EpollWait(w_.world, ep_, {.maxevents = 2, .writable = 0}), -EFAULT);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 2));
}

TEST_F(EventpollTest, AFaultInALaterEventReturnsTheFormer) {
  Ready(3);
  EXPECT_EQ(EpollWait(w_.world, ep_, {.maxevents = 3, .writable = 1}), 1);
  EXPECT_THAT(w_.world.scan.delivered, ElementsAre(Event{EPOLLIN, 1}));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2, 3, 1));
}

TEST_F(EventpollTest, NullBufferIsFineWhereNothingIsReady) {
  EXPECT_EQ(EpollWait(w_.world, ep_, {.maxevents = 1, .writable = 0}), 0);
}

// --- Frozen scans

// LT items A..E are ready, H, F and G are edge-triggered; all happens while
// the copy of C is stopped.
class FrozenScanTest : public EventpollTest {
 protected:
  FrozenScanTest() {
    level_ = Ready(5);
    for (uint64_t data : {6, 7, 8}) {
      edge_.push_back(w_.Eventfd());
      w_.Add(ep_, edge_.back(), EPOLLIN | EPOLLET, data);
    }
  }

  int FreezeAt(uint32_t at, int maxevents) {
    return Freeze(w_.world, ep_, {.maxevents = maxevents, .freeze_at = at});
  }

  std::vector<uint64_t> Thawed() {
    const int result = Thaw(w_.world);
    EXPECT_EQ(result, static_cast<int>(w_.world.scan.delivered.size()));
    std::vector<uint64_t> data;
    for (const Event& event : w_.world.scan.delivered) {
      data.push_back(event.data);
    }
    return data;
  }

  std::vector<int> level_;
  std::vector<int> edge_;
};

TEST_F(FrozenScanTest, OverflowGoesBetweenLeftoversAndDelivered) {
  ASSERT_EQ(FreezeAt(2, 4), 1);
  for (int i : {2, 0, 1}) w_.Write(edge_[i]);
  w_.Write(level_[0]);  // delivered already
  w_.Write(level_[3]);  // still in the batch
  EXPECT_THAT(Thawed(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(5, 8, 6, 7, 1, 2, 3, 4));
}

TEST_F(FrozenScanTest, OldLinuxPutsOverflowLastAndReversed) {
  w_.world.profile.Enable(Quirk::kOvflistLifo);
  ASSERT_EQ(FreezeAt(2, 4), 1);
  for (int i : {2, 0, 1}) w_.Write(edge_[i]);
  EXPECT_THAT(Thawed(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(5, 1, 2, 3, 4, 7, 6, 8));
}

TEST_F(FrozenScanTest, TheStoppedEventShowsTheStateAtItsPoll) {
  ASSERT_EQ(FreezeAt(0, 1), 1);
  w_.Read(level_[0]);
  EXPECT_THAT(Thawed(), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2, 3, 4, 5));
}

TEST_F(FrozenScanTest, AnEdgeDuringItsOwnCopyIsKept) {
  w_.Write(edge_[0]);
  ASSERT_EQ(FreezeAt(5, 6), 1);
  w_.Write(edge_[0]);
  EXPECT_THAT(Thawed(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(w_.WaitData(ep_, 1), ElementsAre(6));
}

TEST_F(FrozenScanTest, AOneshotDuringItsOwnCopyIsNotDeliveredTwice) {
  const int e = w_.Eventfd(1);
  const int ep = w_.Epoll();
  w_.Add(ep, e, EPOLLIN | EPOLLONESHOT, 1);
  ASSERT_EQ(Freeze(w_.world, ep, {.maxevents = 1, .freeze_at = 0}), 1);
  w_.Write(e);
  EXPECT_THAT(Thawed(), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(FrozenScanTest, AScanThatEndsBeforeIsNotFrozen) {
  EXPECT_EQ(FreezeAt(5, 5), 0);
  EXPECT_EQ(w_.world.scan.ep, kNil);
  EXPECT_THAT(Thawed(), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(FrozenScanTest, ErrorsComeOutOfTheThaw) {
  EXPECT_EQ(Freeze(w_.world, -1, {.maxevents = 1, .freeze_at = 0}), 0);
  EXPECT_EQ(Thaw(w_.world), -EBADF);
  EXPECT_EQ(FreezeAt(0, 0), 0);
  EXPECT_EQ(Thaw(w_.world), -EINVAL);
}

TEST_F(FrozenScanTest, OuterEpollsHearWhatOverflows) {
  const int outer = w_.Epoll();
  w_.Add(outer, ep_, EPOLLIN | EPOLLET, 1);
  EXPECT_THAT(w_.WaitData(outer), ElementsAre(1));
  ASSERT_EQ(FreezeAt(0, 1), 1);
  w_.Write(edge_[0]);
  Thaw(w_.world);
  EXPECT_THAT(w_.WaitData(outer), ElementsAre(1));
}

// --- fdinfo

TEST_F(EventpollTest, FdinfoShowsEveryItem) {
  const int a = w_.Eventfd();
  const int b = w_.Eventfd();
  w_.Add(ep_, a, EPOLLIN, 5);
  w_.Add(ep_, b, EPOLLET, 6);
  std::vector<InterestLine> lines;
  ASSERT_EQ(Fdinfo(w_.world, ep_, &lines), 0);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines,
            (std::vector<InterestLine>{{a, EPOLLIN | EPOLLERR | EPOLLHUP, 5},
                                       {b, EPOLLET | EPOLLERR | EPOLLHUP, 6}}));
  EXPECT_EQ(Fdinfo(w_.world, a, &lines), -EINVAL);
  EXPECT_EQ(Fdinfo(w_.world, 99, &lines), -EBADF);
}

}  // namespace
}  // namespace pollux
