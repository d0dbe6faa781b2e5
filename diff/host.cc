// The host's kernel: raw system calls, descriptor base, probes.

#include "diff/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "core/eventpoll.h"
#include "core/timerfd.h"
#include "diff/program.h"
#include "diff/watchdog.h"

namespace pollux {
namespace {

// Room for one line for each item that a program can add.
constexpr size_t kFdinfoBytes = Program::kMaxCalls * 128;

int OpenNull() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// The highest descriptor that this process has open.
int HighestOpenFd() {
  int highest = 2;
  DIR* dir = opendir("/proc/self/fd");
  if (dir == nullptr) return highest;
  while (dirent* entry = readdir(dir)) {
    int fd = atoi(entry->d_name);
    if (fd != dirfd(dir)) highest = std::max(highest, fd);
  }
  closedir(dir);
  return highest;
}

// The number behind `key` in a line of fdinfo, or 0.
uint64_t Field(const char* line, const char* key, int base) {
  const char* at = strstr(line, key);
  return at == nullptr ? 0 : strtoull(at + strlen(key), nullptr, base);
}

// The number in a file of /proc/sys, or `otherwise`. Of several, the last.
uint64_t Sysctl(std::string_view name, uint64_t otherwise) {
  std::vector<char> text(64);
  const std::string path = "/proc/sys/" + std::string(name);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return otherwise;
  const ssize_t size = read(fd, text.data(), text.size() - 1);
  close(fd);
  if (size < 0) return otherwise;
  char* at = text.data();
  uint64_t number = otherwise;
  for (char* end = at;; at = end) {
    const uint64_t next = strtoull(at, &end, 10);
    if (end == at) return number;
    number = next;
  }
}

}  // namespace

// --- Life

Host::Host(Door door)
    : uring_(door == Door::kUring ? std::make_unique<Uring>() : nullptr),
      network_(Network::OfThread()),
      write_buffer_(kMaxIo / 8),
      read_buffer_(kMaxIo / 8),
      fdinfo_(kFdinfoBytes) {
  signal(SIGPIPE, SIG_IGN);
  BlockSignals();
  Watchdog::Start();
  MakeFifos();
  mqueues_ = FindMqueues();
  io_uring_ = FindIoUring();
  perf_event_ = OpenCounter();
  memfd_secret_ = FindMemfdSecret();
  FindBase();
}

Host::~Host() {
  for (int fd : fifos_) close(fd);
  for (int fd : fillers_) close(fd);
  if (perf_event_ >= 0) close(perf_event_);
}

void Host::FindBase() {
  const int highest = HighestOpenFd();
  int fd = OpenNull();
  for (; fd >= 0 && fd < highest; fd = OpenNull()) fillers_.push_back(fd);
  base_ = fd;
  close(fd);
}

void Host::Begin() {
  signalfd_made_ = false;
  fifos_used_ = 0;
  periodic_timers_ = false;
  inotifies_made_ = 0;
  mqueues_made_ = 0;
  uses_network_ = false;
  settled_ = true;
  inet_budget_ = InetBudget();
  tcp_fds_.clear();
  Watchdog::Beat();
  // Something else in this process may have opened or closed a file: then the
  // lowest free number is another.
  const int lowest = fcntl(base_ - 1, F_DUPFD_CLOEXEC, 0);
  if (lowest >= 0) close(lowest);
  if (lowest != base_) FindBase();
}

void Host::End() {
  std::vector<Event> ignored;
  if (frozen_scan_.running()) frozen_scan_.Finish(&ignored);
  processes_.Clear();
  // Connections that are reset leave nothing behind that would wait a minute.
  for (int fd : tcp_fds_) {
    const linger reset = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }
  if (syscall(SYS_close_range, base_, ~0u, 0) != 0) {
    for (int fd = base_; fd < base_ + Program::kMaxSlots; ++fd) close(fd);
  }
  ForgetSignals();
  RemoveFiles();
  Watchdog::Beat();
}

// --- Witnesses

int Host::Poll(std::span<PollQuery> queries) {
  pollfd fds[Program::kMaxSlots];
  const size_t count = std::min<size_t>(queries.size(), Program::kMaxSlots);
  for (size_t i = 0; i < count; ++i) {
    fds[i] = {Real(queries[i].fd), static_cast<int16_t>(queries[i].events), 0};
  }
  int64_t result;
  do {
    result = Result(poll(fds, count, 0));
    // Unlike epoll_wait, poll is interrupted even where it would not sleep.
  } while (result == -EINTR && !Watchdog::Hung());
  for (size_t i = 0; i < count; ++i) {
    queries[i].revents = static_cast<uint16_t>(fds[i].revents);
  }
  return static_cast<int>(result);
}

int Host::Fdinfo(int epfd, std::vector<InterestLine>* lines) {
  lines->clear();
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", Real(epfd));
  if (!ReadInto(path, &fdinfo_)) return -EBADF;
  for (const char* at = fdinfo_.data(); (at = strstr(at, "tfd:")) != nullptr;
       ++at) {
    InterestLine line;
    line.tfd = static_cast<int>(Field(at, "tfd:", 10)) - base_;
    line.events = static_cast<uint32_t>(Field(at, "events:", 16));
    line.data = Field(at, "data:", 16);
    lines->push_back(line);
  }
  std::sort(lines->begin(), lines->end());
  return 0;
}

bool Host::ReadInto(const char* path, std::vector<char>* text) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  size_t size = 0;
  for (ssize_t n;
       (n = read(fd, text->data() + size, text->size() - 1 - size)) > 0;) {
    size += n;
  }
  (*text)[size] = 0;
  close(fd);
  return true;
}

// --- Probes

Machine HostMachine() {
  Machine machine;
  const Network& network = Network::OfThread();
  machine.has_inet = network.has_inet();
  machine.has_inet6 = network.has_inet() && network.has_inet6();
  machine.tcp_rmem_max =
      static_cast<uint32_t>(Sysctl("net/ipv4/tcp_rmem", machine.tcp_rmem_max));
  machine.page_size = static_cast<uint32_t>(sysconf(_SC_PAGESIZE));
  int fds[2];
  if (pipe(fds) == 0) {
    machine.pipe_buffers = fcntl(fds[0], F_GETPIPE_SZ) / machine.page_size;
    close(fds[0]);
    close(fds[1]);
  }
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0) {
    int sndbuf = 0;
    socklen_t size = sizeof(sndbuf);
    getsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, &size);
    machine.unix_sndbuf = sndbuf;
    close(fds[0]);
    close(fds[1]);
  }
  machine.max_user_watches =
      Sysctl("fs/epoll/max_user_watches", machine.max_user_watches);
  machine.wmem_max =
      static_cast<uint32_t>(Sysctl("net/core/wmem_max", machine.wmem_max));
  machine.unix_max_dgram_qlen = static_cast<uint32_t>(
      Sysctl("net/unix/max_dgram_qlen", machine.unix_max_dgram_qlen));

  Host host;
  machine.fifos = host.fifos();
  machine.private_folder = host.has_folder();
  machine.inotifies = host.inotifies();
  machine.mqueues = host.mqueues();
  machine.io_uring = host.has_io_uring();
  machine.perf_event = host.has_perf_event();
  machine.memfd_secret = host.has_memfd_secret();
  machine.userfaultfd = host.can_freeze();
  Outcome outcome;
  host.Begin();
  const int64_t epfd = host.Execute(Op::kEpollCreate1, {0}, &outcome);
  const int64_t target = host.Execute(Op::kEventfd2, {0, 0}, &outcome);
  host.Execute(Op::kEpollCtl,
               {epfd, EPOLL_CTL_ADD, target, kGoodPointer, EPOLLWAKEUP, 0},
               &outcome);
  std::vector<InterestLine> lines;
  host.Fdinfo(static_cast<int>(epfd), &lines);
  machine.keeps_epollwakeup = !lines.empty() && (lines[0].events & EPOLLWAKEUP);
  const int64_t timer =
      host.Execute(Op::kTimerfdCreate, {CLOCK_MONOTONIC, 0}, &outcome);
  machine.timerfd_set_ticks =
      host.Execute(Op::kIoctl, {timer, kSetTicks, 1}, &outcome) == 0;
  // Too much of a budget for who must not have it.
  const int64_t set = host.Execute(
      Op::kIoctl, {epfd, kEpiocsparams, int64_t{0xffff} << 32}, &outcome);
  machine.busy_poll = set != -EOPNOTSUPP;
  machine.net_admin = set != -EPERM;
  host.End();
  return machine;
}

LinuxVersion HostVersion() {
  utsname name;
  uname(&name);
  int major = 0;
  int minor = 0;
  sscanf(name.release, "%d.%d", &major, &minor);
  return Linux(major, minor);
}

// Raises the limit of descriptors so far that no program meets it. False if
// that is not permitted.
bool MakeRoomForFds() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  const rlim_t needed = HighestOpenFd() + 2 * Program::kMaxSlots;
  if (limit.rlim_cur >= needed) return true;
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  return limit.rlim_cur == needed && setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

std::string HostUnsupported() {
  utsname name;
  if (uname(&name) != 0 || strcmp(name.sysname, "Linux") != 0) {
    return "the host subject needs Linux";
  }
#ifndef __x86_64__
  return std::string("the reference models x86-64 kernels; this is ") +
         name.machine;
#else
  if (!MakeRoomForFds()) {
    return "the limit of open files (ulimit -n) leaves no room for programs";
  }
  if (access("/proc/self/fdinfo", X_OK) != 0) {
    return "/proc is not mounted: interest lists cannot be compared";
  }
  return "";
#endif
}

}  // namespace pollux
