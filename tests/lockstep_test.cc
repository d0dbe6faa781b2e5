// The lock-step loop tells every quirk from Linux.
//
// kWitnesses is a program for each quirk of core/quirks.def. The reference with
// the quirk is the subject, the reference without it is the oracle; what they
// differ in must show in the outcome of the program's last call.

#include "diff/lockstep.h"

#include <sys/epoll.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/reference.h"
#include "diff/report.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

struct QuirkWitness {
  const char* quirk;
  // Outcomes are Linux 6.18's. A line of its own, at the end, says what the
  // last call gives with the quirk.
  const char* text;
};

constexpr QuirkWitness kWitnesses[] = {
    // --- The interest list ---------------------------------------------------
    {"close-of-dup-drops-item", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
close(e0) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"key-ignores-fd", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=0, data=0}) = 0
)"},
    {"mod-keeps-old-data", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=2}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=2}], 1, 0) = 1
)"},
    {"mod-keeps-old-mask", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"hup-maskable", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=0, data=0}) = 0
close(p0.w) = 0
epoll_wait(ep0, [{events=EPOLLHUP, data=0}], 1, 0) = 1
)"},

    // --- ADD and MOD ---------------------------------------------------------
    {"add-does-not-poll", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"mod-does-not-poll", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    //   ep0 ◀─ ep1 ◀─ ep2 ◀─ ep3 ◀─ ep4 ◀─ ep5: one edge too many
    {"depth-downward-only", R"(
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
ep2 = epoll_create1(0)
ep3 = epoll_create1(0)
ep4 = epoll_create1(0)
ep5 = epoll_create1(0)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=0, data=0}) = 0
epoll_ctl(ep2, EPOLL_CTL_ADD, ep1, {events=0, data=0}) = 0
epoll_ctl(ep3, EPOLL_CTL_ADD, ep2, {events=0, data=0}) = 0
epoll_ctl(ep4, EPOLL_CTL_ADD, ep3, {events=0, data=0}) = 0
epoll_ctl(ep5, EPOLL_CTL_ADD, ep4, {events=0, data=0}) = -1 ELOOP
)"},

    // --- The scan ------------------------------------------------------------
    {"level-not-requeued", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"edge-as-level", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {"edge-delivered-twice", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {"oneshot-not-disarmed", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLONESHOT, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {"oneshot-hears-hup", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT|EPOLLONESHOT, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
close(p0.r) = 0
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {"ready-sorted-by-fd", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"leftover-last", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"ovflist-lifo", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
freeze(ep0, 1, 0) = 1
write(e1, 8) = 8
thaw([{events=EPOLLIN, data=0}]) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"ovflist-lost", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
freeze(ep0, 1, 0) = 1
write(e0, 8) = 8
thaw([{events=EPOLLIN, data=0}]) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    //   e0 ◀─(lt)─ ep0 ◀─(et)─ ep1
    {"harvest-wakes-watchers", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep1, [], 1, 0) = 0
)"},
    {"poll-keeps-stale", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
read(e0, 8, value=1) = 8
poll([{fd=ep0, events=0, revents=0}], 1, 0) = 0
write(e0, 8) = 8
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"wait-checks-size-first", R"(
epoll_wait(-1, [...], 0, 0) = -1 EBADF
)"},

    // --- Wait queues ---------------------------------------------------------
    {"wake-oldest-first", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=EPOLLIN, data=2}) = 0
write(e0, 8) = 8
epoll_wait(ep0, [{events=EPOLLIN, data=2}], 1, 0) = 1
)"},
    //   e0 ◀─ ep0 ◀─ ep1
    {"nested-not-woken", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=0}) = 0
write(e0, 8) = 8
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- Pipes ---------------------------------------------------------------
    {"pipe-edge-only-when-empty", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0}) = 0
write(p0.w, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(p0.w, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"pipe-read-wakes-always", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
write(p0.w, 1) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
read(p0.r, 1) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    // The read of one byte frees no slot, but would take the writer's place in
    // the ready list, which then turns out to be well deserved.
    {"pipe-read-wakes-if-was-full", R"(
p0 = pipe2(O_NONBLOCK)
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
write(p0.w, 65536) = 65536
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT, data=0}) = 0
read(p0.r, 1) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
read(p0.r, 4095) = 4095
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"pipe-close-silent", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=0, data=0}) = 0
close(p0.w) = 0
epoll_wait(ep0, [{events=EPOLLHUP, data=0}], 1, 0) = 1
)"},

    // --- Eventfds ------------------------------------------------------------
    {"eventfd-edge-only-from-zero", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(e0, 8) = 8
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"eventfd-read-silent", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
read(e0, 8, value=1) = 8
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
)"},
    {"eventfd-semaphore-ignored", R"(
e0 = eventfd2(2, EFD_SEMAPHORE|EFD_NONBLOCK)
read(e0, 8, value=1) = 8
)"},
    {"eventfd-long-write-ok", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
write(e0, 9) = -1 EINVAL
)"},

    // --- AF_UNIX streams -----------------------------------------------------
    {"no-rdhup", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
shutdown(sock0.a, SHUT_RD) = 0
poll([{fd=sock0.a, events=POLLRDHUP, revents=POLLRDHUP}], 1, 0) = 1
)"},
    {"unix-recv-silent", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
write(sock0.a, 1) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0.a, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
read(sock0.b, 1) = 1
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
)"},
    {"unix-edge-only-when-empty", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0.b, {events=EPOLLIN|EPOLLET, data=0}) = 0
write(sock0.a, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(sock0.a, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"unix-shutdown-silent", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0.a, {events=EPOLLIN, data=0}) = 0
shutdown(sock0.a, SHUT_RD) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"unix-no-reset", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
write(sock0.a, 1) = 1
close(sock0.b) = 0
read(sock0.a, 1) = -1 ECONNRESET
)"},
    {"unix-oob-no-pri", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
send(sock0.a, 1, MSG_OOB) = 1
poll([{fd=sock0.b, events=POLLPRI, revents=POLLPRI}], 1, 0) = 1
)"},

    // --- Connections, options ------------------------------------------------
    {"unconnected-no-hup", R"(
sock0 = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
poll([{fd=sock0, events=0, revents=POLLHUP}], 1, 0) = 1
)"},
    {"unix-backlog-exact", R"(
sock0 = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
bind(sock0) = 0
listen(sock0, 0) = 0
connect(sock1, sock0) = 0
)"},
    {"so-error-sticks", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
write(sock0.a, 1) = 1
close(sock0.b) = 0
getsockopt(sock0.a, SOL_SOCKET, SO_ERROR, [104]) = 0
getsockopt(sock0.a, SOL_SOCKET, SO_ERROR, [0]) = 0
)"},

    // --- AF_UNIX datagrams and sequenced packets -----------------------------
    {"unix-empty-message-resets", R"(
sock0 = socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0)
write(sock0.a, 0) = 0
close(sock0.b) = 0
getsockopt(sock0.a, SOL_SOCKET, SO_ERROR, [0]) = 0
)"},
    // Each number is one more message of the 11 that a queue holds.
    {"dgram-ignores-peer", R"(
sock0 = socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
bind(sock0) = 0
connect(sock1, sock0) = 0
write(sock1, 1) = 1
write(sock1, 2) = 2
write(sock1, 3) = 3
write(sock1, 4) = 4
write(sock1, 5) = 5
write(sock1, 6) = 6
write(sock1, 7) = 7
write(sock1, 8) = 8
write(sock1, 9) = 9
write(sock1, 10) = 10
write(sock1, 11) = 11
poll([{fd=sock1, events=POLLOUT, revents=0}], 1, 0) = 0
)"},
    {"dgram-failed-send-silent", R"(
sock0 = socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0.a, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
shutdown(sock0.b, SHUT_RD) = 0
write(sock0.a, 1) = -1 EPIPE
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
)"},
    {"dgram-empty-silent", R"(
sock0 = socketpair(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0.b, {events=EPOLLIN, data=0}) = 0
write(sock0.a, 0) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
};

Profile WithQuirk(Quirk quirk) {
  Profile profile;
  profile.Enable(quirk);
  return profile;
}

// Runs `program` on the reference with `quirk` against the reference without.
Verdict RunWith(Quirk quirk, const Program& program, bool witnesses,
                Divergence* divergence = nullptr) {
  Reference subject{WithQuirk(quirk), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle, {.witnesses = witnesses});
  const Verdict verdict = lockstep.Run(program);
  if (divergence != nullptr) *divergence = lockstep.divergence();
  return verdict;
}

// The program without call `victim`; well-formed, as that makes nothing.
Program Without(const Program& program, size_t victim) {
  Program result;
  ProgramBuilder builder(&result);
  for (size_t i = 0; i < program.calls.size(); ++i) {
    if (i != victim) builder.Append(program.calls[i]);
  }
  builder.Finish();
  return result;
}

class QuirkTest : public testing::TestWithParam<QuirkWitness> {
 protected:
  void SetUp() override {
    quirk_ = FindQuirk(GetParam().quirk);
    ASSERT_TRUE(quirk_) << "no such quirk";
    trace_ = MustParse(GetParam().text);
    ASSERT_FALSE(trace_.program.calls.empty());
  }

  std::optional<Quirk> quirk_;
  Trace trace_;
};

TEST_P(QuirkTest, ShowsInTheLastOutcome) {
  Divergence divergence;
  ASSERT_EQ(RunWith(*quirk_, trace_.program, false, &divergence),
            Verdict::kDivergence);
  EXPECT_EQ(divergence.call, trace_.program.calls.size() - 1);
  EXPECT_EQ(divergence.kind, DivergenceClass::kOutcome);
  EXPECT_NE(ToString(divergence.observed), ToString(divergence.expected));
}

TEST_P(QuirkTest, OutcomesAreThoseOfLinux618) {
  Reference reference{Profile(), Machine()};
  Executor executor(&reference);
  executor.Begin();
  for (size_t i = 0; i < trace_.program.calls.size(); ++i) {
    Outcome outcome;
    executor.Execute(trace_.program.calls[i], &outcome);
    outcome.fds = {-1, -1};
    if (!trace_.outcomes[i]) {
      EXPECT_EQ(outcome.result, 0) << "line " << trace_.lines[i];
    } else {
      EXPECT_EQ(ToString(outcome), ToString(*trace_.outcomes[i]))
          << "line " << trace_.lines[i];
    }
  }
}

TEST_P(QuirkTest, NoCallCanBeLeftOut) {
  const Program& program = trace_.program;
  for (size_t i = 0; i < program.calls.size(); ++i) {
    const Op op = program.calls[i].op;
    // A builder would put the thaw back.
    if (Describe(op).makes != Makes::kNothing || op == Op::kThaw) continue;
    EXPECT_NE(RunWith(*quirk_, Without(program, i), false),
              Verdict::kDivergence)
        << "without line " << trace_.lines[i];
  }
}

TEST_P(QuirkTest, WitnessesSeeItNoLater) {
  EXPECT_EQ(RunWith(*quirk_, trace_.program, true), Verdict::kDivergence);
}

TEST_P(QuirkTest, TheTwinsAgreeWhereBothHaveIt) {
  Reference subject{WithQuirk(*quirk_), Machine()};
  Oracle oracle{WithQuirk(*quirk_), Machine()};
  Lockstep lockstep(&subject, &oracle);
  EXPECT_EQ(lockstep.Run(trace_.program), Verdict::kSame);
}

INSTANTIATE_TEST_SUITE_P(All, QuirkTest, testing::ValuesIn(kWitnesses),
                         [](const testing::TestParamInfo<QuirkWitness>& info) {
                           std::string name = info.param.quirk;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(QuirkTableTest, EveryQuirkHasAWitness) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_TRUE(std::any_of(
        std::begin(kWitnesses), std::end(kWitnesses),
        [&](const QuirkWitness& w) { return quirk.name == w.quirk; }))
        << "kWitnesses has no program for " << quirk.name;
  }
}

// --- The loop ----------------------------------------------------------------

TEST(LockstepTest, IdenticalTwinsNeverDiverge) {
  std::mt19937_64 random(1);
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  for (int i = 0; i < 2000; ++i) {
    const Program program = RandomProgram(random, {.sleeps_percent = 20});
    ASSERT_EQ(lockstep.Run(program), Verdict::kSame) << PrintText(program);
  }
  EXPECT_EQ(lockstep.stats().programs, 2000u);
  EXPECT_GT(lockstep.stats().calls, 2000u * 20);
  EXPECT_EQ(lockstep.stats().skipped, 0u);
}

// Without coverage, within 3000 programs. The rest needs the fuzzer.
TEST(LockstepTest, RandomProgramsFindMostQuirks) {
  int found = 0;
  for (const QuirkInfo& quirk : AllQuirks()) {
    std::mt19937_64 random(2);
    Reference subject{WithQuirk(quirk.id), Machine()};
    Oracle oracle{Profile(), Machine()};
    Lockstep lockstep(&subject, &oracle);
    int programs = 0;
    Verdict verdict = Verdict::kSame;
    while (verdict == Verdict::kSame && ++programs <= 3000) {
      verdict = lockstep.Run(RandomProgram(random, {}));
    }
    if (verdict == Verdict::kDivergence) {
      ++found;
    } else {
      printf("not found by random programs: %s\n", quirk.name.data());
    }
  }
  EXPECT_GE(found, static_cast<int>(kQuirkCount) * 3 / 4);
}

TEST(LockstepTest, FreezingProgramsAreSkippedWhereTheSubjectCannot) {
  const Trace trace = MustParse(
      "ep0 = epoll_create1(0)\nfreeze(ep0, 1, 0) = 0\nthaw([]) = 0\n");
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle, {.can_freeze = false});
  EXPECT_EQ(lockstep.Run(trace.program), Verdict::kSkipped);
  EXPECT_EQ(lockstep.stats().skipped, 1u);
  EXPECT_EQ(lockstep.stats().programs, 0u);
}

TEST(LockstepTest, RunStopsAtTheFirstDivergence) {
  const Trace trace = MustParse(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
write(e0, 9)
write(e0, 9)
)");
  Reference subject{WithQuirk(Quirk::kEventfdLongWriteOk), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  Recording recording;
  ASSERT_EQ(lockstep.Run(trace.program, &recording), Verdict::kDivergence);
  EXPECT_EQ(lockstep.divergence().call, 1u);
  EXPECT_EQ(recording.outcomes.size(), 2u);
  EXPECT_EQ(lockstep.stats().calls, 2u);
}

TEST(LockstepTest, RecordingShowsWorldsAndLeftovers) {
  const Trace trace = MustParse(R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=5})
write(e0, 8)
)");
  Reference subject{Profile(), Machine()};
  Oracle oracle{Profile(), Machine()};
  Lockstep lockstep(&subject, &oracle);
  Recording recording;
  ASSERT_EQ(lockstep.Run(trace.program, &recording), Verdict::kSame);
  EXPECT_EQ(recording.fds, (std::vector<int>{0, 1}));
  EXPECT_TRUE(recording.before.eventpolls[0].ready.empty());
  EXPECT_FALSE(recording.after.eventpolls[0].ready.empty());
  ASSERT_EQ(recording.leftovers.size(), 1u);
  EXPECT_EQ(recording.leftovers[0].epfd, 1);
  EXPECT_EQ(recording.leftovers[0].observed,
            (std::vector<Event>{{EPOLLIN, 5}}));
  EXPECT_EQ(recording.leftovers[0].expected, recording.leftovers[0].observed);
}

}  // namespace
}  // namespace pollux
