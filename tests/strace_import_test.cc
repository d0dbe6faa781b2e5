// Logs of strace, read and made into programs.

#include "tools/strace_import.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "diff/text_format.h"
#include "gtest/gtest.h"
#include "tools/strace_log.h"

namespace pollux {
namespace {

using Lines = std::vector<std::string>;

ImportResult Import(std::string_view log) {
  return ImportStrace(ParseStraceLog(log));
}

Lines TextOf(const ImportResult& result) {
  return absl::StrSplit(PrintText(result.program), '\n', absl::SkipEmpty());
}

TEST(StraceLogTest, PutsInterruptedCallsTogether) {
  const StraceLog log = ParseStraceLog(
      "7 epoll_wait(3,  <unfinished ...>\n"
      "[pid 8] 12:00:01.5 write(5, \"a, (b\\\"\", 6) = 6\n"
      "7 <... epoll_wait resumed>[{events=EPOLLIN, data=0x5}], 8, -1) = 1\n"
      "7 --- SIGCHLD {si_signo=SIGCHLD} ---\n"
      "7 read(5, 0x1, 9) = -1 EAGAIN (Resource temporarily unavailable)\n"
      "7 +++ exited with 0 +++\n");
  ASSERT_EQ(log.calls.size(), 4u);
  EXPECT_EQ(log.bad_lines, 0);
  EXPECT_EQ(log.calls[0].name, "write");
  EXPECT_EQ(log.calls[0].pid, 8);
  EXPECT_EQ(log.calls[0].args, (Lines{"5", "\"a, (b\\\"\"", "6"}));
  EXPECT_EQ(log.calls[1].name, "epoll_wait");
  EXPECT_EQ(log.calls[1].args,
            (Lines{"3", "[{events=EPOLLIN, data=0x5}]", "8", "-1"}));
  EXPECT_EQ(log.calls[1].result, 1);
  EXPECT_EQ(log.calls[2].error, "EAGAIN");
  EXPECT_EQ(log.calls[3].name, "+++");
}

TEST(StraceLogTest, NamesTheFirstBadLine) {
  const StraceLog log = ParseStraceLog(
      "close(3) = 0\nno call\nread(3, \"\n"
      "<... read resumed>) = 0\nclose(4\n\xff\x01(((\n");
  EXPECT_EQ(log.calls.size(), 1u);
  EXPECT_EQ(log.bad_lines, 5);
  EXPECT_EQ(log.first_bad_line, 2);
}

TEST(StraceLogTest, FindsFields) {
  const std::string_view event = "{events=EPOLLIN, data={u32=4, u64=5}}";
  EXPECT_EQ(StraceField(event, "events"), "EPOLLIN");
  EXPECT_EQ(StraceField(event, "u64"), "5");
  EXPECT_EQ(StraceField(event, "vents"), "");
}

TEST(StraceImportTest, AProgramOfOneProcessIsItself) {
  const ImportResult result = Import(
      "pipe2([3, 4], O_CLOEXEC|O_NONBLOCK) = 0\n"
      "epoll_create1(EPOLL_CLOEXEC) = 5\n"
      "epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN|EPOLLET, data=0x7}) = 0\n"
      "write(4, \"abc\", 3) = 3\n"
      "epoll_wait(5, [{events=EPOLLIN, data=0x7}], 8, -1) = 1\n"
      "close(4) = 0\n");
  EXPECT_EQ(result.imported, 6u);
  EXPECT_EQ(result.made_up, 0u);
  EXPECT_EQ(
      TextOf(result),
      (Lines{"p0 = pipe2(O_NONBLOCK)", "ep0 = epoll_create1(0)",
             "epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, "
             "{events=EPOLLIN|EPOLLET, data=7})",
             "write(p0.w, 3)", "epoll_wait(ep0, [...], 8, 0)", "close(p0.w)"}));
}

// A client that is not in the log connects, sends and goes: each before the
// wait that told of it.
TEST(StraceImportTest, MakesUpThePeer) {
  const ImportResult result = Import(
      "socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0) = 3\n"
      "bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0\n"
      "listen(3, 5) = 0\n"
      "epoll_create1(0) = 4\n"
      "epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data=3}) = 0\n"
      "epoll_wait(4, [{events=EPOLLIN, data=3}], 8, -1) = 1\n"
      "accept4(3, NULL, NULL, SOCK_NONBLOCK) = 5\n"
      "epoll_ctl(4, EPOLL_CTL_ADD, 5, {events=EPOLLIN, data=5}) = 0\n"
      "epoll_wait(4, [{events=EPOLLIN, data=5}], 8, -1) = 1\n"
      "read(5, \"hello\", 100) = 5\n"
      "epoll_wait(4, [{events=EPOLLIN, data=5}], 8, -1) = 1\n"
      "read(5, \"\", 100) = 0\n"
      "sendto(5, \"bye\", 3, 0, NULL, 0) = 3\n");
  EXPECT_EQ(result.imported, 13u);
  EXPECT_EQ(result.made_up, 4u);
  EXPECT_EQ(result.peer_bytes, 3u);
  const Lines text = TextOf(result);
  ASSERT_EQ(text.size(), 17u);
  EXPECT_EQ(text[5], "sock1 = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)");
  EXPECT_EQ(text[6], "connect(sock1, sock0)");
  EXPECT_EQ(text[7], "epoll_wait(ep0, [...], 8, 0)");
  EXPECT_EQ(text[10], "send(sock1, 5, 0)");
  EXPECT_EQ(text[11], "epoll_wait(ep0, [...], 8, 0)");
  EXPECT_EQ(text[13], "close(sock1)");
  EXPECT_EQ(text[14], "epoll_wait(ep0, [...], 8, 0)");
}

// What was read after the hang-up had been sent before it.
TEST(StraceImportTest, SendsComeBeforeTheHangUp) {
  const ImportResult result = Import(
      "socket(AF_UNIX, SOCK_STREAM, 0) = 3\n"
      "connect(3, {sa_family=AF_UNIX, sun_path=\"/srv\"}, 110) = 0\n"
      "epoll_create1(0) = 4\n"
      "epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data=3}) = 0\n"
      "epoll_wait(4, [{events=EPOLLIN|EPOLLHUP, data=3}], 8, -1) = 1\n"
      "read(3, \"hello\", 100) = 5\n"
      "read(3, \"\", 100) = 0\n");
  const Lines text = TextOf(result);
  // Socket, bind, listen, connect, accept; two of these are the log's.
  EXPECT_EQ(result.made_up, 6u);
  ASSERT_EQ(text.size(), 13u);
  EXPECT_EQ(text[8], "send(conn0, 5, 0)");
  EXPECT_EQ(text[9], "close(conn0)");
  EXPECT_EQ(text[10], "epoll_wait(ep0, [...], 8, 0)");
}

// A child has copies; what it closes, and its end, close those.
TEST(StraceImportTest, ForksCopyDescriptors) {
  const ImportResult result = Import(
      "1 pipe2([3, 4], 0) = 0\n"
      "1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished "
      "...>\n"
      "2 close(3) = 0\n"
      "1 <... clone resumed>) = 2\n"
      "2 write(4, \"x\", 1) = 1\n"
      "2 +++ exited with 0 +++\n"
      "1 read(3, \"x\", 8) = 1\n");
  EXPECT_EQ(TextOf(result),
            (Lines{"p0 = pipe2(O_NONBLOCK)", "d0 = dup(p0.r)", "d1 = dup(p0.w)",
                   "close(d0)", "write(d1, 1)", "close(d1)", "read(p0.r, 8)"}));
}

TEST(StraceImportTest, TimersGoOffWhenTheyWereSeenTo) {
  const ImportResult result = Import(
      "timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) = 3\n"
      "timerfd_settime(3, 0, {it_interval={tv_sec=0, tv_nsec=0}, "
      "it_value={tv_sec=1, tv_nsec=0}}, NULL) = 0\n"
      "epoll_create1(0) = 4\n"
      "epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data=3}) = 0\n"
      "epoll_wait(4, [{events=EPOLLIN, data=3}], 8, -1) = 1\n"
      "read(3, \"\\2\\0\\0\\0\\0\\0\\0\\0\", 8) = 8\n");
  const Lines text = TextOf(result);
  ASSERT_EQ(text.size(), 7u);
  EXPECT_EQ(text[1], "timerfd_settime(t0, 0, TIMER_FAR, TIMER_ONCE)");
  EXPECT_EQ(text[4], "ioctl(t0, TFD_IOC_SET_TICKS, value=2)");
}

TEST(StraceImportTest, CountsWhatItLeavesOut) {
  const ImportResult result = Import(
      "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY) = 3\n"
      "read(3, \"root\", 100) = 4\n"
      "epoll_create1(0) = 4\n"
      "epoll_wait(4, 0x1, 8, -1) = -1 EINTR (Interrupted system call)\n"
      "poll([{fd=4, events=POLLIN}], 1, -1) = 1\n"
      "eventfd2(0, EFD_NONBLOCK) = 5\n"
      "sendfile(5, 3, NULL, 10) = -1 EINVAL (Invalid argument)\n"
      "close(3) = 0\n");
  EXPECT_EQ(result.imported, 2u);
  EXPECT_EQ(result.elsewhere, 3u);
  EXPECT_EQ(result.left_out.at("epoll_wait"), 1u);
  EXPECT_EQ(result.left_out.at("poll"), 1u);
  EXPECT_EQ(result.left_out.at("sendfile"), 1u);
}

// A program holds 256 descriptors; what comes after is counted.
TEST(StraceImportTest, EndsWhereAProgramIsFull) {
  std::string log;
  for (int i = 0; i < 400; ++i) log += "eventfd2(0, EFD_NONBLOCK) = 3\n";
  const ImportResult result = Import(log);
  EXPECT_EQ(result.imported + result.beyond, 400u);
  EXPECT_GT(result.beyond, 0u);
  EXPECT_EQ(result.program.calls.size(), result.imported);
}

}  // namespace
}  // namespace pollux
