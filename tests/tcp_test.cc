// TCP: masks in every state, and the order of wake-ups of both ends.

#include "core/tcp.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kReadMask = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kWriteMask = EPOLLOUT | EPOLLWRNORM;
constexpr uint32_t kEndMask = kReadMask | EPOLLRDHUP;

class TcpTest : public testing::Test {
 protected:
  void SetUp() override { Listen(w_.world, listener_, 4); }
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  int NewSocket() {
    return Socket(w_.world, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  }
  // A connection: a is the client.
  Ends Connection() {
    Ends ends;
    ends.a = NewSocket();
    EXPECT_EQ(Connect(w_.world, ends.a, listener_), -EINPROGRESS);
    ends.b = Accept4(w_.world, listener_, SOCK_NONBLOCK);
    return ends;
  }
  // An epoll that watches both ends edge-triggered, with nothing to report.
  int Watch(const Ends& ends) {
    const int ep = w_.Epoll();
    w_.Add(ep, ends.a, ~0u & ~EPOLLEXCLUSIVE & ~EPOLLONESHOT, 'a');
    w_.Add(ep, ends.b, ~0u & ~EPOLLEXCLUSIVE & ~EPOLLONESHOT, 'b');
    w_.Wait(ep);
    return ep;
  }
  int Error(int fd) {
    int error = 0;
    EXPECT_EQ(Getsockopt(w_.world, fd, SO_ERROR, &error), 0);
    return error;
  }

  TestWorld w_;
  int listener_ = NewSocket();
};

TEST_F(TcpTest, MaskFollowsTheState) {
  const int fresh = NewSocket();
  EXPECT_EQ(w_.Mask(fresh), kWriteMask | EPOLLHUP);
  EXPECT_EQ(w_.Mask(listener_), 0u);
  Connect(w_.world, fresh, listener_);
  EXPECT_EQ(w_.Mask(fresh), kWriteMask);
  EXPECT_EQ(w_.Mask(listener_), kReadMask);
  const int conn = Accept4(w_.world, listener_, SOCK_NONBLOCK);
  EXPECT_EQ(w_.Mask(listener_), 0u);
  Send(w_.world, fresh, 1, MSG_OOB);
  EXPECT_EQ(w_.Mask(conn), kWriteMask | EPOLLPRI);
  Send(w_.world, fresh, 1, 0);
  EXPECT_EQ(w_.Mask(conn), kWriteMask | kReadMask | EPOLLPRI);
  Shutdown(w_.world, fresh, SHUT_WR);
  EXPECT_EQ(w_.Mask(conn), kWriteMask | kEndMask | EPOLLPRI);
  EXPECT_EQ(w_.Mask(fresh), kWriteMask);
  Shutdown(w_.world, conn, SHUT_WR);
  EXPECT_EQ(w_.Mask(fresh), kWriteMask | kEndMask | EPOLLHUP);
}

TEST_F(TcpTest, ConnectingHasNoMask) {
  Listen(w_.world, listener_, 0);
  const int first = NewSocket();
  const int second = NewSocket();
  Connect(w_.world, first, listener_);
  EXPECT_EQ(Connect(w_.world, second, listener_), -EINPROGRESS);
  EXPECT_EQ(w_.Mask(second), 0u);
  EXPECT_EQ(Connect(w_.world, second, listener_), -EALREADY);
  EXPECT_EQ(Connect(w_.world, listener_, second), -EINVAL);
}

TEST_F(TcpTest, ClientHearsOfItsConnectionBeforeTheListener) {
  const int client = NewSocket();
  const int ep = w_.Epoll();
  w_.Add(ep, listener_, EPOLLIN | EPOLLET, 'l');
  w_.Add(ep, client, EPOLLOUT | EPOLLET, 'c');
  w_.Wait(ep);
  Connect(w_.world, client, listener_);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre('c', 'l'));
}

TEST_F(TcpTest, PeerHearsOfTheEndFirst) {
  const Ends ends = Connection();
  const int ep = Watch(ends);
  Shutdown(w_.world, ends.a, SHUT_WR);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre('b', 'a'));
  Shutdown(w_.world, ends.b, SHUT_WR);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre('a', 'b'));
}

TEST_F(TcpTest, ReadingIsSilent) {
  const Ends ends = Connection();
  const int ep = Watch(ends);
  w_.Write(ends.a, 3);
  EXPECT_THAT(w_.WaitData(ep), ElementsAre('b'));
  EXPECT_EQ(w_.Read(ends.b, 8), 3);
  EXPECT_THAT(w_.WaitData(ep), IsEmpty());
}

TEST_F(TcpTest, EachResetHasItsErrno) {
  const int refused = NewSocket();
  Connect(w_.world, refused, refused);
  EXPECT_EQ(Error(refused), ECONNREFUSED);

  const Ends unread = Connection();
  w_.Write(unread.a, 1);
  w_.Close(unread.b);
  EXPECT_EQ(Error(unread.a), ECONNRESET);

  const Ends gone = Connection();
  w_.Close(gone.b);
  EXPECT_EQ(w_.Write(gone.a, 1), 1);
  EXPECT_EQ(Error(gone.a), EPIPE);
}

TEST_F(TcpTest, ShutBothWaysRefusesData) {
  const Ends ends = Connection();
  Shutdown(w_.world, ends.a, SHUT_RDWR);
  EXPECT_EQ(w_.Write(ends.b, 1), 1);
  EXPECT_EQ(Error(ends.a), ECONNRESET);
  EXPECT_EQ(Error(ends.b), EPIPE);
}

TEST_F(TcpTest, ABudgetBoundsWhatIsUnderWay) {
  const Ends ends = Connection();
  int64_t sent = 0;
  for (int64_t n; (n = w_.Write(ends.a, 1 << 18)) > 0; sent += n) {
  }
  EXPECT_EQ(w_.Write(ends.a, 1), -ENOBUFS);
  EXPECT_EQ(sent, 24576);
  EXPECT_EQ(w_.Read(ends.b, 1 << 18), sent);
}

}  // namespace
}  // namespace pollux
