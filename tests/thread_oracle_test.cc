// The oracle follows every order in which threads may run, and no other.

#include <string>
#include <string_view>

#include "diff/oracle.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

// The number of the first call whose stated outcome is not explained, from 1;
// 0 if all are. A maker's descriptors are not stated, and taken as right.
size_t Unexplained(std::string_view text) {
  const Trace trace = MustParse(text);
  Oracle oracle{Profile(), Machine()};
  oracle.Begin();
  for (size_t i = 0; i < trace.program.calls.size(); ++i) {
    const Call& call = trace.program.calls[i];
    if (trace.outcomes[i]) {
      if (!oracle.Judge(call, *trace.outcomes[i])) return i + 1;
    } else {
      oracle.Judge(call, Outcome());
    }
    EXPECT_FALSE(oracle.undecided());
  }
  return 0;
}

// Two items and two sleepers with room for one event each.
constexpr std::string_view kTwoItems = R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=EPOLLIN|EPOLLET, data=2}) = 0
[t1] epoll_wait(ep0, [...], 1, -1) <unfinished ...>
[t2] epoll_wait(ep0, [...], 1, -1) <unfinished ...>
write(e0, 8) = 8
)";

std::string TwoReturn(int first, int second) {
  return std::string(kTwoItems) +
         "[t1] <... epoll_wait resumed> [{events=EPOLLIN, data=" +
         std::to_string(first) + "}] = 1\n" +
         "[t2] <... epoll_wait resumed> [{events=EPOLLIN, data=" +
         std::to_string(second) + "}] = 1\n";
}

TEST(ThreadOracleTest, WokenThreadsRunInAnyOrder) {
  EXPECT_EQ(Unexplained(TwoReturn(1, 2)), 0u);
  EXPECT_EQ(Unexplained(TwoReturn(2, 1)), 0u);
}

TEST(ThreadOracleTest, NoEventComesTwice) {
  EXPECT_EQ(Unexplained(TwoReturn(1, 1)), 8u);
  EXPECT_EQ(Unexplained(TwoReturn(2, 2)), 8u);
}

TEST(ThreadOracleTest, NoneMaySleepOn) {
  EXPECT_EQ(
      Unexplained(std::string(kTwoItems) + "[t2] <... epoll_wait resumed> "
                                           "[{events=EPOLLIN, data=2}] = 1\n"),
      8u);
}

constexpr std::string_view kTimer = R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=1}) = 0
[t1] epoll_wait(ep0, [...], 1, 5) <unfinished ...>
write(e0, 8) = 8
)";

TEST(ThreadOracleTest, ATimerMayHaveFired) {
  const std::string timed_out =
      std::string(kTimer) + "[t1] <... epoll_wait resumed> [] = 0\n";
  const std::string event =
      std::string(kTimer) +
      "[t1] <... epoll_wait resumed> [{events=EPOLLIN, data=1}] = 1\n";
  EXPECT_EQ(Unexplained(timed_out), 0u);
  EXPECT_EQ(Unexplained(event), 0u);
  // What one of them has taken, nobody else gets.
  const std::string get =
      "epoll_wait(ep0, [{events=EPOLLIN, data=1}], 8, 0) = 1\n";
  EXPECT_EQ(Unexplained(timed_out + get), 0u);
  EXPECT_EQ(Unexplained(event + get), 6u);
  EXPECT_EQ(Unexplained(timed_out + "epoll_wait(ep0, [], 8, 0) = 0\n"), 6u);
  // It does not return with neither.
  EXPECT_EQ(Unexplained(kTimer), 5u);
}

TEST(ThreadOracleTest, ExpireLeavesNobodyBehind) {
  constexpr std::string_view kText = R"(
ep0 = epoll_create1(0)
[t1] epoll_wait(ep0, [...], 1, 5) <unfinished ...>
expire() = 0
)";
  EXPECT_EQ(Unexplained(kText), 3u);
  EXPECT_EQ(Unexplained(std::string(kText) +
                        "[t1] <... epoll_wait resumed> [] = 0\n"),
            0u);
}

TEST(ThreadOracleTest, SignalsAreSeen) {
  constexpr std::string_view kText = R"(
ep0 = epoll_create1(0)
[t1] epoll_wait(ep0, [...], 1, -1) <unfinished ...>
tgkill(t1, SIGUSR2) = 0
)";
  const std::string eintr = "[t1] <... epoll_wait resumed> = -1 EINTR\n";
  const std::string handler = "[t1] --- SIGUSR2 ---\n";
  EXPECT_EQ(Unexplained(std::string(kText) + handler + eintr), 0u);
  EXPECT_EQ(Unexplained(std::string(kText) + eintr), 3u);
  EXPECT_EQ(Unexplained(std::string(kText) + handler), 3u);
}

TEST(ThreadOracleTest, ACallOfASleeperIsSkipped) {
  EXPECT_EQ(Unexplained(R"(
ep0 = epoll_create1(0)
[t1] epoll_wait(ep0, [...], 1, -1) <unfinished ...>
[t1] p0 = pipe2(O_NONBLOCK) <skipped ...>
[t1] close(ep0) <skipped ...>
write(p0.w, 1) = -1 EBADF
close(ep0) = 0
)"),
            0u);
}

}  // namespace
}  // namespace pollux
