// The programs that decide which quirks a subject has.
//
// One row a quirk of Linux's history: a minimal program in whose last outcome
// it shows. The outcomes are those of a Linux without it, 6.18 for most.

#include "diff/probes.h"

namespace pollux {
namespace {

constexpr QuirkProgram kPrograms[] = {
    // --- Release
    {Quirk::kTaskWorkInOrder, R"(
p0 = pipe2(O_NONBLOCK)
p1 = pipe2(O_NONBLOCK)
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, p1.r, {events=0, data=1}) = 0
send_fd(sock0.a, p0.w) = 1
send_fd(sock0.a, p1.w) = 1
close(p0.w) = 0
close(p1.w) = 0
close(sock0.b) = 0
epoll_wait(ep0, [{events=EPOLLHUP, data=1}], 1, 0) = 1
)"},

    // --- ADD
    {Quirk::kExclusiveUnknown, R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLEXCLUSIVE, data=0}) = -1 EINVAL
)"},
    //   ep0 ◀─ ep1 ◀─ ep2 ◀─ ep3 ◀─ ep4 ◀─ ep5: one edge too many
    {Quirk::kDepthFiveDown, R"(
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
    {Quirk::kDepthSixDown, R"(
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
    //   e0 ◀─ ep0 ⇇ ep1 ⇇ ep2 ⇇ ep3 ⇇ ep4: 16 paths, where 10 may be
    {Quirk::kNoPathLimits, R"(
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
ep2 = epoll_create1(0)
ep3 = epoll_create1(0)
ep4 = epoll_create1(0)
d0 = dup(ep0)
d1 = dup(ep1)
d2 = dup(ep2)
d3 = dup(ep3)
e0 = eventfd2(0, EFD_NONBLOCK)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=0, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, d0, {events=0, data=0}) = 0
epoll_ctl(ep2, EPOLL_CTL_ADD, ep1, {events=0, data=0}) = 0
epoll_ctl(ep2, EPOLL_CTL_ADD, d1, {events=0, data=0}) = 0
epoll_ctl(ep3, EPOLL_CTL_ADD, ep2, {events=0, data=0}) = 0
epoll_ctl(ep3, EPOLL_CTL_ADD, d2, {events=0, data=0}) = 0
epoll_ctl(ep4, EPOLL_CTL_ADD, ep3, {events=0, data=0}) = 0
epoll_ctl(ep4, EPOLL_CTL_ADD, d3, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = -1 EINVAL
)"},

    // --- Scans, wakes, polls
    {Quirk::kOvflistLifo, R"(
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
    //   e0 ◀─(et)─ ep0 ◀─(et)─ ep1
    {Quirk::kScanWakesNobody, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
freeze(ep0, 1, 0) = 1
write(e0, 8) = 8
thaw([{events=EPOLLIN, data=0}]) = 1
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    //   e0 ◀─(lt)─ ep0 ◀─(et)─ ep1
    {Quirk::kHarvestWakesWatchers, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep1, [], 1, 0) = 0
)"},
    //   e0 ◀─ ep0 ◀─ ep1 ◀─ ep2 ◀─ ep3 ◀─ ep4 ◀─ ep5
    {Quirk::kPollNestingGuard, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
ep2 = epoll_create1(0)
ep3 = epoll_create1(0)
ep4 = epoll_create1(0)
ep5 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep2, EPOLL_CTL_ADD, ep1, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep3, EPOLL_CTL_ADD, ep2, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep4, EPOLL_CTL_ADD, ep3, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep5, EPOLL_CTL_ADD, ep4, {events=EPOLLIN, data=0}) = 0
poll([{fd=ep5, events=POLLIN, revents=POLLIN}], 1, 0) = 1
)"},
    // The same with one more, which only a new innermost epoll can make.
    {Quirk::kWakeNestingGuard, R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
ep2 = epoll_create1(0)
ep3 = epoll_create1(0)
ep4 = epoll_create1(0)
ep5 = epoll_create1(0)
ep6 = epoll_create1(0)
epoll_ctl(ep2, EPOLL_CTL_ADD, ep1, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep3, EPOLL_CTL_ADD, ep2, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep4, EPOLL_CTL_ADD, ep3, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep5, EPOLL_CTL_ADD, ep4, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep6, EPOLL_CTL_ADD, ep5, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
write(e0, 8) = 8
epoll_wait(ep6, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- Calls
    {Quirk::kNoEpollPwait2, R"(
ep0 = epoll_create1(0)
epoll_pwait2(ep0, [], 1, {tv_sec=0, tv_nsec=0}, NULL, 0) = 0
)"},
    {Quirk::kWaitChecksSizeFirst, R"(
epoll_wait(-1, [...], 0, 0) = -1 EBADF
)"},
    {Quirk::kEpollIoctlNotty, R"(
ep0 = epoll_create1(0)
ioctl(ep0, TFD_IOC_SET_TICKS, value=2) = -1 EINVAL
)"},

    // --- Pipes
    {Quirk::kPipeOneQueue, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLIN|EPOLLOUT|EPOLLET, data=0})
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
write(p0.w, 1) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {Quirk::kPipeFailedWriteSilent, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0}) = 0
write(p0.w, 65536) = 65536
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(p0.w, 1) = -1 EAGAIN
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {Quirk::kPipeReleaseWakes, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
r0 = reopen(p0.w, O_WRONLY|O_NONBLOCK)
write(p0.w, 1) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
close(r0) = 0
epoll_wait(ep0, [], 1, 0) = 0
)"},
    //   p0 ◀─ ep0 ◀─(et)─ ep1
    {Quirk::kPipeWakesEdgePollers, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN|EPOLLET, data=0}) = 0
write(p0.w, 1) = 1
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(p0.w, 1) = 1
epoll_wait(ep1, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {Quirk::kPipeEdgeOnlyWhenEmpty, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0}) = 0
write(p0.w, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
write(p0.w, 1) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {Quirk::kPipeReadWakesAlways, R"(
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
    {Quirk::kPipeReadWakesIfWasFull, R"(
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
    {Quirk::kPipeResizeSilent, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
fcntl(p0.w, F_SETPIPE_SZ, 65536) = 65536
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
)"},
    {Quirk::kPipeNoPackets, R"(
p0 = pipe2(O_NONBLOCK|O_DIRECT)
)"},
    // The writer that comes back is an edge for what was left.
    {Quirk::kPipeReopenSilent, R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
write(p0.w, 1) = 1
close(p0.w) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN|EPOLLHUP, data=0}], 1, 0) = 1
r0 = reopen(p0.r, O_WRONLY|O_NONBLOCK)
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {Quirk::kFifoOpenWakesWriters, R"(
f0 = mknod(S_IFIFO)
r0 = reopen(f0, O_RDONLY|O_NONBLOCK)
r1 = reopen(f0, O_WRONLY|O_NONBLOCK)
ep0 = epoll_create1(0)
close(r0) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, r1, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT|EPOLLERR, data=0}], 1, 0) = 1
r2 = reopen(f0, O_RDONLY|O_NONBLOCK)
epoll_wait(ep0, [], 1, 0) = 0
)"},
    // Of 16 slots, two are taken.
    {Quirk::kSharedSlotsMerge, R"(
p0 = pipe2(O_NONBLOCK)
p1 = pipe2(O_NONBLOCK)
write(p0.w, 1) = 1
tee(p0.r, p1.w, 1, SPLICE_F_NONBLOCK) = 1
write(p1.w, 1) = 1
write(p1.w, 65536) = 57344
)"},

    // --- Eventfds, timers, processes, memory
    {Quirk::kEventfdLongWriteOk, R"(
e0 = eventfd2(0, EFD_NONBLOCK)
write(e0, 9) = -1 EINVAL
)"},
    {Quirk::kTimerfdNoBoottime, R"(
t0 = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK)
)"},
    {Quirk::kTimerfdNoSetTicks, R"(
t0 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
ioctl(t0, TFD_IOC_SET_TICKS) = 0
)"},
    {Quirk::kPidfdMissing, R"(
proc0 = pidfd_fork(0)
)"},
    {Quirk::kPidfdNoNonblock, R"(
proc0 = pidfd_fork(PIDFD_NONBLOCK)
)"},
    {Quirk::kPidfdNoReopen, R"(
proc0 = pidfd_fork(0)
r0 = reopen(proc0, O_RDONLY|O_NONBLOCK)
)"},
    {Quirk::kPidfdNoWaitid, R"(
proc0 = pidfd_fork(0)
waitid(proc0, 5) = 0
)"},
    {Quirk::kPidfdNoHup, R"(
proc0 = pidfd_fork(0)
pidfd_send_signal(proc0, 9) = 0
waitid(proc0, 5) = 1
poll([{fd=proc0, events=0, revents=POLLHUP}], 1, 0) = 1
)"},
    // The exit would take a place in the list that the reaping turns out to
    // deserve.
    {Quirk::kPidfdExitUnkeyed, R"(
proc0 = pidfd_fork(0)
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, proc0, {events=0, data=0}) = 0
pidfd_send_signal(proc0, 9) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
waitid(proc0, 5) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {Quirk::kMemfdMissing, R"(
m0 = memfd_create(0)
)"},

    // --- AF_UNIX
    {Quirk::kUnixNoOob, R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
send(sock0.a, 1, MSG_OOB) = 1
)"},
    {Quirk::kUnixPeekStops, R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
write(sock0.a, 1) = 1
write(sock0.a, 1) = 1
recv(sock0.b, 2, MSG_PEEK) = 2
)"},
    {Quirk::kUnixEmptyMessageResets, R"(
sock0 = socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0)
write(sock0.a, 0) = 0
close(sock0.b) = 0
getsockopt(sock0.a, SOL_SOCKET, SO_ERROR, [0]) = 0
)"},
    {Quirk::kDgramPollsPeer, R"(
sock0 = socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_UNIX, SOCK_DGRAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
bind(sock0) = 0
connect(sock1, sock0) = 0
write(sock1, 1) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, sock1, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
recv(sock0, 1, MSG_PEEK) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {Quirk::kSeqpacketRecvUnconnected, R"(
sock0 = socket(AF_UNIX, SOCK_SEQPACKET|SOCK_NONBLOCK, 0)
recv(sock0, 1, 0) = -1 ENOTCONN
)"},
    // The byte that is missing makes two wake-ups of one item: where it stands
    // tells whether the first was one.
    {Quirk::kTcpWakesBelowLowat, R"(
sock0 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
listen(sock0, 1) = 0
setsockopt(sock0, SOL_SOCKET, SO_RCVLOWAT, 2) = 0
connect(sock1, sock0) = -1 EINPROGRESS
conn0 = accept4(sock0, SOCK_NONBLOCK)
epoll_ctl(ep0, EPOLL_CTL_ADD, conn0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
send(sock1, 1, 0) = 1
write(e0, 8) = 8
send(sock1, 1, 0) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
};

}  // namespace

std::span<const QuirkProgram> ProbePrograms() { return kPrograms; }

}  // namespace pollux
