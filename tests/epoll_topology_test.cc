// Loops, nesting depth and numbers of wake-up paths.

#include "core/epoll_topology.h"

#include <errno.h>
#include <sys/epoll.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;

class TopologyTest : public testing::Test {
 protected:
  int Watch(int outer, int inner) { return w_.Add(outer, inner, EPOLLIN); }

  // A chain; the first is innermost: chain[0] ◀─ chain[1] ◀─ ...
  std::vector<int> Chain(int length) {
    std::vector<int> chain;
    for (int i = 0; i < length; ++i) {
      chain.push_back(w_.Epoll());
      if (i > 0) {
        EXPECT_EQ(Watch(chain[i], chain[i - 1]), 0) << i;
      }
    }
    return chain;
  }

  // Epolls that watch `file`, each watched by `outers` epolls.
  void Fan(int file, int outers) {
    const int middle = w_.Epoll();
    ASSERT_EQ(Watch(middle, file), 0);
    for (int i = 0; i < outers; ++i) ASSERT_EQ(Watch(w_.Epoll(), middle), 0);
  }

  TestWorld w_;
};

TEST_F(TopologyTest, AnEpollCannotWatchItself) {
  const int e0 = w_.Epoll();
  EXPECT_EQ(Watch(e0, e0), -EINVAL);
  EXPECT_EQ(Watch(e0, w_.Dup(e0)), -EINVAL);
}

//   e0 ◀─ e1 ◀─ e2 ◀─ e0 ?
TEST_F(TopologyTest, ALoopIsRefused) {
  const std::vector<int> e = Chain(3);
  EXPECT_EQ(Watch(e[0], e[1]), -ELOOP);
  EXPECT_EQ(Watch(e[0], e[2]), -ELOOP);
  EXPECT_EQ(Watch(e[1], e[2]), -ELOOP);
  EXPECT_EQ(w_.world.user_watches, 2u);
}

//         ┌─ e1 ◀─┐
//   e0 ◀──┤       ├── e3
//         └─ e2 ◀─┘
TEST_F(TopologyTest, ADiamondIsNoLoop) {
  const int e0 = w_.Epoll(), e1 = w_.Epoll(), e2 = w_.Epoll(), e3 = w_.Epoll();
  EXPECT_EQ(Watch(e1, e0), 0);
  EXPECT_EQ(Watch(e2, e0), 0);
  EXPECT_EQ(Watch(e3, e1), 0);
  EXPECT_EQ(Watch(e3, e2), 0);
  EXPECT_EQ(Watch(e0, e3), -ELOOP);
}

TEST_F(TopologyTest, FiveEpollsInAChainAreTheMost) {
  const std::vector<int> e = Chain(5);
  EXPECT_EQ(Watch(w_.Epoll(), e[4]), -ELOOP);  // a new outermost
  EXPECT_EQ(Watch(e[0], w_.Epoll()), -ELOOP);  // a new innermost
}

//   e0 ◀─ e1 ◀─ e2   ◀?─   f0 ◀─ f1 ◀─ f2
TEST_F(TopologyTest, JoiningTwoChainsCountsBoth) {
  const std::vector<int> e = Chain(3);
  const std::vector<int> f = Chain(3);
  EXPECT_EQ(Watch(f[0], e[2]), -ELOOP);
  EXPECT_EQ(Watch(f[0], e[1]), 0);
}

TEST_F(TopologyTest, DelMakesRoom) {
  const std::vector<int> e = Chain(5);
  const int outer = w_.Epoll();
  ASSERT_EQ(w_.Del(e[1], e[0]), 0);
  EXPECT_EQ(Watch(outer, e[4]), 0);
  EXPECT_EQ(Watch(e[1], e[0]), -ELOOP);
}

TEST_F(TopologyTest, LoopWinsOverExisting) {
  const std::vector<int> e = Chain(2);
  EXPECT_EQ(Watch(e[1], e[0]), -EEXIST);
  EXPECT_EQ(Watch(e[0], e[1]), -ELOOP);
}

TEST_F(TopologyTest, QuirkAllowsOneMoreOnTop) {
  w_.world.profile.Enable(Quirk::kDepthSixDown);
  const std::vector<int> e = Chain(6);
  const std::vector<int> f = Chain(6);
  EXPECT_EQ(Watch(f[0], w_.Epoll()), 0);  // nothing limits a new innermost
  EXPECT_EQ(Watch(e[0], f[5]), -ELOOP);
}

//   file ◀─ middle ◀─ 500 outers
TEST_F(TopologyTest, FiveHundredPathsOverOneLink) {
  const int file = w_.Eventfd();
  Fan(file, 500);
  const int middle = w_.Epoll();
  ASSERT_EQ(Watch(middle, file), 0);
  EXPECT_EQ(Watch(w_.Epoll(), middle), -EINVAL);
  EXPECT_EQ(w_.world.epitems.live(), 502u);
  EXPECT_EQ(Inspect(w_.world), "");
}

//   inner ◀─ 600 outers;   then  file ◀─ inner ?
TEST_F(TopologyTest, PathsCountWhenTheFileComesLast) {
  const int inner = w_.Epoll();
  for (int i = 0; i < 600; ++i) ASSERT_EQ(Watch(w_.Epoll(), inner), 0);
  EXPECT_EQ(Watch(inner, w_.Eventfd()), -EINVAL);
}

TEST_F(TopologyTest, DirectWatchersAreNotLimited) {
  const int file = w_.Eventfd();
  for (int i = 0; i < 1200; ++i) ASSERT_EQ(Watch(w_.Epoll(), file), 0);
}

// Longer paths are fewer.
//   file ◀─ e0 ◀─ ... ◀─ e(n-1) ◀─ `limit` outers
TEST_F(TopologyTest, LimitsShrinkWithLength) {
  constexpr int kLimits[] = {500, 100, 50, 10};
  for (int links = 1; links <= 4; ++links) {
    TestWorld w;
    int top = w.Epoll();
    ASSERT_EQ(w.Add(top, w.Eventfd(), EPOLLIN), 0);
    for (int i = 1; i < links; ++i) {
      const int outer = w.Epoll();
      ASSERT_EQ(w.Add(outer, top, EPOLLIN), 0);
      top = outer;
    }
    for (int i = 0; i < kLimits[links - 1]; ++i) {
      ASSERT_EQ(w.Add(w.Epoll(), top, EPOLLIN), 0) << links << ", " << i;
    }
    EXPECT_EQ(w.Add(w.Epoll(), top, EPOLLIN), -EINVAL) << links;
  }
}

// Descriptors of one epoll are paths of their own.
TEST_F(TopologyTest, DupsMultiplyPaths) {
  const int inner = w_.Epoll();
  ASSERT_EQ(Watch(inner, w_.Eventfd()), 0);
  const int outer = w_.Epoll();
  for (int i = 0; i < 500; ++i) ASSERT_EQ(Watch(outer, w_.Dup(inner)), 0);
  EXPECT_EQ(Watch(outer, w_.Dup(inner)), -EINVAL);
}

TEST_F(TopologyTest, ExistingWinsOverPathsAndFailureLeavesNothing) {
  const int inner = w_.Epoll();
  const int file = w_.Eventfd();
  ASSERT_EQ(Watch(inner, file), 0);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(Watch(w_.Epoll(), inner), 0);
  EXPECT_EQ(Watch(inner, file), -EEXIST);
  const uint64_t watches = w_.world.user_watches;
  const int outer = w_.Epoll();
  EXPECT_EQ(Watch(outer, inner), -EINVAL);
  EXPECT_EQ(w_.world.user_watches, watches);
  EXPECT_EQ(w_.Del(outer, inner), -ENOENT);
}

// --- What nested epolls report

//   file ◀─(lt)─ e0 ◀─(et)─ e1
TEST_F(TopologyTest, AnOuterEdgePerInnerWakeUp) {
  const int file = w_.Eventfd(), e0 = w_.Epoll(), e1 = w_.Epoll();
  w_.Add(e0, file, EPOLLIN, 1);
  w_.Add(e1, e0, EPOLLIN | EPOLLET, 2);
  w_.Write(file);
  EXPECT_THAT(w_.WaitData(e1), ElementsAre(2));
  EXPECT_THAT(w_.WaitData(e1), ElementsAre());
  EXPECT_THAT(w_.WaitData(e0), ElementsAre(1));  // a harvest is no edge
  EXPECT_THAT(w_.WaitData(e1), ElementsAre());
  w_.Write(file);  // although the item is queued already
  EXPECT_THAT(w_.WaitData(e1), ElementsAre(2));
}

//   file ◀─(et)─ e0 ◀─(lt)─ e1
TEST_F(TopologyTest, WhatTheInnerTookTheOuterDoesNotReport) {
  const int file = w_.Eventfd(), e0 = w_.Epoll(), e1 = w_.Epoll();
  w_.Add(e0, file, EPOLLIN | EPOLLET, 1);
  w_.Add(e1, e0, EPOLLIN, 2);
  w_.Write(file);
  EXPECT_THAT(w_.WaitData(e1), ElementsAre(2));
  EXPECT_THAT(w_.WaitData(e1), ElementsAre(2));
  EXPECT_THAT(w_.WaitData(e0), ElementsAre(1));
  EXPECT_THAT(w_.WaitData(e1), ElementsAre());
}

// The wake-up's key is EPOLLIN alone.
TEST_F(TopologyTest, RdnormOfAnEpollIsSeenButNeverWoken) {
  const int file = w_.Eventfd(), e0 = w_.Epoll(), e1 = w_.Epoll();
  w_.Add(e0, file, EPOLLIN);
  w_.Add(e1, e0, EPOLLRDNORM, 2);
  w_.Write(file);
  EXPECT_THAT(w_.Wait(e1), ElementsAre());
  w_.Mod(e1, e0, EPOLLRDNORM, 3);
  EXPECT_THAT(w_.Wait(e1), ElementsAre(Event{EPOLLRDNORM, 3}));
}

TEST_F(TopologyTest, ClosingTheInnerRemovesItFromTheOuter) {
  const int file = w_.Eventfd(1), e0 = w_.Epoll(), e1 = w_.Epoll();
  w_.Add(e0, file, EPOLLIN);
  w_.Add(e1, e0, EPOLLIN);
  w_.Close(e0);
  EXPECT_THAT(w_.Wait(e1), ElementsAre());
  EXPECT_EQ(w_.world.user_watches, 0u);
}

}  // namespace
}  // namespace pollux
