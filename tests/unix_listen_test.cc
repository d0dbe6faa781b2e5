// AF_UNIX connections: names, backlog, accept, what becomes of those who wait,
// bytes out of band, and options.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/unix_socket.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world_testing.h"

namespace pollux {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kIn = EPOLLIN | EPOLLRDNORM;
constexpr uint32_t kOut = kUnixWriteKey;
constexpr uint32_t kEof = EPOLLRDHUP | kIn;

class ListenTest : public testing::TestWithParam<int> {
 protected:
  void Serve(int backlog) {
    ASSERT_EQ(Bind(w_.world, server_), 0);
    ASSERT_EQ(Listen(w_.world, server_, backlog), 0);
  }
  int ConnectTo(int client, int target) {
    return Connect(w_.world, client, target);
  }
  int Accept() { return Accept4(w_.world, server_, SOCK_NONBLOCK); }

  TestWorld w_;
  int server_ = w_.Socket(GetParam());
  int client_ = w_.Socket(GetParam());
};

TEST_P(ListenTest, NobodyListensWithoutAName) {
  EXPECT_EQ(Listen(w_.world, server_, 1), -EINVAL);
  EXPECT_EQ(ConnectTo(client_, server_), -EINVAL);
  EXPECT_EQ(Bind(w_.world, server_), 0);
  EXPECT_EQ(ConnectTo(client_, server_), -ECONNREFUSED);
  EXPECT_EQ(Accept(), -EINVAL);
  EXPECT_EQ(w_.Mask(server_), kOut | EPOLLHUP);
}

TEST_P(ListenTest, AcceptedSocketsAreConnected) {
  Serve(1);
  EXPECT_EQ(w_.Mask(server_), 0u);
  EXPECT_EQ(Accept(), -EAGAIN);
  EXPECT_EQ(ConnectTo(client_, server_), 0);
  EXPECT_EQ(w_.Mask(server_), kIn);
  EXPECT_EQ(w_.Mask(client_), kOut);
  EXPECT_EQ(w_.Write(client_, 3), 3);  // nobody has accepted yet
  const int accepted = Accept();
  ASSERT_GE(accepted, 0);
  EXPECT_EQ(w_.Mask(server_), 0u);
  EXPECT_EQ(w_.Mask(accepted), kIn | kOut);
  EXPECT_EQ(w_.Read(accepted), 3);
  EXPECT_EQ(ConnectTo(client_, server_), -EISCONN);
}

TEST_P(ListenTest, OneMoreThanTheBacklogMayWait) {
  Serve(1);
  EXPECT_EQ(ConnectTo(w_.Socket(GetParam()), server_), 0);
  EXPECT_EQ(ConnectTo(w_.Socket(GetParam()), server_), 0);
  EXPECT_EQ(ConnectTo(client_, server_), -EAGAIN);
  EXPECT_EQ(Listen(w_.world, server_, -1), 0);  // as many as the system allows
  EXPECT_EQ(ConnectTo(client_, server_), 0);
}

TEST_P(ListenTest, EachConnectionIsAnEdgeForTheListenerOnly) {
  Serve(4);
  const int ep = w_.Epoll();
  w_.Add(ep, server_, EPOLLIN | EPOLLET, 1);
  w_.Add(ep, client_, EPOLLOUT | EPOLLET, 2);
  w_.Wait(ep);
  ConnectTo(client_, server_);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLIN, 1}));
  ConnectTo(w_.Socket(GetParam()), server_);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLIN, 1}));
  Accept();
  EXPECT_THAT(w_.Wait(ep), IsEmpty());
}

TEST_P(ListenTest, ClosingTheListenerResetsThoseWhoWait) {
  Serve(1);
  ConnectTo(client_, server_);
  const int ep = w_.Epoll();
  w_.Add(ep, client_, EPOLLIN | EPOLLET, 2);
  w_.Close(server_);
  EXPECT_EQ(w_.Mask(client_), kEof | kOut | EPOLLHUP | EPOLLERR);
  constexpr uint32_t kGone = EPOLLIN | EPOLLHUP | EPOLLERR;
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{kGone, 2}));
  int error = 0;
  EXPECT_EQ(Getsockopt(w_.world, client_, SO_ERROR, &error), 0);
  EXPECT_EQ(error, ECONNRESET);
  EXPECT_EQ(w_.Mask(client_), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(Inspect(w_.world), "");
}

TEST_P(ListenTest, ShutdownOfTheListenerRefuses) {
  Serve(1);
  Shutdown(w_.world, server_, SHUT_RD);
  EXPECT_EQ(ConnectTo(client_, server_), -ECONNREFUSED);
  EXPECT_EQ(w_.Mask(server_), kEof);
}

TEST_P(ListenTest, ATypeFindsItsOwnKindOnly) {
  Serve(1);
  const int dgram = w_.Socket(SOCK_DGRAM);
  EXPECT_EQ(ConnectTo(dgram, server_), -ECONNREFUSED);
  EXPECT_EQ(Bind(w_.world, dgram), 0);
  EXPECT_EQ(Listen(w_.world, dgram, 1), -EOPNOTSUPP);
  EXPECT_EQ(Accept4(w_.world, dgram, 0), -EOPNOTSUPP);
}

INSTANTIATE_TEST_SUITE_P(Types, ListenTest,
                         testing::Values(SOCK_STREAM, SOCK_SEQPACKET));

// --- Bytes out of band -------------------------------------------------------

class OobTest : public testing::Test {
 protected:
  TestWorld w_;
  Ends s_ = w_.Sockets();
};

TEST_F(OobTest, TheLastByteIsUrgent) {
  EXPECT_EQ(Send(w_.world, s_.a, 3, MSG_OOB), 3);
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut | EPOLLPRI);
  EXPECT_EQ(Recv(w_.world, s_.b, 8, 0), 2);  // stops before it
  EXPECT_EQ(Recv(w_.world, s_.b, 8, MSG_OOB), 1);
  EXPECT_EQ(Recv(w_.world, s_.b, 8, MSG_OOB), -EINVAL);
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut);  // its empty message is still there
  EXPECT_EQ(Recv(w_.world, s_.b, 8, 0), -EAGAIN);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
}

TEST_F(OobTest, AReadThatBeginsAtItDropsIt) {
  Send(w_.world, s_.a, 1, MSG_OOB);
  Send(w_.world, s_.a, 2, 0);
  EXPECT_EQ(Recv(w_.world, s_.b, 8, 0), 2);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
}

TEST_F(OobTest, NothingCannotBeUrgent) {
  EXPECT_EQ(Send(w_.world, s_.a, 0, MSG_OOB), -EOPNOTSUPP);
}

// --- Options -----------------------------------------------------------------

TEST_F(OobTest, ASmallerBufferTakesAwayEpollout) {
  w_.Write(s_.a, 3000);
  EXPECT_EQ(w_.Mask(s_.a), kOut);
  EXPECT_EQ(Setsockopt(w_.world, s_.a, SO_SNDBUF, 0), 0);
  EXPECT_EQ(w_.Mask(s_.a), 0u);
  int sndbuf = 0;
  EXPECT_EQ(Getsockopt(w_.world, s_.a, SO_SNDBUF, &sndbuf), 0);
  EXPECT_EQ(sndbuf, 4608);
}

TEST_F(OobTest, ANewBufferIsAnEdge) {
  const int ep = w_.Epoll();
  w_.Add(ep, s_.a, EPOLLOUT | EPOLLET, 1);
  w_.Wait(ep);
  Setsockopt(w_.world, s_.a, SO_SNDBUF, 100000);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLOUT, 1}));
}

// A read that stays below the mark goes on to look for an error, and takes it.
TEST_F(OobTest, AReadBelowTheLowWaterMarkTakesTheError) {
  Setsockopt(w_.world, s_.a, SO_RCVLOWAT, 10);
  w_.Write(s_.a, 1);
  w_.Write(s_.b, 3);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Read(s_.a, 100), 3);
  EXPECT_EQ(w_.Read(s_.a), 0);
}

}  // namespace
}  // namespace pollux
