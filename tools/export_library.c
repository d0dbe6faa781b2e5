/*
 * What exported C programs are made of.
 *
 * A line "//@ NAME..." starts a part and says what it defines. An exported
 * program takes those parts whose names it uses, and those that they use, in
 * the order of this file; includes go to its top. So a part is C99 and C++
 * alike, has no warning with -Wall -Wextra, and stands behind what it uses.
 *
 * To add a call NAME of the call table, add a part do_NAME: it gets the call's
 * arguments, then a pointer for each descriptor that the call makes, and returns
 * what the call returns, 0 where it makes descriptors, or -errno. Constants that
 * libc does not have are parts, too. What a part keeps open for itself stands
 * out of the way: see aside().
 */

//@ _always_
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

//@ result

/* A result, or -errno. */
static int64_t result(int64_t r)
{
        return r < 0 ? -errno : r;
}

//@ keep

/* Stores a new descriptor; 0, or -errno. */
static int64_t keep(int64_t r, int *fd)
{
        *fd = (int)r;
        return r < 0 ? -errno : 0;
}

//@ keep_pair

/* Stores two new descriptors; 0, or -errno. */
static int64_t keep_pair(int r, const int fds[2], int *a, int *b)
{
        if (r < 0)
                return -errno;
        *a = fds[0];
        *b = fds[1];
        return 0;
}

//@ aside

/* Moves a descriptor of our own out of the way of the program's numbers. */
static int aside(int fd)
{
        int high = fcntl(fd, F_DUPFD_CLOEXEC, 900);

        close(fd);
        return high;
}

//@ close_others FIRST_FD

/* The program's first descriptor. */
#define FIRST_FD 3

/* Numbers are compared: nothing that was inherited may be in the way. */
static void close_others(void)
{
        int fd;

        for (fd = FIRST_FD; fd < 1024; fd++)
                close(fd);
}

//@ event

static struct epoll_event *event(uint32_t mask, uint64_t data)
{
        static struct epoll_event made;

        made.events = mask;
        made.data.u64 = data;
        return &made;
}

//@ timespec
#include <time.h>

static const struct timespec *timespec(int64_t seconds, int64_t nanoseconds)
{
        static struct timespec made;

        made.tv_sec = (time_t)seconds;
        made.tv_nsec = (long)nanoseconds;
        return &made;
}

//@ no_signals

/* An empty set, as the kernel has it. */
static const uint64_t no_signals[1] = { 0 };

//@ EPOLLNVAL
#ifndef EPOLLNVAL
#define EPOLLNVAL 0x20u
#endif

//@ BLOCKED

/* A wait that would have slept for ever. */
#define BLOCKED INT64_MIN

//@ UNMAPPED

/* Where nothing is mapped. */
#define UNMAPPED ((struct epoll_event *)(void *)(uintptr_t)64)

//@ KERNEL_MEMORY

/* Where user space never is. */
#define KERNEL_MEMORY ((struct epoll_event *)(void *)~(uintptr_t)4095)

//@ writable
#include <sys/mman.h>

/* A buffer of which only so many events can be written. */
static struct epoll_event *writable(size_t count)
{
        static char *pages;

        if (pages == NULL) {
                pages = (char *)mmap((void *)((uintptr_t)1 << 32), 8192,
                                     PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (pages == MAP_FAILED ||
                    mprotect(pages + 4096, 4096, PROT_NONE) != 0)
                        abort();
        }
        return (struct epoll_event *)(void *)
                (pages + 4096 - count * sizeof(struct epoll_event));
}

//@ read_only
#include <sys/mman.h>

/* A buffer that cannot be written. */
static struct epoll_event *read_only(void)
{
        static void *page;

        if (page == NULL)
                page = mmap((void *)((uintptr_t)1 << 32), 4096, PROT_READ,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return (struct epoll_event *)page;
}

//@ events

/* What the last wait delivered. */
static struct epoll_event events[1024];

//@ revents

/* What the last poll gave. */
static short revents;

//@ value

/* The first eight bytes of the last read, or the last option. */
static uint64_t value;

//@ settle
#include <poll.h>

/* Waits until something has happened that is on its way. */
static void settle(int fd)
{
        struct pollfd p = { fd, POLLIN, 0 };

        while (poll(&p, 1, 2000) < 0)
                ;
}

//@ poll_mask
#include <poll.h>

/* Everything that poll(2) says about a descriptor. */
static int64_t poll_mask(int fd)
{
        struct pollfd p = { fd, POLLIN | POLLPRI | POLLOUT | POLLRDNORM |
                            POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLMSG |
                            POLLRDHUP, 0 };

        if (poll(&p, 1, 0) < 0)
                return -errno;
        return p.revents;
}

//@ interests

/* How often is this in the interest list of an epoll? */
static int64_t interests(int epfd, int fd, uint32_t mask, uint64_t data)
{
        char line[256];
        int64_t count = 0;
        FILE *file;

        snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", epfd);
        file = fopen(line, "r");
        if (file == NULL)
                return -errno;
        while (fgets(line, sizeof(line), file) != NULL) {
                int tfd;
                unsigned int events_seen;
                unsigned long long data_seen;

                if (sscanf(line, "tfd: %d events: %x data: %llx", &tfd,
                           &events_seen, &data_seen) == 3 &&
                    tfd == fd && events_seen == mask && data_seen == data)
                        count++;
        }
        fclose(file);
        return count;
}

//@ wait_begins wait_ends
#include <sys/time.h>

static void on_alarm(int signal_number)
{
        (void)signal_number;
}

/* A wait without end is interrupted after a tenth of a second. */
static void wait_begins(int endless)
{
        struct itimerval when;
        struct sigaction action;

        memset(&when, 0, sizeof(when));
        memset(&action, 0, sizeof(action));
        action.sa_handler = on_alarm;
        sigaction(SIGALRM, &action, NULL);
        when.it_value.tv_usec = endless ? 100000 : 0;
        setitimer(ITIMER_REAL, &when, NULL);
}

static int64_t wait_ends(int endless, int64_t r)
{
        struct itimerval never;

        memset(&never, 0, sizeof(never));
        setitimer(ITIMER_REAL, &never, NULL);
        return endless && r == -EINTR ? INT64_MIN : r;
}

//@ do_epoll_create

static int64_t do_epoll_create(int size, int *fd)
{
        return keep(epoll_create(size), fd);
}

//@ do_epoll_create1

static int64_t do_epoll_create1(int flags, int *fd)
{
        return keep(epoll_create1(flags), fd);
}

//@ do_epoll_ctl

static int64_t do_epoll_ctl(int epfd, int op, int fd, struct epoll_event *e)
{
        return result(epoll_ctl(epfd, op, fd, e));
}

//@ do_epoll_wait

static int64_t do_epoll_wait(int epfd, struct epoll_event *buffer,
                             int maxevents, int timeout)
{
        int64_t r;

        wait_begins(timeout < 0);
        r = result(epoll_wait(epfd, buffer, maxevents, timeout));
        return wait_ends(timeout < 0, r);
}

//@ do_epoll_pwait
#include <sys/syscall.h>

static int64_t do_epoll_pwait(int epfd, struct epoll_event *buffer,
                              int maxevents, int timeout, const void *sigmask,
                              size_t sigsetsize)
{
        int64_t r;

        wait_begins(timeout < 0);
        r = result(syscall(SYS_epoll_pwait, epfd, buffer, maxevents, timeout,
                           sigmask, sigsetsize));
        return wait_ends(timeout < 0, r);
}

//@ do_epoll_pwait2
#include <sys/syscall.h>
#include <time.h>
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static int64_t do_epoll_pwait2(int epfd, struct epoll_event *buffer,
                               int maxevents, const void *timeout,
                               const void *sigmask, size_t sigsetsize)
{
        /* Memory that cannot be read is no endless wait, but an error. */
        const struct timespec *t = (const struct timespec *)timeout;
        int bad = (uintptr_t)t < 4096 || (uintptr_t)t > UINTPTR_MAX / 2;
        int endless = t == NULL || (!bad && (t->tv_sec > 0 ||
                                             t->tv_nsec > 100000000));
        int64_t r;

        wait_begins(endless);
        r = result(syscall(SYS_epoll_pwait2, epfd, buffer, maxevents, timeout,
                           sigmask, sigsetsize));
        return wait_ends(endless, r);
}

//@ do_poll
#include <poll.h>

static int64_t do_poll(int fd, int mask)
{
        struct pollfd p = { fd, (short)mask, 0 };
        int64_t r = result(poll(&p, 1, 0));

        revents = p.revents;
        return r;
}

//@ do_close

static int64_t do_close(int fd)
{
        return result(close(fd));
}

//@ do_dup

static int64_t do_dup(int oldfd, int *fd)
{
        return keep(dup(oldfd), fd);
}

//@ do_dup2

static int64_t do_dup2(int oldfd, int newfd)
{
        return dup2(oldfd, newfd) < 0 ? -errno : 0;
}

//@ do_dup3

static int64_t do_dup3(int oldfd, int newfd, int flags)
{
        return dup3(oldfd, newfd, flags) < 0 ? -errno : 0;
}

//@ do_lseek

static int64_t do_lseek(int fd, int offset, int whence)
{
        return result(lseek(fd, offset, whence));
}

//@ do_open_path

static int64_t do_open_path(int of, int *fd)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", of);
        return keep(open(path, O_PATH | O_CLOEXEC), fd);
}

//@ do_reopen

static int64_t do_reopen(int of, int flags, int *fd)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", of);
        return keep(open(path, flags), fd);
}

//@ do_read

static int64_t do_read(int fd, size_t count)
{
        static uint64_t buffer[(1 << 18) / 8];
        int64_t r = result(read(fd, buffer, count));

        value = buffer[0];
        return r;
}

//@ numbers

/* A number in eight bytes, over and over. */
static const uint64_t *numbers(size_t count, uint64_t number)
{
        static uint64_t buffer[(1 << 18) / 8 + 1];
        size_t i;

        for (i = 0; i < count / 8 + 1; i++)
                buffer[i] = number;
        return buffer;
}

//@ do_write

static int64_t do_write(int fd, size_t count, uint64_t number)
{
        return result(write(fd, numbers(count, number), count));
}

//@ do_pipe2

static int64_t do_pipe2(int flags, int *r, int *w)
{
        int fds[2];

        return keep_pair(pipe2(fds, flags), fds, r, w);
}

//@ do_eventfd2
#include <sys/eventfd.h>

static int64_t do_eventfd2(unsigned int initval, int flags, int *fd)
{
        return keep(eventfd(initval, flags), fd);
}

//@ folder
#include <sys/stat.h>

static char folder_path[64];

static void remove_folder(void)
{
        char path[80];

        snprintf(path, sizeof(path), "%s/a", folder_path);
        unlink(path);
        snprintf(path, sizeof(path), "%s/b", folder_path);
        unlink(path);
        rmdir(folder_path);
}

/* The path of a file in a folder of our own; of the folder, for "". */
static const char *folder(const char *name)
{
        static char path[80];

        if (folder_path[0] == '\0') {
                strcpy(folder_path, "/dev/shm/pollux.XXXXXX");
                if (mkdtemp(folder_path) == NULL)
                        abort();
                atexit(remove_folder);
        }
        snprintf(path, sizeof(path), "%s/%s", folder_path, name);
        return path;
}

//@ do_open

/* Of /dev/null, /dev/zero, /dev/full, /dev/urandom, or of a folder (4). */
static int64_t do_open(int device, int flags, int *fd)
{
        static const char *const paths[] = { "/dev/null", "/dev/zero",
                                             "/dev/full", "/dev/urandom" };

        if (device == 3)
                flags &= ~O_ACCMODE;
        return keep(open(device < 4 ? paths[device] : folder(""), flags), fd);
}

//@ do_open_random

static int64_t do_open_random(int *fd)
{
        return keep(open("/dev/random", O_RDONLY), fd);
}

//@ do_memfd_secret
#include <sys/syscall.h>

static int64_t do_memfd_secret(int flags, int *fd)
{
        return keep(syscall(447 /* SYS_memfd_secret */, flags), fd);
}

//@ do_memfd_create
#include <sys/mman.h>

static int64_t do_memfd_create(unsigned int flags, int *fd)
{
        int made = memfd_create("pollux", flags | MFD_ALLOW_SEALING);

        if (made >= 0)
                fcntl(made, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW |
                      F_SEAL_SHRINK | F_SEAL_SEAL);
        return keep(made, fd);
}

//@ do_mknod
#include <sys/stat.h>

static int64_t do_mknod(unsigned int type, int *fd)
{
        char name[] = "/tmp/pollux.XXXXXX";
        char path[64];
        int64_t r;
        static int made;

        if (made == 8)
                return -ENOSPC;
        made++;
        if (mkdtemp(name) == NULL)
                return -errno;
        snprintf(path, sizeof(path), "%s/fifo", name);
        if (mknod(path, type | 0600u, 0) != 0)
                abort();
        r = keep(open(path, O_PATH | O_CLOEXEC), fd);
        unlink(path);
        rmdir(name);
        return r;
}

//@ do_fcntl

static int64_t do_fcntl(int fd, int cmd, int size)
{
        return result(fcntl(fd, cmd, size));
}

//@ is_open

/* Can it be read (O_RDONLY) or written (O_WRONLY)? */
static int is_open(int fd, int mode)
{
        int flags = fcntl(fd, F_GETFL);

        if (flags < 0 || (flags & O_PATH))
                return 0;
        return (flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR;
}

//@ do_splice

/* From pipe to pipe: other files would be read and written. */
static int64_t do_splice(int in, int out, size_t len, unsigned int flags)
{
        int pipes = fcntl(in, F_GETPIPE_SZ) >= 0 &&
                    fcntl(out, F_GETPIPE_SZ) >= 0;

        if (len > 0 && is_open(in, O_RDONLY) && is_open(out, O_WRONLY) &&
            !pipes)
                return -EINVAL;
        return result(splice(in, NULL, out, NULL, len, flags));
}

//@ do_tee

static int64_t do_tee(int in, int out, size_t len, unsigned int flags)
{
        return result(tee(in, out, len, flags));
}

//@ do_timerfd_create
#include <sys/timerfd.h>

static int64_t do_timerfd_create(int clock, int flags, int *fd)
{
        return keep(timerfd_create(clock, flags), fd);
}

//@ do_timerfd_settime
#include <sys/timerfd.h>

/* At once (1), in a century (2), or never (0). */
static int64_t do_timerfd_settime(int fd, int flags, int when, int periodic)
{
        struct itimerspec spec;
        int64_t r;

        memset(&spec, 0, sizeof(spec));
        spec.it_value.tv_sec = when == 2 ? 4000000000 : 0;
        spec.it_value.tv_nsec = when == 1;
        spec.it_interval.tv_sec = periodic == 1 ? 4000000000 : 0;
        spec.it_interval.tv_nsec = periodic == 2 && when == 1;
        r = result(timerfd_settime(fd, flags, &spec, NULL));
        if (r == 0 && when == 1)
                settle(fd);
        return r;
}

//@ TFD_IOC_SET_TICKS
#include <sys/ioctl.h>
#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t)
#endif

//@ do_ioctl
#include <sys/ioctl.h>

static int64_t do_ioctl(int fd, unsigned long request, uint64_t number)
{
        uint64_t argument[32] = { 0 };

        argument[0] = number;
        return result(ioctl(fd, request, argument));
}

//@ PIDFD_NONBLOCK
#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif

//@ sleeper
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int sleep_for_ever(void *unused)
{
        (void)unused;
        syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
                syscall(SYS_pause);
}

/*
 * Starts a process that sleeps. It shares our descriptors, so that it holds
 * none of its own; no signal reaches it, since it shares our memory, too.
 */
static int sleeper(void)
{
        static uint64_t stacks[8][1024];
        static int used;
        sigset_t all, old;
        int pid;

        if (used == 8)
                abort();
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, &old);
        pid = clone(sleep_for_ever, stacks[used] + 1024,
                    CLONE_VM | CLONE_FILES, NULL);
        used++;
        sigprocmask(SIG_SETMASK, &old, NULL);
        if (pid < 0)
                abort();
        return pid;
}

//@ do_pidfd_fork
#include <sys/syscall.h>

static int64_t do_pidfd_fork(int flags, int *fd)
{
        static int made;
        int valid = (flags & ~O_NONBLOCK) == 0;
        int pid;

        if (valid && made == 4)
                return -EAGAIN;
        made += valid;
        pid = valid ? sleeper() : getpid();

        return keep(syscall(SYS_pidfd_open, pid, flags), fd);
}

//@ wait_pidfd
#include <sys/wait.h>

static int64_t wait_pidfd(int fd, int options, siginfo_t *info)
{
        memset(info, 0, sizeof(*info));
        if (fd < 0)
                return -EBADF;
        return result(waitid((idtype_t)3 /* P_PIDFD */, (id_t)fd, info,
                             WEXITED | WNOHANG | (int)__WALL | options));
}

//@ do_pidfd_send_signal
#include <sys/syscall.h>
#include <sys/wait.h>

static int64_t do_pidfd_send_signal(int fd)
{
        siginfo_t info;
        int64_t r = result(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));

        if (r == 0) {
                settle(fd);
                wait_pidfd(fd, WNOWAIT, &info);
        }
        return r;
}

//@ do_waitid

static int64_t do_waitid(int fd)
{
        siginfo_t info;
        int64_t r = wait_pidfd(fd, 0, &info);

        return r == 0 ? info.si_pid != 0 : r;
}

//@ do_socket

static int64_t do_socket(int domain, int type, int protocol, int *fd)
{
        return keep(socket(domain, type, protocol), fd);
}

//@ do_socketpair

static int64_t do_socketpair(int domain, int type, int protocol, int *a, int *b)
{
        int fds[2];

        return keep_pair(socketpair(domain, type, protocol, fds), fds, a, b);
}

//@ do_bind

/* To an address that the kernel picks. */
static int64_t do_bind(int fd)
{
        struct sockaddr address;

        memset(&address, 0, sizeof(address));
        address.sa_family = AF_UNIX;
        return result(bind(fd, &address, sizeof(address.sa_family)));
}

//@ do_connect

static int64_t do_connect(int fd, int target)
{
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);

        memset(&address, 0, sizeof(address));
        if (getsockname(target, (struct sockaddr *)&address, &size) != 0)
                return -errno;
        return result(connect(fd, (struct sockaddr *)&address, size));
}

//@ do_listen

static int64_t do_listen(int fd, int backlog)
{
        return result(listen(fd, backlog));
}

//@ do_accept4

static int64_t do_accept4(int fd, int flags, int *made)
{
        return keep(accept4(fd, NULL, NULL, flags), made);
}

//@ do_shutdown

static int64_t do_shutdown(int fd, int how)
{
        return result(shutdown(fd, how));
}

//@ do_send

static int64_t do_send(int fd, size_t count, int flags)
{
        return result(send(fd, numbers(count, 1), count, flags));
}

//@ do_recv

static int64_t do_recv(int fd, size_t count, int flags)
{
        static char buffer[1 << 18];

        return result(recv(fd, buffer, count, flags));
}

//@ do_setsockopt

static int64_t do_setsockopt(int fd, int level, int option, int number)
{
        return result(setsockopt(fd, level, option, &number, sizeof(number)));
}

//@ do_getsockopt

static int64_t do_getsockopt(int fd, int level, int option)
{
        int number = 0;
        socklen_t size = sizeof(number);
        int64_t r = result(getsockopt(fd, level, option, &number, &size));

        value = (uint32_t)number;
        return r;
}

//@ block_signals signal_numbers

static const int signal_numbers[3] = { SIGURG, SIGIO, 34 /* SIGRTMIN */ };

static void on_signal(int signal_number)
{
        (void)signal_number;
}

/* Those of signalfds wait; bit n of `set` stands for signal_numbers[n]. */
static sigset_t block_signals(int set)
{
        sigset_t all, some;
        struct sigaction action;
        int i;

        memset(&action, 0, sizeof(action));
        action.sa_handler = on_signal;
        sigemptyset(&all);
        sigemptyset(&some);
        for (i = 0; i < 3; i++) {
                sigaction(signal_numbers[i], &action, NULL);
                sigaddset(&all, signal_numbers[i]);
                if (set & (1 << i))
                        sigaddset(&some, signal_numbers[i]);
        }
        sigprocmask(SIG_BLOCK, &all, NULL);
        return some;
}

//@ do_signalfd4
#include <sys/syscall.h>

static int64_t do_signalfd4(int set, int flags, int *fd)
{
        sigset_t some = block_signals(set);

        return keep(syscall(SYS_signalfd4, -1, &some, (size_t)8, flags), fd);
}

//@ do_signalfd
#include <sys/syscall.h>

static int64_t do_signalfd(int fd, int set)
{
        sigset_t some = block_signals(set);

        if (fd < 0)
                return -EBADF;
        if (syscall(SYS_signalfd4, fd, &some, (size_t)8, 0) < 0)
                return -errno;
        return 0;
}

//@ do_raise
#include <sys/syscall.h>

/* To this thread. */
static int64_t do_raise(int number)
{
        block_signals(0);
        return result(syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid),
                              number));
}

//@ do_kill

/* To this process. */
static int64_t do_kill(int number)
{
        block_signals(0);
        return result(kill(getpid(), number));
}

//@ do_inotify_init1
#include <sys/inotify.h>

static int64_t do_inotify_init1(int flags, int *fd)
{
        static int made;
        int valid = (flags & ~(IN_CLOEXEC | IN_NONBLOCK)) == 0;

        if (valid && made)
                return -EMFILE;
        made += valid;
        return keep(inotify_init1(flags), fd);
}

//@ file_names

/* Of a folder, and of two files in it. */
static const char *const file_names[3] = { "", "a", "b" };

//@ do_inotify_add_watch
#include <sys/inotify.h>

static int64_t do_inotify_add_watch(int fd, int file, uint32_t mask)
{
        return result(inotify_add_watch(fd, folder(file_names[file]), mask));
}

//@ do_inotify_rm_watch
#include <sys/inotify.h>

static int64_t do_inotify_rm_watch(int fd, int wd)
{
        return result(inotify_rm_watch(fd, wd));
}

//@ do_change_file
#include <sys/stat.h>

/* Makes it (0), cuts it (1), changes its mode (2) or removes it (3). */
static int64_t do_change_file(int file, int change)
{
        const char *path = folder(file_names[file]);

        switch (change) {
        case 0:
                return result(mknod(path, S_IFREG | 0600, 0));
        case 1:
                return result(truncate(path, 0));
        case 2:
                return result(chmod(path, 0600));
        default:
                return result(unlink(path));
        }
}

//@ do_mq_open
#include <mqueue.h>
#include <sys/syscall.h>

/* A queue that has lost its name already. */
static int64_t do_mq_open(int flags, int capacity, int *fd)
{
        static int made;
        char name[32];
        struct mq_attr attributes;
        int64_t r;

        if (made == 4)
                return -ENOSPC;
        snprintf(name, sizeof(name), "pollux-%d", (int)getpid());
        memset(&attributes, 0, sizeof(attributes));
        attributes.mq_maxmsg = capacity;
        attributes.mq_msgsize = 8;
        r = keep(syscall(SYS_mq_open, name, flags | O_CREAT | O_EXCL, 0600,
                         &attributes), fd);
        if (r < 0)
                return r;
        made++;
        syscall(SYS_mq_unlink, name);
        return r;
}

//@ do_mq_send
#include <sys/syscall.h>
#include <time.h>

static int64_t do_mq_send(int fd, size_t length)
{
        static const char message[16] = { 0 };
        struct timespec past;

        memset(&past, 0, sizeof(past));
        return result(syscall(SYS_mq_timedsend, fd, message, length, 0, &past));
}

//@ do_mq_receive
#include <sys/syscall.h>
#include <time.h>

static int64_t do_mq_receive(int fd, size_t length)
{
        static char message[16];
        struct timespec past;

        memset(&past, 0, sizeof(past));
        return result(syscall(SYS_mq_timedreceive, fd, message, length, NULL,
                              &past));
}

//@ ring_layout map_ring is_ring
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Where the kernel puts the parts of a ring of 4 submissions. */
static struct io_uring_params ring_layout;

static char *map_ring(int fd, int64_t part)
{
        char *memory = (char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                    MAP_SHARED, fd, part);

        if (memory == MAP_FAILED)
                abort();
        return memory;
}

/* 0, or -errno. */
static int64_t is_ring(int fd)
{
        return result(syscall(SYS_io_uring_enter, fd, 0, 0, 0, NULL,
                              (size_t)0));
}

//@ ring_number

static uint32_t *ring_number(char *ring, uint32_t offset)
{
        return (uint32_t *)(void *)(ring + offset);
}

//@ do_io_uring_setup
#include <sys/syscall.h>

static int64_t do_io_uring_setup(int *fd)
{
        memset(&ring_layout, 0, sizeof(ring_layout));
        return keep(syscall(SYS_io_uring_setup, 4, &ring_layout), fd);
}

//@ do_io_uring_nop
#include <sys/syscall.h>

static int64_t do_io_uring_nop(int fd)
{
        int64_t r = is_ring(fd);
        char *ring, *entries;
        uint32_t tail, slot;

        if (r < 0)
                return r;
        ring = map_ring(fd, 0 /* IORING_OFF_SQ_RING */);
        entries = map_ring(fd, 0x10000000 /* IORING_OFF_SQES */);
        if (*ring_number(ring, ring_layout.cq_off.tail) -
            *ring_number(ring, ring_layout.cq_off.head) == 8) {
                r = -EBUSY;
        } else {
                tail = *ring_number(ring, ring_layout.sq_off.tail);
                slot = tail % 4;
                memset(entries + slot * sizeof(struct io_uring_sqe), 0,
                       sizeof(struct io_uring_sqe));
                ring_number(ring, ring_layout.sq_off.array)[slot] = slot;
                __atomic_store_n(ring_number(ring, ring_layout.sq_off.tail),
                                 tail + 1, __ATOMIC_RELEASE);
                r = result(syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL,
                                   (size_t)0));
        }
        munmap(ring, 4096);
        munmap(entries, 4096);
        return r;
}

//@ do_io_uring_reap

static int64_t do_io_uring_reap(int fd)
{
        int64_t r = is_ring(fd);
        char *ring;
        uint32_t *head;

        if (r < 0)
                return r;
        ring = map_ring(fd, 0 /* IORING_OFF_SQ_RING */);
        head = ring_number(ring, ring_layout.cq_off.head);
        r = *head != *ring_number(ring, ring_layout.cq_off.tail);
        if (r)
                __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
        munmap(ring, 4096);
        return r;
}

//@ do_perf_event_open
#include <linux/perf_event.h>
#include <sys/syscall.h>

/* A counter that counts nothing. */
static int64_t do_perf_event_open(int *fd)
{
        struct perf_event_attr attributes;

        memset(&attributes, 0, sizeof(attributes));
        attributes.size = sizeof(attributes);
        attributes.type = PERF_TYPE_SOFTWARE;
        attributes.config = PERF_COUNT_SW_DUMMY;
        attributes.exclude_kernel = 1;
        return keep(syscall(SYS_perf_event_open, &attributes, 0, -1, -1,
                            (unsigned long)PERF_FLAG_FD_CLOEXEC), fd);
}

//@ do_userfaultfd
#include <sys/syscall.h>

static int64_t do_userfaultfd(int flags, int *fd)
{
        return keep(syscall(SYS_userfaultfd, flags), fd);
}

//@ do_uffdio_api
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

static int64_t do_uffdio_api(int fd)
{
        struct uffdio_api api = { UFFD_API, 0, 0 };

        return result(ioctl(fd, UFFDIO_API, &api));
}

//@ do_freeze frozen
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/*
 * A second thread calls epoll_wait(2) with a buffer that runs into a page which
 * userfaultfd(2) holds back: the kernel stops in the middle of its scan.
 */
#define PAGE 4096
#define HELD_PAGES 4

static struct {
        int epfd, maxevents, uffd, done[2], stopped;
        char *pages;
        struct epoll_event *buffer;
        int64_t result;
        pthread_t thread;
} frozen = { -1, 0, -1, { -1, -1 }, 0, NULL, NULL, 0, 0 };

static void *frozen_wait(void *unused)
{
        char c = 0;

        frozen.result = epoll_wait(frozen.epfd, frozen.buffer,
                                   frozen.maxevents, 0);
        if (frozen.result < 0)
                frozen.result = -errno;
        if (write(frozen.done[1], &c, 1) != 1)
                abort();
        return unused;
}

__attribute__((noreturn)) static void frozen_skip(const char *what)
{
        printf("1..0 # SKIP %s: %s\n", what, strerror(errno));
        exit(4);
}

static void frozen_prepare(void)
{
        struct uffdio_api api = { UFFD_API, 0, 0 };
        struct uffdio_register hold;

        /* Low, so that even the largest array from there is user memory. */
        frozen.pages = (char *)mmap((void *)((uintptr_t)1 << 32),
                                    (1 + HELD_PAGES) * PAGE,
                                    PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        frozen.uffd = aside((int)syscall(SYS_userfaultfd,
                                         O_CLOEXEC | O_NONBLOCK));
        memset(&hold, 0, sizeof(hold));
        hold.range.start = (uintptr_t)frozen.pages + PAGE;
        hold.range.len = HELD_PAGES * PAGE;
        hold.mode = UFFDIO_REGISTER_MODE_MISSING;
        if (frozen.uffd < 0 || ioctl(frozen.uffd, UFFDIO_API, &api) != 0 ||
            ioctl(frozen.uffd, UFFDIO_REGISTER, &hold) != 0 ||
            pipe(frozen.done) != 0)
                frozen_skip("userfaultfd");
        frozen.done[0] = aside(frozen.done[0]);
        frozen.done[1] = aside(frozen.done[1]);
}

static int64_t do_freeze(int epfd, int maxevents, int at)
{
        struct pollfd fds[2];
        struct uffd_msg message;

        if (frozen.pages == NULL)
                frozen_prepare();
        frozen.epfd = epfd;
        frozen.maxevents = maxevents;
        frozen.buffer = (struct epoll_event *)(void *)
                (frozen.pages + PAGE -
                 (size_t)at * sizeof(struct epoll_event));
        if (pthread_create(&frozen.thread, NULL, frozen_wait, NULL) != 0)
                frozen_skip("pthread_create");
        memset(fds, 0, sizeof(fds));
        fds[0].fd = frozen.uffd;
        fds[1].fd = frozen.done[0];
        fds[0].events = fds[1].events = POLLIN;
        while (poll(fds, 2, -1) < 0 && errno == EINTR)
                ;
        frozen.stopped = (fds[0].revents & POLLIN) &&
                read(frozen.uffd, &message, sizeof(message)) ==
                (ssize_t)sizeof(message);
        return frozen.stopped;
}

//@ do_thaw

static int64_t do_thaw(struct epoll_event *buffer)
{
        struct uffdio_zeropage zero;
        char c;

        if (frozen.stopped) {
                memset(&zero, 0, sizeof(zero));
                zero.range.start = (uintptr_t)frozen.pages + PAGE;
                zero.range.len = HELD_PAGES * PAGE;
                ioctl(frozen.uffd, UFFDIO_ZEROPAGE, &zero);
        }
        pthread_join(frozen.thread, NULL);
        if (read(frozen.done[0], &c, 1) != 1)
                abort();
        if (frozen.result > 0)
                memcpy(buffer, frozen.buffer, (size_t)frozen.result *
                       sizeof(struct epoll_event));
        madvise(frozen.pages + PAGE, HELD_PAGES * PAGE, MADV_DONTNEED);
        return frozen.result;
}

//@ check checks

static int checks;

/* One line of TAP; the first difference ends the program. */
static void check(const char *what, int64_t got, int64_t expected)
{
        checks++;
        if (got == expected) {
                printf("ok %d - %s\n", checks, what);
                return;
        }
        printf("not ok %d - %s\n", checks, what);
        printf("# expected %lld (0x%llx)\n", (long long)expected,
               (unsigned long long)expected);
        printf("# got      %lld (0x%llx)%s%s\n", (long long)got,
               (unsigned long long)got, got < 0 && got > -4096 ? " " : "",
               got < 0 && got > -4096 ? strerror((int)-got) : "");
        printf("1..%d\n", checks);
        exit(1);
}
