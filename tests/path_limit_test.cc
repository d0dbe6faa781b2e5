// The limits of wake-up paths by numbers of epolls that no program has: fans of
// real epolls, on the host and in a World.

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/world.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

// The same epolls on both sides, by position.
class Twins {
 public:
  ~Twins() {
    for (int fd : fds_) close(fd);
  }

  int Epoll() {
    fds_.push_back(epoll_create1(EPOLL_CLOEXEC));
    EXPECT_GE(fds_.back(), 0);
    world_fds_.push_back(EpollCreate1(world_, 0));
    return static_cast<int>(fds_.size()) - 1;
  }

  int Eventfd() {
    fds_.push_back(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    EXPECT_GE(fds_.back(), 0);
    world_fds_.push_back(Eventfd2(world_, 0, EFD_NONBLOCK));
    return static_cast<int>(fds_.size()) - 1;
  }

  // What both say: 0 or -errno.
  int Add(int ep, int target) {
    epoll_event event = {};
    event.events = EPOLLIN;
    const int host =
        epoll_ctl(fds_[ep], EPOLL_CTL_ADD, fds_[target], &event) == 0 ? 0
                                                                      : -errno;
    const Event same{EPOLLIN, 0};
    const int reference = EpollCtl(world_, world_fds_[ep], EPOLL_CTL_ADD,
                                   world_fds_[target], &same);
    EXPECT_EQ(host, reference) << "epoll " << ep << " adds " << target;
    return host;
  }

 private:
  World world_;
  std::vector<int> fds_;
  std::vector<int> world_fds_;
};

class PathLimitTest : public testing::Test {
 protected:
  void SetUp() override {
    rlimit files;
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 2048);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_cur < 1200) {
      GTEST_SKIP() << "skipped: the limit of open files is " << files.rlim_cur;
    }
  }

  Twins t_;
};

//   e ◀─ inner ◀─ outer1 ... outer500, and one too many
TEST_F(PathLimitTest, FiveHundredOuters) {
  const int e = t_.Eventfd();
  const int inner = t_.Epoll();
  ASSERT_EQ(t_.Add(inner, e), 0);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(t_.Add(t_.Epoll(), inner), 0) << i;
  EXPECT_EQ(t_.Add(t_.Epoll(), inner), -EINVAL);
  // Another file is counted for itself.
  const int other = t_.Epoll();
  EXPECT_EQ(t_.Add(other, t_.Eventfd()), 0);
  EXPECT_EQ(t_.Add(t_.Epoll(), other), 0);
}

//   e ◀─ ep1 ... ep1000: no epoll watches an epoll, so nothing is counted
TEST_F(PathLimitTest, AThousandDirectWatchers) {
  const int e = t_.Eventfd();
  for (int i = 0; i < 1001; ++i) ASSERT_EQ(t_.Add(t_.Epoll(), e), 0) << i;
}

//   inner ◀─ outer1 ... outer600: without a file below there is no path
TEST_F(PathLimitTest, CountedWhenAFileComes) {
  const int inner = t_.Epoll();
  for (int i = 0; i < 600; ++i) ASSERT_EQ(t_.Add(t_.Epoll(), inner), 0) << i;
  const int e = t_.Eventfd();
  EXPECT_EQ(t_.Add(inner, e), -EINVAL);
  EXPECT_EQ(t_.Add(inner, t_.Epoll()), 0);
  EXPECT_EQ(t_.Add(inner, e), -EINVAL);
}

// A chain of `links` epolls on top of e, and on it a fan of `limit` epolls.
void ChainAndFan(Twins& t, int links, int limit) {
  const int e = t.Eventfd();
  int top = t.Epoll();
  ASSERT_EQ(t.Add(top, e), 0);
  for (int i = 1; i < links; ++i) {
    const int next = t.Epoll();
    ASSERT_EQ(t.Add(next, top), 0);
    top = next;
  }
  for (int i = 0; i < limit; ++i) ASSERT_EQ(t.Add(t.Epoll(), top), 0) << i;
  EXPECT_EQ(t.Add(t.Epoll(), top), -EINVAL) << links << " links";
}

TEST_F(PathLimitTest, LongerPathsMayBeFewer) {
  ChainAndFan(t_, 1, 500);
  ChainAndFan(t_, 2, 100);
  ChainAndFan(t_, 3, 50);
  ChainAndFan(t_, 4, 10);
}

}  // namespace
}  // namespace pollux
