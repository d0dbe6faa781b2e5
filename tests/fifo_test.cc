// FIFOs, pipes opened again, resized and spliced.

#include "core/fifo.h"

#include <errno.h>
#include <sys/epoll.h>

#include "core/splice.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kReadMask = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kWriteMask = EPOLLOUT | EPOLLWRNORM;

class FifoTest : public testing::Test {
 protected:
  int Open(int mode) { return Reopen(w_.world, path_, mode | O_NONBLOCK); }
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  TestWorld w_;
  int path_ = Mkfifo(w_.world);
};

TEST_F(FifoTest, EarlyReaderIsNotHungUp) {
  const int reader = Open(O_RDONLY);
  EXPECT_EQ(w_.Mask(reader), 0u);
  const int writer = Open(O_WRONLY);
  EXPECT_EQ(w_.Mask(reader), 0u);
  w_.Close(writer);
  EXPECT_EQ(w_.Mask(reader), EPOLLHUP);
  EXPECT_EQ(w_.Mask(Open(O_RDONLY)), 0u);
  EXPECT_EQ(w_.Mask(reader), EPOLLHUP);
}

TEST_F(FifoTest, OpeningErrors) {
  EXPECT_EQ(Open(O_WRONLY), -ENXIO);
  EXPECT_EQ(Open(O_ACCMODE), -EINVAL);
  EXPECT_EQ(w_.world.pipes.live(), 0u);
  EXPECT_EQ(Reopen(w_.world, 99, O_RDONLY), -ENOENT);
  EXPECT_EQ(Reopen(w_.world, w_.Eventfd(), O_RDONLY), -ENXIO);
}

TEST_F(FifoTest, BothIsNeverHungUp) {
  const int both = Open(O_RDWR);
  EXPECT_EQ(w_.Mask(both), kWriteMask);
  w_.Write(both, 1);
  EXPECT_EQ(w_.Mask(both), kReadMask | kWriteMask);
}

TEST_F(FifoTest, TheLastCloseEmptiesIt) {
  const int both = Open(O_RDWR);
  w_.Write(both, 1);
  w_.Close(both);
  EXPECT_EQ(w_.Mask(Open(O_RDONLY)), 0u);
}

TEST_F(FifoTest, APathIsNotOpen) {
  const int ep = w_.Epoll();
  EXPECT_EQ(w_.Add(ep, path_, EPOLLIN), -EBADF);
  EXPECT_EQ(w_.Read(path_), -EBADF);
  EXPECT_EQ(w_.Mask(path_), 0x20u);
  EXPECT_EQ(w_.Close(w_.Dup(path_)), 0);
}

TEST_F(FifoTest, TheSupplyEnds) {
  for (uint32_t i = 1; i < w_.world.machine.fifos; ++i) {
    EXPECT_GE(Mkfifo(w_.world), 0);
  }
  EXPECT_EQ(Mkfifo(w_.world), -ENOSPC);
}

TEST_F(FifoTest, FirstOpeningWakesReaders) {
  const int ep = w_.Epoll();
  const int reader = Open(O_RDONLY);
  const int writer = Open(O_WRONLY);
  w_.Write(writer, 1);
  w_.Close(writer);
  w_.Add(ep, reader, EPOLLIN | EPOLLET, 1);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  Open(O_WRONLY);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  Open(O_WRONLY);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(FifoTest, APipeOpenedAgainHasOneMoreReader) {
  const Ends p = w_.Pipe();
  const int reader = Reopen(w_.world, p.w, O_RDONLY | O_NONBLOCK);
  w_.Close(p.r);
  EXPECT_EQ(w_.Mask(p.w), kWriteMask);
  w_.Close(reader);
  EXPECT_EQ(w_.Mask(p.w), kWriteMask | EPOLLERR);
}

TEST_F(FifoTest, ResizingRoundsUpAndWakes) {
  const Ends p = w_.Pipe();
  const int ep = w_.Epoll();
  w_.Add(ep, p.w, EPOLLOUT | EPOLLET, 1);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  EXPECT_EQ(Fcntl(w_.world, p.r, F_SETPIPE_SZ, 5000), 8192);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre(1));
  w_.Write(p.w, 8192);
  EXPECT_EQ(Fcntl(w_.world, p.r, F_SETPIPE_SZ, 4096), -EBUSY);
  EXPECT_EQ(Fcntl(w_.world, p.r, F_GETPIPE_SZ, 0), 8192);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(FifoTest, ASplicedSlotMovesWhole) {
  const Ends a = w_.Pipe();
  const Ends b = w_.Pipe();
  w_.Write(a.w, 10);
  EXPECT_EQ(Splice(w_.world, a.r, b.w, 4), 4);
  EXPECT_EQ(Splice(w_.world, a.r, b.w, 100), 6);
  EXPECT_EQ(Splice(w_.world, a.r, b.w, 100), -EAGAIN);
  // The second slot may still grow, the first was cut.
  const Index pipe = w_.world.files[FileOf(w_.world, b.r)].object;
  EXPECT_EQ(w_.world.pipes[pipe].used, 2u);
  w_.Write(b.w, 1);
  EXPECT_EQ(w_.world.pipes[pipe].used, 2u);
  EXPECT_EQ(w_.Read(b.r, 100), 11);
}

TEST_F(FifoTest, TeeCopies) {
  const Ends a = w_.Pipe();
  const Ends b = w_.Pipe();
  w_.Write(a.w, 10);
  EXPECT_EQ(Tee(w_.world, a.r, b.w, 100), 10);
  EXPECT_EQ(w_.Read(a.r, 100), 10);
  EXPECT_EQ(w_.Read(b.r, 100), 10);
  EXPECT_EQ(Tee(w_.world, a.r, a.w, 1), -EINVAL);
}

}  // namespace
}  // namespace pollux
