// Descriptors and descriptions: dup, close, numbers used again, ghosts.

#include "core/file.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/poll.h>

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FileTest, TheLowestFreeNumberIsGiven) {
  TestWorld w;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(w.Eventfd(), i);
  w.Close(3);
  w.Close(1);
  EXPECT_EQ(w.Eventfd(), 1);
  EXPECT_EQ(w.Dup(0), 3);
  EXPECT_EQ(w.Epoll(), 5);
}

TEST(FileTest, PairsFillHolesInOrder) {
  TestWorld w;
  for (int i = 0; i < 4; ++i) w.Eventfd();
  w.Close(2);
  w.Close(0);
  const Ends p = w.Pipe();
  EXPECT_EQ(p.r, 0);
  EXPECT_EQ(p.w, 2);
}

TEST(FileTest, ClosedAndUnknownNumbersAreBad) {
  TestWorld w;
  const int fd = w.Eventfd();
  EXPECT_EQ(w.Close(fd), 0);
  for (int bad : {fd, -1, 1000000}) {
    EXPECT_EQ(w.Close(bad), -EBADF);
    EXPECT_EQ(w.Dup(bad), -EBADF);
    EXPECT_EQ(w.Dup2(bad, 5), -EBADF);
    EXPECT_EQ(w.Read(bad), -EBADF);
    EXPECT_EQ(w.Write(bad), -EBADF);
  }
}

TEST(FileTest, Dup2PutsAFileWhereverItIsTold) {
  TestWorld w;
  const int a = w.Eventfd(1);
  EXPECT_EQ(w.Dup2(a, 9), 9);
  EXPECT_EQ(w.Read(9), 8);
  EXPECT_EQ(w.Mask(a), EPOLLOUT);
  EXPECT_EQ(w.Eventfd(), 1);  // 9 leaves holes
}

TEST(FileTest, Dup2ClosesWhatWasThere) {
  TestWorld w;
  const Ends p = w.Pipe();
  const int e = w.Eventfd();
  EXPECT_EQ(w.Dup2(e, p.r), p.r);
  EXPECT_EQ(w.Mask(p.w), EPOLLOUT | EPOLLWRNORM | EPOLLERR);
}

TEST(FileTest, Dup2OntoItselfDoesNothing) {
  TestWorld w;
  const int e = w.Eventfd();
  const int ep = w.Epoll();
  ASSERT_EQ(w.Add(ep, e, EPOLLOUT), 0);
  EXPECT_EQ(w.Dup2(e, e), e);
  EXPECT_EQ(w.Wait(ep).size(), 1u);
}

TEST(FileTest, Dup2OntoItsOwnDupKeepsTheDescription) {
  TestWorld w;
  const int e = w.Eventfd();
  const int d = w.Dup(e);
  EXPECT_EQ(w.Dup2(e, d), d);
  w.Close(e);
  EXPECT_EQ(w.Mask(d), EPOLLOUT);
}

TEST(FileTest, Dup2OfBadNumbers) {
  TestWorld w;
  const int e = w.Eventfd();
  EXPECT_EQ(w.Dup2(e, -1), -EBADF);
  EXPECT_EQ(w.Dup2(e, 1 << 30), -EBADF);
  EXPECT_EQ(w.Dup2(-1, -1), -EBADF);
}

TEST(FileTest, NumbersEndAtTheLimit) {
  Machine machine;
  machine.max_fds = 3;
  TestWorld w({}, machine);
  const Ends p = w.Pipe();
  EXPECT_EQ(w.Eventfd(), 2);
  EXPECT_EQ(w.Dup(p.r), -EMFILE);
  int fds[2];
  EXPECT_EQ(Pipe2(w.world, fds, 0), -EMFILE);
  w.Close(2);
  EXPECT_EQ(Pipe2(w.world, fds, 0), -EMFILE);
  EXPECT_EQ(w.Dup(p.r), 2);
  w.Close(2);
  EXPECT_EQ(w.world.pipes.live(), 1u);
  EXPECT_EQ(Inspect(w.world), "");
}

TEST(FileTest, EpollsCannotBeReadOrWritten) {
  TestWorld w;
  const int ep = w.Epoll();
  EXPECT_EQ(w.Read(ep), -EINVAL);
  EXPECT_EQ(w.Write(ep, 0), -EINVAL);
}

TEST(FileTest, PollAddsErrAndHupAndKnowsClosedFiles) {
  TestWorld w;
  const Ends p = w.Pipe();
  uint32_t revents;
  EXPECT_EQ(Poll(w.world, p.r, 0, &revents), 0);
  w.Close(p.w);
  EXPECT_EQ(Poll(w.world, p.r, 0, &revents), 1);
  EXPECT_EQ(revents, static_cast<uint32_t>(POLLHUP));
  EXPECT_EQ(Poll(w.world, p.w, POLLIN, &revents), 1);
  EXPECT_EQ(revents, static_cast<uint32_t>(POLLNVAL));
  EXPECT_EQ(Poll(w.world, -1, POLLIN, &revents), 0);
  EXPECT_EQ(revents, 0u);
}

// --- Items and descriptors

// An item's key is a description *and* a number; it dies with the description.
class GhostTest : public testing::Test {
 protected:
  TestWorld w_;
  int e_ = w_.Eventfd(1);
  int ep_ = w_.Epoll();
};

TEST_F(GhostTest, ADupIsAnotherKey) {
  const int d = w_.Dup(e_);
  EXPECT_EQ(w_.Add(ep_, e_, EPOLLIN, 1), 0);
  EXPECT_EQ(w_.Add(ep_, d, EPOLLIN, 2), 0);
  EXPECT_EQ(w_.Add(ep_, d, EPOLLIN, 2), -EEXIST);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 2));
}

TEST_F(GhostTest, TheItemOutlivesItsNumber) {
  w_.Add(ep_, e_, EPOLLIN, 1);
  const int d = w_.Dup(e_);
  w_.Close(e_);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1));
  EXPECT_EQ(w_.Del(ep_, e_), -EBADF);
  EXPECT_EQ(w_.Mod(ep_, d, EPOLLIN), -ENOENT);
}

TEST_F(GhostTest, ANewFileUnderTheNumberIsAnotherKey) {
  w_.Add(ep_, e_, EPOLLIN, 1);
  w_.Dup(e_);
  w_.Close(e_);
  const int again = w_.Eventfd(1);
  ASSERT_EQ(again, e_);
  EXPECT_EQ(w_.Del(ep_, again), -ENOENT);
  EXPECT_EQ(w_.Add(ep_, again, EPOLLIN, 2), 0);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(1, 2));
  std::vector<InterestLine> lines;
  ASSERT_EQ(Fdinfo(w_.world, ep_, &lines), 0);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].tfd, lines[1].tfd);
}

TEST_F(GhostTest, Dup2BringsAGhostBackToReach) {
  w_.Add(ep_, e_, EPOLLIN, 1);
  const int d = w_.Dup(e_);
  w_.Close(e_);
  ASSERT_EQ(w_.Dup2(d, e_), e_);
  EXPECT_EQ(w_.Mod(ep_, e_, EPOLLIN, 5), 0);
  EXPECT_THAT(w_.WaitData(ep_), ElementsAre(5));
  EXPECT_EQ(w_.Del(ep_, e_), 0);
}

TEST_F(GhostTest, TheLastCloseTakesAllItemsOfAllEpolls) {
  const int other = w_.Epoll();
  const int d = w_.Dup(e_);
  w_.Add(ep_, e_, EPOLLIN);
  w_.Add(ep_, d, EPOLLIN);
  w_.Add(other, d, EPOLLIN);
  w_.Close(e_);
  EXPECT_EQ(w_.Wait(ep_).size(), 2u);
  w_.Close(d);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  EXPECT_THAT(w_.Wait(other), IsEmpty());
  EXPECT_EQ(w_.world.user_watches, 0u);
}

TEST_F(GhostTest, DescriptorsOfAnEpollAreOneInstance) {
  const int d = w_.Dup(ep_);
  w_.Add(ep_, e_, EPOLLIN, 1);
  EXPECT_THAT(w_.WaitData(d), ElementsAre(1));
  EXPECT_EQ(w_.Add(d, e_, EPOLLIN), -EEXIST);
  w_.Close(ep_);
  EXPECT_EQ(w_.Del(d, e_), 0);
}

TEST_F(GhostTest, ClosingTheEpollFreesItsItems) {
  w_.Add(ep_, e_, EPOLLIN);
  w_.Close(ep_);
  EXPECT_EQ(w_.world.user_watches, 0u);
  EXPECT_EQ(w_.world.wait_entries.live(), 0u);
  EXPECT_EQ(w_.Write(e_), 8);
}

// Items go before the file's own release: the closed end reports nothing.
TEST(ReleaseTest, AClosedEndIsSilentAboutItself) {
  TestWorld w;
  const Ends p = w.Pipe();
  const int ep = w.Epoll();
  w.Add(ep, p.r, EPOLLIN, 1);
  w.Add(ep, p.w, 0, 2);
  w.Close(p.r);
  EXPECT_THAT(w.Wait(ep), ElementsAre(Event{EPOLLERR, 2}));
}

}  // namespace
}  // namespace pollux
