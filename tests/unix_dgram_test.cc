// AF_UNIX datagrams and sequenced packets: masks, errors, wake-ups, the queue
// limit of a receiver that is not connected back, and the memory of messages.

#include <errno.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
constexpr uint32_t kOut = kUnixWriteKey;
constexpr uint32_t kEof = EPOLLRDHUP | kIn;

class PacketTest : public testing::TestWithParam<int> {
 protected:
  TestWorld w_;
  Ends s_ = w_.Sockets(GetParam());
};

TEST_P(PacketTest, MessagesStayWholeAndTheirRestIsLost) {
  w_.Write(s_.a, 5);
  w_.Write(s_.a, 3);
  EXPECT_EQ(w_.Read(s_.b, 2), 2);
  EXPECT_EQ(w_.Read(s_.b, 8), 3);
  EXPECT_EQ(w_.Read(s_.b, 8), -EAGAIN);
}

TEST_P(PacketTest, EmptyMessagesAreMessages) {
  EXPECT_EQ(w_.Write(s_.a, 0), 0);
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut);
  EXPECT_EQ(w_.Read(s_.b, 0), 0);  // read(2) of nothing takes nothing
  EXPECT_EQ(w_.Mask(s_.b), kIn | kOut);
  EXPECT_EQ(Recv(w_.world, s_.b, 0, 0), 0);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
}

TEST_P(PacketTest, PeekTakesNothingAndTruncTellsTheLength) {
  w_.Write(s_.a, 5);
  EXPECT_EQ(Recv(w_.world, s_.b, 2, MSG_PEEK), 2);
  EXPECT_EQ(Recv(w_.world, s_.b, 2, MSG_PEEK | MSG_TRUNC), 5);
  EXPECT_EQ(Recv(w_.world, s_.b, 2, MSG_TRUNC), 5);
  EXPECT_EQ(Recv(w_.world, s_.b, 2, 0), -EAGAIN);
  EXPECT_EQ(Recv(w_.world, s_.b, 2, MSG_OOB), -EOPNOTSUPP);
}

TEST_P(PacketTest, MessagesThatCanNeverFitAreRefused) {
  EXPECT_EQ(w_.Write(s_.a, 212992 - 31), -EMSGSIZE);
  EXPECT_EQ(w_.Write(s_.a, 212992 - 32), 212992 - 32);
  EXPECT_EQ(w_.Write(s_.a, 1), -EAGAIN);
  EXPECT_EQ(w_.Mask(s_.a), 0u);
}

TEST_P(PacketTest, EveryReadIsAnEdgeForTheSender) {
  const int ep = w_.Epoll();
  w_.Add(ep, s_.a, EPOLLOUT | EPOLLET, 1);
  w_.Wait(ep);
  w_.Write(s_.a, 0);
  EXPECT_THAT(w_.Wait(ep), IsEmpty());
  Recv(w_.world, s_.b, 0, 0);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLOUT, 1}));
}

INSTANTIATE_TEST_SUITE_P(Types, PacketTest,
                         testing::Values(SOCK_DGRAM, SOCK_SEQPACKET));

// --- Sequenced packets -------------------------------------------------------

class SeqpacketTest : public testing::Test {
 protected:
  TestWorld w_;
  Ends s_ = w_.Sockets(SOCK_SEQPACKET);
};

TEST_F(SeqpacketTest, CloseIsSeenByThePeer) {
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(w_.Read(s_.a), 0);
  EXPECT_EQ(w_.Write(s_.a), -EPIPE);
}

TEST_F(SeqpacketTest, TheErrorComesBeforeTheData) {
  w_.Write(s_.a, 1);
  w_.Write(s_.b, 3);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP | EPOLLERR);
  EXPECT_EQ(w_.Read(s_.a), -ECONNRESET);
  EXPECT_EQ(w_.Read(s_.a), 3);
  EXPECT_EQ(w_.Read(s_.a), 0);
}

TEST_F(SeqpacketTest, OneEmptyMessageUnreadIsNoLoss) {
  w_.Write(s_.a, 0);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
}

TEST_F(SeqpacketTest, TwoEmptyMessagesUnreadAreALoss) {
  w_.Write(s_.a, 0);
  w_.Write(s_.a, 0);
  w_.Close(s_.b);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP | EPOLLERR);
}

// --- Datagrams ---------------------------------------------------------------

class DgramTest : public testing::Test {
 protected:
  int Watch(int fd, uint32_t events) {
    const int ep = w_.Epoll();
    EXPECT_EQ(w_.Add(ep, fd, events | EPOLLET, 1), 0);
    w_.Wait(ep);
    return ep;
  }

  TestWorld w_;
  Ends s_ = w_.Sockets(SOCK_DGRAM);
};

TEST_F(DgramTest, CloseOfThePeerShowsInTheNextSendOnly) {
  const int ep = Watch(s_.a, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
  w_.Write(s_.b, 1);
  w_.Wait(ep);
  w_.Close(s_.b);
  EXPECT_THAT(w_.Wait(ep), IsEmpty());
  EXPECT_EQ(w_.Mask(s_.a), kIn | kOut);
  EXPECT_EQ(w_.Write(s_.a), -ECONNREFUSED);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLOUT, 1}));
  EXPECT_EQ(w_.Mask(s_.a), kOut);  // what b had sent is lost
  EXPECT_EQ(w_.Write(s_.a), -ENOTCONN);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLOUT, 1}));
}

TEST_F(DgramTest, ShutdownIsNotMirrored) {
  Shutdown(w_.world, s_.a, SHUT_RDWR);
  EXPECT_EQ(w_.Mask(s_.a), kEof | kOut | EPOLLHUP);
  EXPECT_EQ(w_.Mask(s_.b), kOut);
  EXPECT_EQ(w_.Write(s_.b), -EPIPE);
  EXPECT_EQ(w_.Read(s_.a), -EAGAIN);
}

// Many to one.
class AsymmetricTest : public DgramTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(Bind(w_.world, server_), 0);
    ASSERT_EQ(Connect(w_.world, client_, server_), 0);
  }

  void Fill() {
    for (int i = 0; i < 11; ++i) ASSERT_EQ(w_.Write(client_, 1), 1);
  }

  int server_ = w_.Socket(SOCK_DGRAM);
  int client_ = w_.Socket(SOCK_DGRAM);
};

TEST_F(AsymmetricTest, ElevenMessagesFit) {
  Fill();
  EXPECT_EQ(w_.Mask(client_), 0u);
  EXPECT_EQ(w_.Write(client_, 1), -EAGAIN);
  w_.Read(server_);
  EXPECT_EQ(w_.Mask(client_), kOut);
}

TEST_F(AsymmetricTest, AReadWakesWhoFoundTheQueueFull) {
  const int other = w_.Socket(SOCK_DGRAM);
  ASSERT_EQ(Connect(w_.world, other, server_), 0);
  const int ep = Watch(other, EPOLLOUT);
  Fill();
  w_.Read(server_);
  EXPECT_THAT(w_.Wait(ep), IsEmpty());  // it never asked
  ASSERT_EQ(w_.Write(client_, 1), 1);
  EXPECT_EQ(w_.Mask(other), 0u);  // asking registers it
  w_.Read(server_);
  EXPECT_THAT(w_.Wait(ep), ElementsAre(Event{EPOLLOUT, 1}));
  w_.Read(server_);
  EXPECT_THAT(w_.Wait(ep), IsEmpty());  // once
}

TEST_F(AsymmetricTest, AskingForInputDoesNotRegister) {
  const int other = w_.Socket(SOCK_DGRAM);
  ASSERT_EQ(Connect(w_.world, other, server_), 0);
  Fill();
  const int ep = Watch(other, EPOLLIN);
  const Index file = w_.world.fds[other];
  const auto poll_changes = OpsOf(w_.world.files[file].type).poll_changes;
  EXPECT_TRUE(poll_changes(w_.world, file));
  EXPECT_EQ(w_.Mask(other), 0u);
  EXPECT_FALSE(poll_changes(w_.world, file));
  EXPECT_THAT(w_.Wait(ep), IsEmpty());
}

TEST_F(AsymmetricTest, ReconnectingLosesMessagesAndTellsTheOldPeer) {
  const int third = w_.Socket(SOCK_DGRAM);
  ASSERT_EQ(Bind(w_.world, third), 0);
  ASSERT_EQ(Bind(w_.world, client_), 0);
  ASSERT_EQ(Connect(w_.world, server_, client_), 0);
  w_.Write(server_, 1);
  EXPECT_EQ(Connect(w_.world, client_, third), 0);
  EXPECT_EQ(w_.Mask(client_), kOut);
  EXPECT_EQ(w_.Mask(server_), kOut | EPOLLERR);
  EXPECT_EQ(w_.Write(server_, 1), -ECONNRESET);
  EXPECT_EQ(w_.Write(server_, 1), -EPERM);  // the client talks to another now
}

// --- Memory ------------------------------------------------------------------

TEST_F(DgramTest, ChargesWhatTheHostChargesForEverySize) {
  int real[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, real), 0);
  int sndbuf = 0;
  socklen_t length = sizeof(sndbuf);
  getsockopt(real[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, &length);
  w_.world.machine.unix_sndbuf = sndbuf;
  const Ends s = w_.Sockets(SOCK_DGRAM);
  UnixSock& sock =
      w_.world.unix_socks[w_.world.files[w_.world.fds[s.a]].object];
  std::vector<char> buffer(sndbuf);
  for (int size = 0; size <= sndbuf; size += size < 20000 ? 1 : 509) {
    const ssize_t sent = write(real[0], buffer.data(), size);
    ASSERT_EQ(sent < 0 ? -errno : sent, w_.Write(s.a, size));
    int charged = -1;
    ioctl(real[0], SIOCOUTQ, &charged);
    ASSERT_EQ(charged, static_cast<int>(sock.wmem_alloc)) << size;
    ASSERT_EQ(recv(real[1], buffer.data(), buffer.size(), 0),
              sent < 0 ? -1 : sent);
    Recv(w_.world, s.b, buffer.size(), 0);
  }
  close(real[0]);
  close(real[1]);
}

}  // namespace
}  // namespace pollux
