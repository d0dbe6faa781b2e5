// A minimal program for each quirk of core/quirks.def, at whose end it shows.

#ifndef POLLUX_TESTS_QUIRK_WITNESSES_H_
#define POLLUX_TESTS_QUIRK_WITNESSES_H_

#include <string>
#include <string_view>
#include <vector>

#include "diff/probes.h"

namespace pollux {

struct QuirkWitness {
  std::string_view quirk;
  // Outcomes are those of a Linux without it.
  std::string_view text;
  // It shows not in the last outcome, but in an interest list after that.
  bool in_interests = false;
};

inline constexpr QuirkWitness kWitnesses[] = {
    // --- The interest list
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

    // --- ADD and MOD
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

    // --- The scan
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
    {"ovflist-lost", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
freeze(ep0, 1, 0) = 1
write(e0, 8) = 8
thaw([{events=EPOLLIN, data=0}]) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
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

    // --- Wait queues
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

    // --- Pipes
    {"pipe-close-silent", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=0, data=0}) = 0
close(p0.w) = 0
epoll_wait(ep0, [{events=EPOLLHUP, data=0}], 1, 0) = 1
)"},

    {"fifo-hup-before-writer", R"(
f0 = mknod(S_IFIFO)
r0 = reopen(f0, O_RDONLY|O_NONBLOCK)
poll([{fd=r0, events=0, revents=0}], 1, 0) = 0
)"},
    // The second writer's opening is an edge for what the first one left.
    {"fifo-open-silent", R"(
f0 = mknod(S_IFIFO)
r0 = reopen(f0, O_RDONLY|O_NONBLOCK)
r1 = reopen(f0, O_WRONLY|O_NONBLOCK)
ep0 = epoll_create1(0)
write(r1, 1) = 1
close(r1) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, r0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN|EPOLLHUP, data=0}], 1, 0) = 1
r2 = reopen(f0, O_WRONLY|O_NONBLOCK)
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"splice-silent", R"(
p0 = pipe2(O_NONBLOCK)
p1 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p1.r, {events=EPOLLIN, data=0}) = 0
write(p0.w, 1) = 1
splice(p0.r, 0, p1.w, 0, 1, SPLICE_F_NONBLOCK) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- Eventfds
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

    // --- Timers and processes
    {"timerfd-edge-only-from-zero", R"(
t0 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
ep0 = epoll_create1(0)
ioctl(t0, TFD_IOC_SET_TICKS, value=2) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, t0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
ioctl(t0, TFD_IOC_SET_TICKS, value=3) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"timerfd-settime-keeps-ticks", R"(
t0 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
ioctl(t0, TFD_IOC_SET_TICKS, value=2) = 0
timerfd_settime(t0, 0, TIMER_OFF, TIMER_ONCE) = 0
read(t0, 8) = -1 EAGAIN
)"},
    {"timerfd-past-ignored", R"(
t0 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
timerfd_settime(t0, TFD_TIMER_ABSTIME, TIMER_NOW, TIMER_ONCE) = 0
read(t0, 8, value=1) = 8
)"},
    {"pidfd-exit-silent", R"(
proc0 = pidfd_fork(0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, proc0, {events=EPOLLIN, data=0}) = 0
pidfd_send_signal(proc0, 9) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- AF_UNIX streams
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
    {"exclusive-unchecked", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0x10000002, data=0}) = -1 EINVAL
)"},
    {"exclusive-in-mod", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLEXCLUSIVE, data=0}) = -1 EINVAL
)"},
    {"fault-loses-event", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [...]@0, 1, 0) = -1 EFAULT
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"fault-hides-delivered", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=EPOLLIN, data=1}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}]@1, 2, 0) = 1
)"},
    {"poll-consumes-edge", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
poll([{fd=ep0, events=POLLIN, revents=POLLIN}], 1, 0) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"unix-no-reset", R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
write(sock0.a, 1) = 1
close(sock0.b) = 0
read(sock0.a, 1) = -1 ECONNRESET
)"},

    // --- Files that cannot be polled
    {"plain-files-watched", R"(
m0 = memfd_create(0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, m0, {events=0, data=0}) = -1 EPERM
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

    // --- Seen in /proc only
    {"wakeup-unknown", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLWAKEUP, data=0}) = 0
)",
     true},
    {"no-epoll-fdinfo", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
)",
     true},
    // --- signalfd ------------------------------------------------------------
    {"signalfd-own-signals-only", R"(
sfd0 = signalfd4(-1, SIGURG, SFD_NONBLOCK)
ep0 = epoll_create1(0)
raise(SIGURG) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, sfd0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
raise(SIGIO) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"signalfd-change-silent", R"(
sfd0 = signalfd4(-1, SIGURG, SFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, sfd0, {events=EPOLLIN, data=0}) = 0
raise(SIGIO) = 0
epoll_wait(ep0, [], 1, 0) = 0
signalfd(sfd0, SIGIO, 0) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"signalfd-standard-queues", R"(
sfd0 = signalfd4(-1, SIGURG, SFD_NONBLOCK)
raise(SIGURG) = 0
raise(SIGURG) = 0
read(sfd0, 256, value=23) = 128
)"},

    // --- inotify -------------------------------------------------------------
    {"inotify-no-merge", R"(
in0 = inotify_init1(IN_NONBLOCK)
change_file(FILE_A, CREATE) = 0
inotify_add_watch(in0, FILE_A, IN_ATTRIB) = 1
change_file(FILE_A, CHMOD) = 0
change_file(FILE_A, CHMOD) = 0
read(in0, 32, value=17179869185) = 16
)"},
    {"inotify-rm-silent", R"(
in0 = inotify_init1(IN_NONBLOCK)
inotify_add_watch(in0, FOLDER, IN_ATTRIB) = 1
inotify_rm_watch(in0, 1) = 0
poll([{fd=in0, events=POLLIN, revents=POLLIN}], 1, 0) = 1
)"},

    {"timerfd-period-edges", R"(
t0 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, t0, {events=EPOLLIN|EPOLLET, data=0}) = 0
timerfd_settime(t0, 0, TIMER_NOW, TIMER_SHORT) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_wait(ep0, [], 1, 0) = 0
)"},
    {"uring-edge-only-from-empty", R"(
ring0 = io_uring_setup(4)
ep0 = epoll_create1(0)
io_uring_nop(ring0) = 1
epoll_ctl(ep0, EPOLL_CTL_ADD, ring0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
io_uring_nop(ring0) = 1
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- POSIX message queues ------------------------------------------------
    {"mq-edge-only-from-empty", R"(
mq0 = mq_open(O_RDWR|O_NONBLOCK, 3)
ep0 = epoll_create1(0)
mq_send(mq0, 1) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, mq0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
mq_send(mq0, 1) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"mq-receive-silent", R"(
mq0 = mq_open(O_RDWR|O_NONBLOCK, 1)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, mq0, {events=EPOLLOUT, data=0}) = 0
mq_send(mq0, 1) = 0
epoll_wait(ep0, [], 1, 0) = 0
mq_receive(mq0, 8) = 1
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
    // --- More of the interest list, ADD, MOD, scans and errnos
    {"key-ignores-file", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
e1 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
dup2(e1, e0) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
)"},
    {"add-drops-ghosts", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
d0 = dup(e0)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
dup2(e1, e0) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}, {events=EPOLLIN, data=1}], 8, 0) = 2
)"},
    {"unknown-bits-refused", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLNVAL, data=0}) = 0
)"},
    {"kcmp-ignores-offset", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
kcmp(e0, ep0, e0, 1) = -1 ENOENT
)"},
    {"edge-not-at-add", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"add-silent", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"mod-silent", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=1}], 1, 0) = 1
)"},
    {"mod-of-queued-wakes", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN|EPOLLET, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep1, [{events=EPOLLIN, data=1}], 1, 0) = 1
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep1, [], 1, 0) = 0
)"},
    {"mod-moves-to-tail", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"mod-keeps-disarmed", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLONESHOT, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"exclusive-modifiable", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLEXCLUSIVE, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, {events=EPOLLIN, data=0}) = -1 EINVAL
)"},
    {"fault-moves-to-tail", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
epoll_wait(ep0, NULL, 8, 0) = -1 EFAULT
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"fault-disarms-oneshot", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLONESHOT, data=0}) = 0
epoll_wait(ep0, NULL, 8, 0) = -1 EFAULT
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"cut-event-unwritten", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLIN}]@0+4, 8, 0) = -1 EFAULT
)"},
    {"maxevents-unlimited", R"(
ep0 = epoll_create1(0)
epoll_wait(ep0, [...], 178956971, 0) = -1 EINVAL
)"},
    {"ctl-unknown-op-first", R"(
epoll_ctl(-1, 9, -1, {events=0, data=0}) = -1 EBADF
)"},
    {"ctl-bad-fd-first", R"(
epoll_ctl(-1, EPOLL_CTL_ADD, -1, NULL) = -1 EFAULT
)"},
    {"ctl-not-epoll-first", R"(
n0 = open(DEV_NULL, O_RDONLY)
epoll_ctl(n0, EPOLL_CTL_ADD, n0, {events=0, data=0}) = -1 EPERM
)"},
    {"del-reads-event", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_DEL, e0, NULL) = -1 ENOENT
)"},
    {"exists-first", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=0x10000002, data=0}) = -1 EINVAL
)"},
    {"create-size-zero", R"(
ep0 = epoll_create(0) = -1 EINVAL
)"},
    {"create1-nonblock", R"(
ep0 = epoll_create1(0x800) = -1 EINVAL
)"},
    {"pwait-size-unchecked", R"(
ep0 = epoll_create1(0)
epoll_pwait(ep0, [...], 8, 0, [], 4) = -1 EINVAL
)"},
    {"pwait2-nsec-unchecked", R"(
ep0 = epoll_create1(0)
epoll_pwait2(ep0, [...], 8, {tv_sec=0, tv_nsec=-1}, [], 8) = -1 EINVAL
)"},
    {"epioc-pad-unchecked", R"(
ep0 = epoll_create1(0)
ioctl(ep0, EPIOCSPARAMS, value=0x100000000000000) = -1 EINVAL
)"},
    {"dupfd-ignores-lowest", R"(
ep0 = epoll_create1(0)
d0 = fcntl_dup(ep0, F_DUPFD, 9)
)"},
    {"dup-keeps-cloexec", R"(
ep0 = epoll_create1(EPOLL_CLOEXEC)
d0 = dup(ep0)
fcntl(d0, F_GETFD, 0) = 0
)"},
    {"select-ignores-hup", R"(
p0 = pipe2(O_NONBLOCK)
close(p0.w) = 0
select([{fd=p0.r, events=POLLIN, revents=POLLIN}], 0) = 1
)"},
    {"epoll-no-rdnorm", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
poll([{fd=ep0, events=POLLRDNORM, revents=POLLRDNORM}], 1, 0) = 1
)"},
    {"nested-key-rdnorm", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLRDNORM, data=1}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
write(e0, 8) = 8
epoll_wait(ep1, [], 1, 0) = 0
)"},
    {"wake-moves-to-tail", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=1}) = 0
write(e0, 8) = 8
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"exclusive-at-head", R"(
e0 = eventfd2(0, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=EPOLLIN|EPOLLEXCLUSIVE, data=1}) = 0
write(e0, 8) = 8
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"holders-ignored", R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=0}) = 0
proc0 = fork(0)
close(e0) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},

    // --- TCP, UDP --------------------------------------------------------------
    {"tcp-connect-silent", R"(
sock0 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
listen(sock0, 1) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, sock1, {events=EPOLLOUT|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLOUT|EPOLLHUP, data=0}], 1, 0) = 1
connect(sock1, sock0) = -1 EINPROGRESS
epoll_wait(ep0, [{events=EPOLLOUT, data=0}], 1, 0) = 1
)"},
    {"tcp-refused-no-error", R"(
sock0 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
connect(sock0, sock0) = -1 EINPROGRESS
getsockopt(sock0, SOL_SOCKET, SO_ERROR, [111]) = 0
)"},
    {"tcp-listener-edge-only-when-empty", R"(
sock0 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock2 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
listen(sock0, 1) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0, {events=EPOLLIN|EPOLLET, data=0}) = 0
connect(sock1, sock0) = -1 EINPROGRESS
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
connect(sock2, sock0) = -1 EINPROGRESS
epoll_wait(ep0, [{events=EPOLLIN, data=0}], 1, 0) = 1
)"},
    {"tcp-oob-no-pri", R"(
sock0 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
sock1 = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0)
listen(sock0, 1) = 0
connect(sock1, sock0) = -1 EINPROGRESS
conn0 = accept4(sock0, SOCK_NONBLOCK)
send(sock1, 1, MSG_OOB) = 1
poll([{fd=conn0, events=POLLPRI, revents=POLLPRI}], 1, 0) = 1
)"},
    {"udp-send-silent", R"(
sock0 = socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)
ep0 = epoll_create1(0)
bind(sock0) = 0
connect(sock0, sock0) = 0
epoll_ctl(ep0, EPOLL_CTL_ADD, sock0, {events=EPOLLWRBAND|EPOLLET, data=0}) = 0
epoll_wait(ep0, [{events=EPOLLWRBAND, data=0}], 1, 0) = 1
send(sock0, 1, 0) = 1
epoll_wait(ep0, [{events=EPOLLWRBAND, data=0}], 1, 0) = 1
)"},
    {"udp-never-refused", R"(
sock0 = socket(AF_INET, SOCK_DGRAM|SOCK_NONBLOCK, 0)
connect(sock0, sock0) = 0
send(sock0, 1, 0) = 1
getsockopt(sock0, SOL_SOCKET, SO_ERROR, [111]) = 0
)"},
};

// These, and the programs by which the history's quirks are probed.
inline std::vector<QuirkWitness> AllWitnesses() {
  std::vector<QuirkWitness> all(std::begin(kWitnesses), std::end(kWitnesses));
  for (const QuirkProgram& probe : ProbePrograms()) {
    all.push_back({Describe(probe.quirk).name, probe.text});
  }
  return all;
}

}  // namespace pollux

#endif  // POLLUX_TESTS_QUIRK_WITNESSES_H_
