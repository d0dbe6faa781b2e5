// AF_UNIX stream pairs: masks, errors, wake-ups, and the memory accounting that
// decides when EPOLLOUT comes and goes (compared with the host's sockets).

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <vector>

#include "core/unix_socket.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kIn = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kOut = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
constexpr uint32_t kEof = EPOLLRDHUP | kIn;

class UnixStreamTest : public testing::Test {
 protected:
  int ShutdownOf(int fd, int how) { return Shutdown(w_.world, fd, how); }

  TestWorld w_;
  Ends s_ = w_.Sockets();
};

// --- Masks

TEST_F(UnixStreamTest, FreshPairIsWritable) {
  EXPECT_EQ(w_.Mask(s_.a), kOut);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
}

TEST_F(UnixStreamTest, DataMakeReadable) {
  w_.Write(s_.a, 1);
  EXPECT_EQ(w_.Mask(s_.a), kOut);
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut);
}

TEST_F(UnixStreamTest, EachShutdownIsMirrored) {
  EXPECT_EQ(ShutdownOf(s_.a, SHUT_RD), 0);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
  EXPECT_EQ(w_.Write(s_.b, 1), -EPIPE);
  EXPECT_EQ(w_.Write(s_.a, 1), 1);
  EXPECT_EQ(ShutdownOf(s_.a, SHUT_WR), 0);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(w_.Mask(s_.b), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(w_.Read(s_.b, 8), 1);  // what was sent before is not lost
  EXPECT_EQ(w_.Read(s_.b, 8), 0);
}

TEST_F(UnixStreamTest, AFilledSocketIsNotWritable) {
  while (w_.Write(s_.a, 100000) > 0) {
  }
  EXPECT_EQ(w_.Write(s_.a, 1), -EAGAIN);
  EXPECT_EQ(w_.Mask(s_.a), 0u);
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut);
  ShutdownOf(s_.a, SHUT_RDWR);
  EXPECT_EQ(w_.Mask(s_.a), kEof | EPOLLHUP);
}

TEST_F(UnixStreamTest, CloseShutsThePeer) {
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(w_.Read(s_.a), 0);
  EXPECT_EQ(w_.Write(s_.a), -EPIPE);
  EXPECT_EQ(w_.Write(s_.a, 0), -EPIPE);
}

TEST_F(UnixStreamTest, CloseWithUnreadDataResetsOnce) {
  w_.Write(s_.a, 5);
  w_.Read(s_.b, 2);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP | EPOLLERR);
  EXPECT_EQ(w_.Read(s_.a, 0), 0);  // does not take the error
  EXPECT_EQ(w_.Read(s_.a), -ECONNRESET);
  EXPECT_EQ(w_.Read(s_.a), 0);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
}

TEST_F(UnixStreamTest, DataComeBeforeTheError) {
  w_.Write(s_.a, 1);
  w_.Write(s_.b, 3);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Read(s_.a, 8), 3);
  EXPECT_EQ(w_.Read(s_.a, 8), -ECONNRESET);
}

TEST_F(UnixStreamTest, ReadsMergeMessages) {
  w_.Write(s_.a, 3);
  w_.Write(s_.a, 4);
  EXPECT_EQ(w_.Read(s_.b, 5), 5);
  EXPECT_EQ(w_.Read(s_.b, 5), 2);
  EXPECT_EQ(w_.Read(s_.b, 5), -EAGAIN);
}

// --- Errors

TEST_F(UnixStreamTest, SocketpairChecksInOrder) {
  int fds[2];
  const auto make = [&](int domain, int type, int protocol) {
    return Socketpair(w_.world, domain, type, protocol, fds);
  };
  EXPECT_EQ(make(AF_UNIX, SOCK_STREAM | 0x10, 0), -EINVAL);
  EXPECT_EQ(make(AF_INET + 1000, SOCK_STREAM, 0), -EAFNOSUPPORT);
  EXPECT_EQ(make(AF_UNIX, SOCK_STREAM, 7), -EPROTONOSUPPORT);
  EXPECT_EQ(make(AF_UNIX, SOCK_STREAM, PF_UNIX), 0);
}

TEST_F(UnixStreamTest, ShutdownChecksInOrder) {
  const int e = w_.Eventfd();
  EXPECT_EQ(ShutdownOf(-1, 7), -EBADF);
  EXPECT_EQ(ShutdownOf(e, 7), -ENOTSOCK);
  EXPECT_EQ(ShutdownOf(s_.a, 3), -EINVAL);
  EXPECT_EQ(ShutdownOf(s_.a, -1), -EINVAL);
}

// --- Wake-ups

class UnixWakeTest : public UnixStreamTest {
 protected:
  // Watches a (data 1) and b (data 2) edge-triggered, and takes what ADD gives.
  void Watch(uint32_t events) {
    ASSERT_EQ(w_.Add(ep_, s_.a, events | EPOLLET, 1), 0);
    ASSERT_EQ(w_.Add(ep_, s_.b, events | EPOLLET, 2), 0);
    w_.Wait(ep_);
  }

  int ep_ = w_.Epoll();
};

TEST_F(UnixWakeTest, EverySendIsAnEdgeForThePeer) {
  Watch(EPOLLIN);
  for (int i = 0; i < 2; ++i) {
    w_.Write(s_.a, 1);
    EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLIN, 2}));
  }
  EXPECT_EQ(w_.Write(s_.a, 0), 0);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

TEST_F(UnixWakeTest, OnlyAWholeMessageReadIsAnEdgeForItsSender) {
  Watch(EPOLLOUT);
  w_.Write(s_.a, 2);
  w_.Read(s_.b, 1);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
  w_.Read(s_.b, 1);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLOUT, 1}));
}

TEST_F(UnixWakeTest, ShutdownWakesBothSelfFirstAgainAndAgain) {
  Watch(EPOLLIN | EPOLLRDHUP);
  for (int i = 0; i < 2; ++i) {
    ShutdownOf(s_.b, SHUT_RDWR);
    constexpr uint32_t kMask = EPOLLIN | EPOLLRDHUP | EPOLLHUP;
    EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{kMask, 2}, Event{kMask, 1}));
  }
}

TEST_F(UnixWakeTest, CloseIsAnEdgeForThePeer) {
  Watch(EPOLLRDHUP);
  w_.Close(s_.a);
  EXPECT_THAT(w_.Wait(ep_), ElementsAre(Event{EPOLLRDHUP | EPOLLHUP, 2}));
}

TEST_F(UnixWakeTest, FailingCallsAreNoEdges) {
  Watch(EPOLLIN | EPOLLOUT);
  EXPECT_EQ(w_.Read(s_.a), -EAGAIN);
  EXPECT_EQ(ShutdownOf(s_.a, 9), -EINVAL);
  EXPECT_THAT(w_.Wait(ep_), IsEmpty());
}

// --- Accounting

// Bytes charged to the sender of `size` bytes.
uint32_t Charged(uint64_t size) {
  TestWorld w;
  const Ends s = w.Sockets();
  w.Write(s.a, size);
  return w.world.unix_socks[w.world.files[w.world.fds[s.a]].object].wmem_alloc;
}

TEST(UnixAccountingTest, SizesFollowTheSlabs) {
  EXPECT_EQ(Charged(1), 768u);
  EXPECT_EQ(Charged(192), 768u);
  EXPECT_EQ(Charged(193), 1280u);
  EXPECT_EQ(Charged(704), 1280u);
  EXPECT_EQ(Charged(705), 2304u);
  EXPECT_EQ(Charged(1729), 4352u);
  EXPECT_EQ(Charged(3777), 4864u);
  EXPECT_EQ(Charged(36544), 37120u);
  EXPECT_EQ(Charged(36545), 37120u + 768u);
}

TEST(UnixAccountingTest, WritableUpToAQuarterOfTheBuffer) {
  TestWorld w;
  const Ends s = w.Sockets();
  for (int i = 0; i < 69; ++i) ASSERT_EQ(w.Write(s.a, 1), 1);
  EXPECT_EQ(w.Mask(s.a), kOut);
  w.Write(s.a, 1);
  EXPECT_EQ(w.Mask(s.a), 0u);
  int accepted = 70;
  while (w.Write(s.a, 1) == 1) ++accepted;
  EXPECT_EQ(accepted, 278);
}

// A real pair beside one of the reference.
class HostPairTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, real_), 0);
    int sndbuf = 0;
    socklen_t size = sizeof(sndbuf);
    getsockopt(real_[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, &size);
    w_.world.machine.unix_sndbuf = sndbuf;
    s_ = w_.Sockets();
  }

  void TearDown() override {
    close(real_[0]);
    close(real_[1]);
  }

  int HostCharged() {
    int bytes = -1;
    EXPECT_EQ(ioctl(real_[0], SIOCOUTQ, &bytes), 0);
    return bytes;
  }

  int Charged() const {
    const World& w = w_.world;
    return w.unix_socks[w.files[w.fds[s_.a]].object].wmem_alloc;
  }

  static int64_t OrErrno(int64_t result) {
    return result < 0 ? -errno : result;
  }

  int real_[2] = {-1, -1};
  TestWorld w_;
  Ends s_;
  std::vector<char> buffer_ = std::vector<char>(300000);
};

TEST_F(HostPairTest, ChargesWhatTheHostChargesForEverySize) {
  int sizes = 0;
  for (size_t size = 1; size <= 230000; size += size < 9000 ? 1 : 509) {
    ASSERT_EQ(write(real_[0], buffer_.data(), size), w_.Write(s_.a, size));
    ASSERT_EQ(HostCharged(), Charged()) << size;
    ASSERT_EQ(read(real_[1], buffer_.data(), buffer_.size()),
              w_.Read(s_.b, buffer_.size()));
    ASSERT_EQ(HostCharged(), 0) << size;
    ++sizes;
  }
  EXPECT_GT(sizes, 9000);
}

TEST_F(HostPairTest, ChargesTheSameOverRandomTraffic) {
  std::mt19937 random(1);
  for (int step = 0; step < 20000; ++step) {
    const size_t size = 1 + random() % (random() % 4 == 0 ? 60000 : 900);
    if (random() % 2 == 0) {
      ASSERT_EQ(OrErrno(write(real_[0], buffer_.data(), size)),
                w_.Write(s_.a, size));
    } else {
      ASSERT_EQ(OrErrno(read(real_[1], buffer_.data(), size)),
                w_.Read(s_.b, size));
    }
    ASSERT_EQ(HostCharged(), Charged()) << "step " << step;
  }
}

}  // namespace
}  // namespace pollux
