// UDP and netlink: messages, refusals, and who hears of them.

#include <errno.h>
#include <linux/netlink.h>
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
constexpr uint32_t kWriteMask = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

class MessageTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    Bind(w_.world, a_);
    EXPECT_EQ(Connect(w_.world, b_, a_), 0);
    w_.Add(ep_, a_, EPOLLIN | EPOLLOUT | EPOLLET, 'a');
    w_.Add(ep_, b_, EPOLLIN | EPOLLOUT | EPOLLET, 'b');
    w_.Wait(ep_);
  }
  void TearDown() override { EXPECT_EQ(Inspect(w_.world), ""); }

  bool netlink() const { return GetParam() == AF_NETLINK; }
  int NewSocket() {
    return Socket(w_.world, GetParam(), SOCK_DGRAM | SOCK_NONBLOCK,
                  netlink() ? NETLINK_USERSOCK : 0);
  }

  TestWorld w_;
  int a_ = NewSocket();
  int b_ = NewSocket();
  int ep_ = w_.Epoll();
};

TEST_P(MessageTest, MessagesStayWhole) {
  EXPECT_EQ(w_.Write(b_, 3), 3);
  EXPECT_EQ(w_.Write(b_, 5), 5);
  EXPECT_EQ(w_.Mask(a_), kReadMask | kWriteMask);
  EXPECT_EQ(w_.Read(a_, 2), 2);
  EXPECT_EQ(Recv(w_.world, a_, 2, MSG_TRUNC | MSG_PEEK), 5);
  EXPECT_EQ(w_.Read(a_, 8), 5);
  EXPECT_EQ(w_.Read(a_, 8), -EAGAIN);
  EXPECT_EQ(w_.Mask(a_), kWriteMask);
}

// A datagram is given back to its sender's account; a message of netlink was
// never on it.
TEST_P(MessageTest, SenderOfADatagramHearsFirst) {
  w_.Write(b_, 3);
  if (netlink()) {
    EXPECT_THAT(w_.WaitData(ep_), ElementsAre('a'));
  } else {
    EXPECT_THAT(w_.WaitData(ep_), ElementsAre('b', 'a'));
  }
}

TEST_P(MessageTest, NobodyThere) {
  w_.Close(a_);
  if (netlink()) {
    EXPECT_EQ(w_.Write(b_, 3), -ECONNREFUSED);
    EXPECT_THAT(w_.WaitData(ep_), IsEmpty());
  } else {
    EXPECT_EQ(w_.Write(b_, 3), 3);
    EXPECT_EQ(w_.Mask(b_), kWriteMask | EPOLLERR);
    EXPECT_EQ(w_.Write(b_, 3), -ECONNREFUSED);
  }
  EXPECT_EQ(w_.Mask(b_), kWriteMask);
}

TEST_P(MessageTest, EmptyMessages) {
  EXPECT_EQ(w_.Write(b_, 0), netlink() ? -ENODATA : 0);
  EXPECT_EQ(w_.Mask(a_), netlink() ? kWriteMask : kReadMask | kWriteMask);
}

INSTANTIATE_TEST_SUITE_P(Families, MessageTest,
                         testing::Values(AF_INET, AF_INET6, AF_NETLINK));

}  // namespace
}  // namespace pollux
