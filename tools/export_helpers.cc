// C functions, one a call.
//
// Each returns what the call returns, or -errno, and stores what it makes.
// They are C99 and C++ alike.

#include "tools/export_helpers.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace pollux {
namespace {

constexpr std::string_view kIncludes = R"(#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
)";

constexpr std::string_view kFreezeIncludes = R"(#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
)";

constexpr std::string_view kResult = R"(
/* A result, or -errno. */
static int64_t result(int64_t r)
{
        return r < 0 ? -errno : r;
}
)";

constexpr std::string_view kKeep = R"(
/* Stores a new descriptor; 0, or -errno. */
static int64_t keep(int r, int *fd)
{
        *fd = r;
        return r < 0 ? -errno : 0;
}
)";

constexpr std::string_view kKeepPair = R"(
/* Stores two new descriptors; 0, or -errno. */
static int64_t keep_pair(int r, const int fds[2], int *a, int *b)
{
        if (r < 0)
                return -errno;
        *a = fds[0];
        *b = fds[1];
        return 0;
}
)";

constexpr std::string_view kEvent = R"(
static struct epoll_event *event(uint32_t mask, uint64_t data)
{
        static struct epoll_event made;

        made.events = mask;
        made.data.u64 = data;
        return &made;
}
)";

constexpr std::string_view kBlockedMacro = R"(
/* A wait that would have slept for ever. */
#define BLOCKED INT64_MIN
)";

constexpr std::string_view kBadPointers = R"(
/* Where nothing is mapped, and where user space never is. */
#define UNMAPPED ((struct epoll_event *)(void *)(uintptr_t)64)
#define KERNEL_MEMORY ((struct epoll_event *)(void *)~(uintptr_t)4095)
)";

constexpr std::string_view kCheck = R"(
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
)";

constexpr std::string_view kPollMask = R"(
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
)";

constexpr std::string_view kInterests = R"(
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
)";

constexpr std::string_view kFrozenScan = R"(
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
        frozen.uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
        memset(&hold, 0, sizeof(hold));
        hold.range.start = (uintptr_t)frozen.pages + PAGE;
        hold.range.len = HELD_PAGES * PAGE;
        hold.mode = UFFDIO_REGISTER_MODE_MISSING;
        if (frozen.uffd < 0 || ioctl(frozen.uffd, UFFDIO_API, &api) != 0 ||
            ioctl(frozen.uffd, UFFDIO_REGISTER, &hold) != 0 ||
            pipe(frozen.done) != 0)
                frozen_skip("userfaultfd");
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
)";

constexpr std::string_view kThaw = R"(
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
)";

constexpr std::string_view kEpollWait = R"(
static void on_alarm(int signal_number)
{
        (void)signal_number;
}

/* A wait without end is interrupted after a tenth of a second. */
static int64_t do_epoll_wait(int epfd, struct epoll_event *buffer,
                             int maxevents, int timeout)
{
        struct itimerval when;
        struct sigaction action;
        int64_t r;

        memset(&when, 0, sizeof(when));
        memset(&action, 0, sizeof(action));
        action.sa_handler = on_alarm;
        sigaction(SIGALRM, &action, NULL);
        when.it_value.tv_usec = timeout < 0 ? 100000 : 0;
        setitimer(ITIMER_REAL, &when, NULL);
        r = result(epoll_wait(epfd, buffer, maxevents, timeout));
        return timeout < 0 && r == -EINTR ? INT64_MIN : r;
}
)";

const std::map<Op, std::string_view>& Helpers() {
  static const auto& helpers =
      *new std::map<Op, std::string_view>{{Op::kEpollCreate, R"(
static int64_t do_epoll_create(int size, int *fd)
{
        return keep(epoll_create(size), fd);
}
)"},
                                          {Op::kEpollCreate1, R"(
static int64_t do_epoll_create1(int flags, int *fd)
{
        return keep(epoll_create1(flags), fd);
}
)"},
                                          {Op::kEpollCtl, R"(
static int64_t do_epoll_ctl(int epfd, int op, int fd, struct epoll_event *e)
{
        return result(epoll_ctl(epfd, op, fd, e));
}
)"},
                                          {Op::kEpollWait, kEpollWait},
                                          {Op::kPoll, R"(
static short revents;

static int64_t do_poll(int fd, int mask)
{
        struct pollfd p = { fd, (short)mask, 0 };
        int64_t r = result(poll(&p, 1, 0));

        revents = p.revents;
        return r;
}
)"},
                                          {Op::kClose, R"(
static int64_t do_close(int fd)
{
        return result(close(fd));
}
)"},
                                          {Op::kDup, R"(
static int64_t do_dup(int oldfd, int *fd)
{
        return keep(dup(oldfd), fd);
}
)"},
                                          {Op::kDup2, R"(
static int64_t do_dup2(int oldfd, int newfd)
{
        return dup2(oldfd, newfd) < 0 ? -errno : 0;
}
)"},
                                          {Op::kDup3, R"(
static int64_t do_dup3(int oldfd, int newfd, int flags)
{
        return dup3(oldfd, newfd, flags) < 0 ? -errno : 0;
}
)"},
                                          {Op::kLseek, R"(
static int64_t do_lseek(int fd, int offset, int whence)
{
        return result(lseek(fd, offset, whence));
}
)"},
                                          {Op::kOpenPath, R"(
static int64_t do_open_path(int of, int *fd)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", of);
        return keep(open(path, O_PATH | O_CLOEXEC), fd);
}
)"},
                                          {Op::kRead, R"(
static uint64_t value;        /* the first eight bytes of the last read */

static int64_t do_read(int fd, size_t count)
{
        static uint64_t buffer[(1 << 18) / 8];
        int64_t r = result(read(fd, buffer, count));

        value = buffer[0];
        return r;
}
)"},
                                          {Op::kWrite, R"(
/* Writes a number in eight bytes, over and over. */
static int64_t do_write(int fd, size_t count, uint64_t number)
{
        static uint64_t buffer[(1 << 18) / 8 + 1];
        size_t i;

        for (i = 0; i < count / 8 + 1; i++)
                buffer[i] = number;
        return result(write(fd, buffer, count));
}
)"},
                                          {Op::kPipe2, R"(
static int64_t do_pipe2(int flags, int *r, int *w)
{
        int fds[2];

        return keep_pair(pipe2(fds, flags), fds, r, w);
}
)"},
                                          {Op::kEventfd2, R"(
static int64_t do_eventfd2(unsigned int initval, int flags, int *fd)
{
        return keep(eventfd(initval, flags), fd);
}
)"},
                                          {Op::kSocketpair, R"(
static int64_t do_socketpair(int domain, int type, int protocol, int *a, int *b)
{
        int fds[2];

        return keep_pair(socketpair(domain, type, protocol, fds), fds, a, b);
}
)"},
                                          {Op::kShutdown, R"(
static int64_t do_shutdown(int fd, int how)
{
        return result(shutdown(fd, how));
}
)"},
                                          {Op::kFreeze, kFrozenScan},
                                          {Op::kThaw, kThaw}};
  return helpers;
}

}  // namespace

std::string_view HelperOf(Op op) {
  const auto found = Helpers().find(op);
  return found == Helpers().end() ? std::string_view() : found->second;
}

std::string Prologue(const Program& program, CodeStyle style,
                     const std::string& body) {
  std::set<Op> ops;
  for (const Call& call : program.calls) ops.insert(call.op);
  // What the calls need.
  std::string calls;
  for (const auto& [op, helper] : Helpers()) {
    if (ops.count(op) > 0) absl::StrAppend(&calls, helper);
  }
  const std::string code = absl::StrCat(calls, body);
  std::string text(kIncludes);
  if (ops.count(Op::kFreeze) > 0) absl::StrAppend(&text, kFreezeIncludes);
  if (style == CodeStyle::kGtest) {
    absl::StrAppend(&text, "\n#include \"gtest/gtest.h\"\n");
  } else if (style == CodeStyle::kKselftest) {
    absl::StrAppend(&text, "\n#include \"kselftest_harness.h\"\n");
  }
  if (absl::StrContains(body, "BLOCKED")) absl::StrAppend(&text, kBlockedMacro);
  if (absl::StrContains(body, "UNMAPPED") ||
      absl::StrContains(body, "KERNEL_MEMORY")) {
    absl::StrAppend(&text, kBadPointers);
  }
  if (absl::StrContains(body, "events[") ||
      absl::StrContains(body, ", events,") ||
      absl::StrContains(body, "(events)")) {
    absl::StrAppend(&text, "\n/* What the last wait delivered. */\n",
                    "static struct epoll_event events[",
                    std::max<size_t>(8, program.calls.size()), "];\n");
  }
  const std::pair<std::string_view, std::string_view> kParts[] = {
      {"result(", kResult},      {"keep(", kKeep},
      {"keep_pair(", kKeepPair}, {"event(", kEvent},
      {"poll_mask(", kPollMask}, {"interests(", kInterests}};
  for (const auto& [use, part] : kParts) {
    if (absl::StrContains(code, absl::StrCat(" ", use)) ||
        absl::StrContains(code, absl::StrCat("(", use)) ||
        absl::StrContains(code, absl::StrCat("\t", use))) {
      absl::StrAppend(&text, part);
    }
  }
  absl::StrAppend(&text, calls);
  if (style == CodeStyle::kTap) absl::StrAppend(&text, kCheck);
  return absl::StrCat(text, "\n");
}

std::set<std::string> ReservedWords() {
  return absl::StrSplit(
      "auto break case char const continue default do double else enum extern "
      "float for goto if inline int long register restrict return short signed "
      "sizeof static struct switch typedef union unsigned void volatile while "
      "class delete new private public this throw try using virtual template "
      "bool true false and or not xor asm main NULL errno stdin stdout stderr "
      "read write close dup dup2 poll pipe pipe2 eventfd socketpair shutdown "
      "signal exit abort printf result keep keep_pair event events value check "
      "checks revents frozen interests poll_mask epoll_wait epoll_ctl "
      "epoll_create epoll_create1 index time log exp y0 y1 yn j0 j1 jn gamma "
      "select send recv listen accept connect bind socket open select_ pause",
      ' ');
}

}  // namespace pollux
