// Pipes: slots, masks, and which calls wake.

#include "core/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kIn = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kOut = EPOLLOUT | EPOLLWRNORM;
constexpr uint64_t kPage = 4096;
constexpr uint64_t kFull = 16 * kPage;

class PipeTest : public testing::Test {
 protected:
  TestWorld w_;
  Ends p_ = w_.Pipe();
};

TEST_F(PipeTest, FreshPipeIsWritableOnly) {
  EXPECT_EQ(w_.Mask(p_.r), 0u);
  EXPECT_EQ(w_.Mask(p_.w), kOut);
}

TEST_F(PipeTest, EndsHaveOneDirection) {
  EXPECT_EQ(w_.Write(p_.r, 1), -EBADF);
  EXPECT_EQ(w_.Read(p_.w, 1), -EBADF);
}

TEST_F(PipeTest, MasksOfACloseAtTheOtherEnd) {
  w_.Write(p_.w, 1);
  w_.Close(p_.w);
  EXPECT_EQ(w_.Mask(p_.r), kIn | EPOLLHUP);
  EXPECT_EQ(w_.Read(p_.r, 10), 1);
  EXPECT_EQ(w_.Mask(p_.r), EPOLLHUP);
  EXPECT_EQ(w_.Read(p_.r, 10), 0);

  const Ends q = w_.Pipe();
  w_.Close(q.r);
  EXPECT_EQ(w_.Mask(q.w), kOut | EPOLLERR);
  EXPECT_EQ(w_.Write(q.w, 1), -EPIPE);
}

TEST_F(PipeTest, ErrWithoutOutWhereAFullPipeLosesItsReader) {
  EXPECT_EQ(w_.Write(p_.w, kFull), static_cast<int64_t>(kFull));
  w_.Close(p_.r);
  EXPECT_EQ(w_.Mask(p_.w), EPOLLERR);
}

TEST_F(PipeTest, NothingIsNothing) {
  EXPECT_EQ(w_.Read(p_.r, 0), 0);
  EXPECT_EQ(w_.Write(p_.w, 0), 0);
  EXPECT_EQ(w_.Read(p_.r, 1), -EAGAIN);
  w_.Close(p_.r);
  EXPECT_EQ(w_.Write(p_.w, 0), 0);
}

TEST_F(PipeTest, SmallWritesShareASlot) {
  for (uint64_t i = 0; i < kFull; ++i) ASSERT_EQ(w_.Write(p_.w, 1), 1);
  EXPECT_EQ(w_.Write(p_.w, 1), -EAGAIN);
  EXPECT_EQ(w_.Read(p_.r, 100000), static_cast<int64_t>(kFull));
}

TEST_F(PipeTest, PacketsTakeASlotEach) {
  const Ends q = w_.Pipe(O_NONBLOCK | O_DIRECT);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(w_.Write(q.w, 1), 1);
  EXPECT_EQ(w_.Write(q.w, 1), -EAGAIN);
  EXPECT_EQ(w_.Read(q.r, 100), 1);
  EXPECT_EQ(w_.Write(q.w, 5), 5);
}

TEST_F(PipeTest, TheRestOfAPacketIsLost) {
  const Ends q = w_.Pipe(O_NONBLOCK | O_DIRECT);
  w_.Write(q.w, 100);
  w_.Write(q.w, 7);
  EXPECT_EQ(w_.Read(q.r, 10), 10);
  EXPECT_EQ(w_.Read(q.r, 100), 7);
  EXPECT_EQ(w_.Read(q.r, 100), -EAGAIN);
}

TEST_F(PipeTest, OddBytesGoToTheLastSlotIfAllFit) {
  w_.Write(p_.w, 15 * kPage + 100);
  EXPECT_EQ(w_.Mask(p_.w), 0u);
  EXPECT_EQ(w_.Write(p_.w, 8192 + 50), 50);
  EXPECT_EQ(w_.Write(p_.w, 8192), -EAGAIN);
  EXPECT_EQ(w_.Write(p_.w, 3947), -EAGAIN);
  EXPECT_EQ(w_.Write(p_.w, 3946), 3946);
}

TEST_F(PipeTest, AWriteMayBeShort) {
  w_.Write(p_.w, 15 * kPage);
  EXPECT_EQ(w_.Write(p_.w, 5000), 4096);
}

TEST_F(PipeTest, OneReadByteDoesNotMakeAFullPipeWritable) {
  w_.Write(p_.w, kFull);
  EXPECT_EQ(w_.Read(p_.r, 1), 1);
  EXPECT_EQ(w_.Mask(p_.w), 0u);
  EXPECT_EQ(w_.Write(p_.w, 1), -EAGAIN);
  EXPECT_EQ(w_.Read(p_.r, 4095), 4095);
  EXPECT_EQ(w_.Mask(p_.w), kOut);
}

TEST_F(PipeTest, DupsAreOneWriter) {
  const int d = w_.Dup(p_.w);
  w_.Close(p_.w);
  EXPECT_EQ(w_.Mask(p_.r), 0u);
  w_.Close(d);
  EXPECT_EQ(w_.Mask(p_.r), EPOLLHUP);
}

TEST_F(PipeTest, UnknownFlagsAreInvalid) {
  int fds[2];
  EXPECT_EQ(Pipe2(w_.world, fds, O_APPEND), -EINVAL);
  EXPECT_EQ(Pipe2(w_.world, fds, O_CLOEXEC | O_NONBLOCK | O_DIRECT), 0);
}

TEST_F(PipeTest, NothingIsLeftOfClosedPipes) {
  w_.Write(p_.w, 10000);
  w_.Close(p_.r);
  w_.Close(p_.w);
  EXPECT_EQ(w_.world.pipes.live(), 0u);
  EXPECT_EQ(w_.world.pipe_buffers.live(), 0u);
  EXPECT_EQ(w_.world.wait_queues.live(), 0u);
}

// Both ends edge-triggered in one epoll: data 1 reads, data 2 writes.
class PipeWakeTest : public PipeTest {
 protected:
  void Watch() {
    ASSERT_EQ(w_.Add(ep_, p_.r, EPOLLIN | EPOLLET, 1), 0);
    ASSERT_EQ(w_.Add(ep_, p_.w, EPOLLOUT | EPOLLET, 2), 0);
    w_.Wait(ep_);
  }

  int ep_ = w_.Epoll();
};

TEST_F(PipeWakeTest, EveryWriteIsAnEdge) {
  Watch();
  w_.Write(p_.w, 1);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 1}));
  w_.Write(p_.w, 1);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 1}));
}

TEST_F(PipeWakeTest, EvenAFailingWriteIsAnEdge) {
  w_.Write(p_.w, kFull);
  Watch();
  EXPECT_EQ(w_.Write(p_.w, 1), -EAGAIN);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 1}));
}

TEST_F(PipeWakeTest, WritingNothingIsNoEdge) {
  w_.Write(p_.w, 1);
  Watch();
  EXPECT_EQ(w_.Write(p_.w, 0), 0);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(PipeWakeTest, OnlyTheReadThatMakesRoomIsAnEdge) {
  w_.Write(p_.w, kFull);
  Watch();
  w_.Read(p_.r, 4095);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  w_.Read(p_.r, 1);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLOUT, 2}));
  w_.Read(p_.r, 4096);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(PipeWakeTest, CloseIsAnEdgeAtTheOtherEnd) {
  Watch();
  w_.Close(p_.r);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLOUT | EPOLLERR, 2}));
}

TEST_F(PipeWakeTest, CloseOfOneOfTwoDupsIsNone) {
  const int d = w_.Dup(p_.w);
  Watch();
  w_.Close(d);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(PipeWakeTest, LateMaskShowsWhatIsTrueAtTheWait) {
  Watch();
  w_.Write(p_.w, 1);
  w_.Read(p_.r, 1);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

}  // namespace
}  // namespace pollux
