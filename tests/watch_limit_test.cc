// fs.epoll.max_user_watches, really reached: ENOSPC, and what comes before and
// after it.
//
// The limit counts the items of one user, so a user that nobody else is fills
// it: a child process under a user number of its own has so many items in
// epolls that programs lie within a few items of the limit, and runs them in
// lock-step with a reference that has that little room. The limit itself is
// lowered meanwhile, to what no other user is near to: it is written back at
// the end, by a guardian process even if this one dies.

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "diff/expectation.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "diff/report.h"
#include "diff/text_format.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

constexpr char kSysctl[] = "/proc/sys/fs/epoll/max_user_watches";

// A limit that users other than ours are far from.
constexpr uint64_t kLimit = 60000;

// What the ballast leaves to programs.
constexpr uint64_t kRoom = 4;

constexpr uid_t kUser = 2'123'456'789;
constexpr int kTargets = 500;

uint64_t ReadLimit() {
  FILE* file = fopen(kSysctl, "re");
  unsigned long long limit = 0;
  if (file == nullptr) return 0;
  if (fscanf(file, "%llu", &limit) != 1) limit = 0;
  fclose(file);
  return limit;
}

bool WriteLimit(uint64_t limit) {
  FILE* file = fopen(kSysctl, "we");
  if (file == nullptr) return false;
  const bool printed =
      fprintf(file, "%llu\n", static_cast<unsigned long long>(limit)) > 0;
  return fclose(file) == 0 && printed;
}

// Lowers the limit for its lifetime, or for that of this process.
class LowLimit {
 public:
  LowLimit() : old_(ReadLimit()) {
    int fds[2];
    if (old_ < kLimit || pipe2(fds, O_CLOEXEC) != 0) return;
    guardian_ = fork();
    if (guardian_ == 0) {
      close(fds[1]);
      char byte;
      while (read(fds[0], &byte, 1) < 0 && errno == EINTR) {
      }
      if (ReadLimit() == kLimit) WriteLimit(old_);
      _exit(0);
    }
    close(fds[0]);
    life_ = fds[1];
    lowered_ = guardian_ > 0 && WriteLimit(kLimit);
  }
  ~LowLimit() {
    if (life_ >= 0) close(life_);
    if (guardian_ > 0) waitpid(guardian_, nullptr, 0);
    EXPECT_EQ(ReadLimit(), old_);
  }

  bool lowered() const { return lowered_; }
  // The end whose closing ends the lowering; not for children.
  int life() const { return life_; }

 private:
  const uint64_t old_;
  pid_t guardian_ = -1;
  int life_ = -1;
  bool lowered_ = false;
};

// Items that take up all of the limit but kRoom. False on failure.
bool TakeBallast() {
  std::vector<int> targets;
  for (int i = 0; i < kTargets; ++i) {
    targets.push_back(eventfd(0, EFD_CLOEXEC));
  }
  uint64_t left = kLimit - kRoom;
  while (left > 0) {
    const int ep = epoll_create1(EPOLL_CLOEXEC);
    for (int target : targets) {
      if (left == 0) break;
      epoll_event event = {};
      if (epoll_ctl(ep, EPOLL_CTL_ADD, target, &event) != 0) return false;
      --left;
    }
  }
  return true;
}

// Becomes a user of its own, for files and for the limit, with all the rights
// that this process has.
bool BecomeStranger() {
  prctl(PR_SET_KEEPCAPS, 1);
  if (syscall(SYS_setgroups, 0, nullptr) != 0 || setgid(kUser) != 0 ||
      setuid(kUser) != 0) {
    return false;
  }
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct rights[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, rights) != 0) return false;
  for (auto& word : rights) word.effective = word.permitted;
  if (syscall(SYS_capset, &header, rights) != 0) return false;
  // Else /proc/self would belong to root.
  return prctl(PR_SET_DUMPABLE, 1) == 0;
}

struct Case {
  const char* name;
  const char* program;
};

// Each begins with room for four items.
constexpr Case kCases[] = {
    {"the fifth ADD fails; DEL and close give back", R"(
ep = epoll_create1(0)
p = pipe2(O_NONBLOCK)
q = pipe2(O_NONBLOCK)
e = eventfd2(1, EFD_NONBLOCK)
epoll_ctl(ep, EPOLL_CTL_ADD, p.r, {events=EPOLLIN, data=1}) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, p.w, {events=EPOLLIN, data=2}) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, q.r, {events=EPOLLIN, data=3}) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, q.w, {events=EPOLLIN, data=4}) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, e, {events=EPOLLIN, data=5}) = -1 ENOSPC
epoll_wait(ep, [], 8, 0) = 0
epoll_ctl(ep, EPOLL_CTL_MOD, p.w, {events=EPOLLOUT, data=6}) = 0
epoll_ctl(ep, EPOLL_CTL_DEL, q.r, NULL) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, e, {events=EPOLLIN, data=5}) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, q.r, {events=EPOLLIN, data=3}) = -1 ENOSPC
close(p.w) = 0
epoll_ctl(ep, EPOLL_CTL_ADD, q.r, {events=EPOLLIN, data=3}) = 0
close(ep) = 0
ep2 = epoll_create1(0)
epoll_ctl(ep2, EPOLL_CTL_ADD, p.r, {events=EPOLLIN, data=1}) = 0
)"},
    {"EEXIST and ELOOP come before ENOSPC, and it before too many paths", R"(
a = epoll_create1(0)
b = epoll_create1(0)
c = epoll_create1(0)
e = eventfd2(1, EFD_NONBLOCK)
d = dup(e)
epoll_ctl(b, EPOLL_CTL_ADD, a, {events=EPOLLIN, data=1}) = 0
epoll_ctl(a, EPOLL_CTL_ADD, e, {events=EPOLLIN, data=2}) = 0
epoll_ctl(a, EPOLL_CTL_ADD, d, {events=EPOLLIN, data=3}) = 0
epoll_ctl(c, EPOLL_CTL_ADD, e, {events=EPOLLIN, data=4}) = 0
epoll_ctl(a, EPOLL_CTL_ADD, e, {events=EPOLLIN, data=5}) = -1 EEXIST
epoll_ctl(a, EPOLL_CTL_ADD, b, {events=EPOLLIN, data=6}) = -1 ELOOP
epoll_ctl(c, EPOLL_CTL_ADD, d, {events=EPOLLIN, data=7}) = -1 ENOSPC
epoll_ctl(c, EPOLL_CTL_DEL, d, NULL) = -1 ENOENT
epoll_ctl(c, EPOLL_CTL_ADD, d, {events=0x10000002, data=7}) = -1 EINVAL
)"},
};

// What the child does; its exit code.
int RunAtTheLimit() {
  if (!TakeBallast()) {
    printf("the ballast met the limit too early: %s\n", strerror(errno));
    return 1;
  }
  Host host;
  Machine machine = HostMachine();
  machine.max_user_watches = kRoom;
  Oracle oracle(HostProfile(), machine);
  Lockstep lockstep(&host, &oracle, {.can_freeze = host.can_freeze()});
  for (const Case& c : kCases) {
    const Trace trace = ParseText(c.program).value();
    Recording recording;
    if (lockstep.Run(trace.program, &recording) != Verdict::kSame) {
      printf("%s\n", PrintDivergence(trace.program, lockstep.divergence(),
                                     recording, "host")
                         .c_str());
      return 1;
    }
    if (auto call = FirstDisagreement(trace, recording.outcomes)) {
      printf("%s: not as stated in line %d\n", c.name, trace.lines[*call]);
      return 1;
    }
  }
  std::mt19937_64 random(17);
  int full = 0;
  constexpr int kPrograms = 3000;
  for (int i = 0; i < kPrograms; ++i) {
    const Program program = RandomProgram(
        random, {.freeze = host.can_freeze(), .sleeps_percent = 0});
    Recording recording;
    if (lockstep.Run(program, &recording) == Verdict::kDivergence) {
      printf("%s\n",
             PrintDivergence(program, lockstep.divergence(), recording, "host")
                 .c_str());
      return 1;
    }
    full += std::any_of(
        recording.outcomes.begin(), recording.outcomes.end(),
        [](const Outcome& outcome) { return outcome.result == -ENOSPC; });
  }
  printf("%d random programs, %d of them met ENOSPC\n", kPrograms, full);
  return full > kPrograms / 50 ? 0 : 1;
}

TEST(WatchLimitTest, AtTheLimitTheTwinsAgree) {
  if (geteuid() != 0 || access(kSysctl, W_OK) != 0) {
    GTEST_SKIP() << "skipped: only root may lower fs.epoll.max_user_watches";
  }
  rlimit files = {4096, 4096};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  LowLimit limit;
  if (!limit.lowered()) {
    GTEST_SKIP() << "skipped: fs.epoll.max_user_watches is " << ReadLimit()
                 << ", which cannot be lowered to " << kLimit;
  }
  fflush(stdout);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(limit.life());
    const int code = BecomeStranger() ? RunAtTheLimit() : 2;
    fflush(stdout);
    _exit(code);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace pollux
