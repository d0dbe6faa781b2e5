// Wait queues: who is called by a wake-up, in which order.

#include "core/wait_queue.h"

#include <sys/epoll.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kEdge = EPOLLIN | EPOLLET;

// Items of one epoll on one eventfd, each through a descriptor of its own; the
// ready list then shows whom a wake-up called, in order.
//
//   target ◀─ d1, d2, d3 ... ◀─ ep
class WaitQueueTest : public testing::Test {
 protected:
  void Watch(uint64_t data, uint32_t events = kEdge) {
    const int fd = w_.Dup(target_);
    ASSERT_EQ(w_.Add(ep_, fd, events, data), 0);
    fds_.push_back(fd);
  }

  // Whom a write calls. The counter stays above 0.
  std::vector<uint64_t> Woken() {
    w_.Write(target_);
    return w_.WaitData(ep_);
  }

  TestWorld w_;
  int target_ = w_.Eventfd();
  int ep_ = w_.Epoll();
  std::vector<int> fds_;
};

TEST_F(WaitQueueTest, NewestIsCalledFirst) {
  for (uint64_t i : {1, 2, 3}) Watch(i);
  EXPECT_THAT(Woken(), ElementsAre(3, 2, 1));
}

TEST_F(WaitQueueTest, ExclusiveEntriesComeLastAndOldestFirst) {
  Watch(1, kEdge | EPOLLEXCLUSIVE);
  Watch(2);
  Watch(3, kEdge | EPOLLEXCLUSIVE);
  Watch(4);
  EXPECT_THAT(Woken(), ElementsAre(4, 2, 1, 3));
}

TEST_F(WaitQueueTest, NobodySleepsSoExclusiveEntriesAreAllCalled) {
  for (uint64_t i : {1, 2, 3}) Watch(i, kEdge | EPOLLEXCLUSIVE);
  EXPECT_THAT(Woken(), ElementsAre(1, 2, 3));
}

TEST_F(WaitQueueTest, DelAndAddMovesToTheFront) {
  for (uint64_t i : {1, 2, 3}) Watch(i);
  ASSERT_EQ(w_.Del(ep_, fds_[0]), 0);
  ASSERT_EQ(w_.Add(ep_, fds_[0], kEdge, 1), 0);
  EXPECT_THAT(Woken(), ElementsAre(1, 3, 2));
}

TEST_F(WaitQueueTest, ModDoesNotMove) {
  for (uint64_t i : {1, 2, 3}) Watch(i);
  ASSERT_EQ(w_.Mod(ep_, fds_[0], kEdge, 1), 0);
  EXPECT_THAT(Woken(), ElementsAre(3, 2, 1));
}

TEST_F(WaitQueueTest, KeyMustMeetTheMask) {
  Watch(1, EPOLLIN | EPOLLET);
  Watch(2, EPOLLOUT | EPOLLET);
  Watch(3, EPOLLRDNORM | EPOLLET);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2));  // by ADD
  EXPECT_THAT(Woken(), ElementsAre(1));
  w_.Read(target_);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(2));
}

TEST_F(WaitQueueTest, QuirkWakesOldestFirst) {
  w_.world.profile.Enable(Quirk::kWakeOldestFirst);
  for (uint64_t i : {1, 2, 3}) Watch(i);
  EXPECT_THAT(Woken(), ElementsAre(1, 2, 3));
}

// Wake-ups with key 0 reach everyone who is armed.
TEST_F(WaitQueueTest, NoKeyReachesEveryMask) {
  Watch(1, EPOLLPRI | EPOLLET);
  Watch(2, EPOLLIN | EPOLLET);
  Watch(3, EPOLLET);
  const Index queue = w_.world.eventfds[0].wait;
  WakeUp(w_.world, queue, kNoKey, kWakeAll);
  const auto& ready = w_.world.eventpolls[0].ready;
  std::vector<uint64_t> linked;
  for (Index i = ready.head; i != kNil;
       i = ReadyList::Next(w_.world.epitems, i)) {
    linked.push_back(w_.world.epitems[i].data);
  }
  EXPECT_THAT(linked, ElementsAre(3, 2, 1));
  EXPECT_THAT(w_.WaitData(ep_), IsEmpty());  // nothing was really ready
}

TEST_F(WaitQueueTest, RemovedEntriesAreNotCalled) {
  for (uint64_t i : {1, 2, 3}) Watch(i);
  ASSERT_EQ(w_.Del(ep_, fds_[1]), 0);
  EXPECT_THAT(Woken(), ElementsAre(3, 1));
  ASSERT_EQ(w_.Del(ep_, fds_[0]), 0);
  ASSERT_EQ(w_.Del(ep_, fds_[2]), 0);
  EXPECT_THAT(Woken(), IsEmpty());
  EXPECT_EQ(w_.world.wait_entries.live(), 0u);
}

//   target ◀─ e1
//          ◀─ e2     all three in outer
//          ◀─ e3
TEST(WaitQueueNestingTest, InnerAddedLastIsNotifiedFirst) {
  TestWorld w;
  const int target = w.Eventfd();
  const int outer = w.Epoll();
  for (uint64_t i : {1, 2, 3}) {
    const int inner = w.Epoll();
    ASSERT_EQ(w.Add(outer, inner, EPOLLIN, i), 0);
    ASSERT_EQ(w.Add(inner, target, EPOLLIN), 0);
  }
  w.Write(target);
  EXPECT_THAT(w.WaitData(outer), ElementsAre(3, 2, 1));
}

}  // namespace
}  // namespace pollux
