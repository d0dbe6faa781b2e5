// Programs on the host's kernel: numbers, leaks, time, frozen scans.

#include "diff/executor.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace {
std::atomic<long> allocations = 0;

void* Counted(size_t size) {
  ++allocations;
  void* memory = malloc(size);
  if (memory == nullptr) abort();
  return memory;
}
}  // namespace

// Every allocation of this program, abseil's and GoogleTest's included.
void* operator new(size_t size) { return Counted(size); }
void* operator new[](size_t size) { return Counted(size); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete[](void* memory, size_t) noexcept { free(memory); }

namespace pollux {
namespace {

int OpenDescriptors() {
  int count = 0;
  DIR* dir = opendir("/proc/self/fd");
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

std::vector<Outcome> RunOn(Host& host, std::string_view text) {
  Executor executor(&host);
  const Trace trace = MustParse(text);
  std::vector<Outcome> outcomes(trace.program.calls.size());
  executor.Begin();
  for (size_t i = 0; i < outcomes.size(); ++i) {
    executor.Execute(trace.program.calls[i], &outcomes[i]);
  }
  executor.End();
  return outcomes;
}

int FirstDescriptor(Host& host) {
  return RunOn(host, "p0 = pipe2(O_NONBLOCK)\n")[0].fds[0];
}

// --- Numbers

TEST(ExecutorTest, DescriptorsCountFromZero) {
  Host host;
  const auto outcomes = RunOn(host, R"(
p0 = pipe2(O_NONBLOCK)
e0 = eventfd2(0, EFD_NONBLOCK)
close(p0.r)
ep0 = epoll_create1(0)
)");
  EXPECT_EQ(outcomes[0].fds, (std::array<int32_t, 2>{0, 1}));
  EXPECT_EQ(outcomes[1].fds[0], 2);
  EXPECT_EQ(outcomes[3].fds[0], 0);
}

TEST(ExecutorTest, DescriptorsCountFromZeroInEveryProgram) {
  Host host;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(FirstDescriptor(host), 0);
}

TEST(ExecutorTest, AFileOpenedBetweenProgramsDoesNotShow) {
  Host host;
  EXPECT_EQ(FirstDescriptor(host), 0);
  const int stranger = open("/dev/null", O_RDONLY);
  EXPECT_EQ(FirstDescriptor(host), 0);
  EXPECT_GE(fcntl(stranger, F_GETFD), 0) << "End closed a file of ours";
  close(stranger);
  EXPECT_EQ(FirstDescriptor(host), 0);
}

// The last one leaves no trace directly below the base.
TEST(ExecutorTest, AFileClosedBetweenProgramsDoesNotShow) {
  const int low = open("/dev/null", O_RDONLY);
  const int high = open("/dev/null", O_RDONLY);
  Host host;
  EXPECT_EQ(FirstDescriptor(host), 0);
  close(low);
  EXPECT_EQ(FirstDescriptor(host), 0);
  close(high);
  EXPECT_EQ(FirstDescriptor(host), 0);
}

TEST(ExecutorTest, ProgramsDoNotReachOurFiles) {
  Host host;
  const int before = OpenDescriptors();
  RunOn(host, "close(-1)\nd = dup(-1)\nclose(d)\ndup2(-1, -1)\n");
  EXPECT_EQ(OpenDescriptors(), before);
}

// --- Outcomes

TEST(ExecutorTest, FailedMakersHaveNoDescriptor) {
  Host host;
  const auto outcomes = RunOn(host, "d = dup(-1)\nread(d, 1)\n");
  EXPECT_EQ(outcomes[0].result, -EBADF);
  EXPECT_EQ(outcomes[0].fds[0], -1);
  EXPECT_EQ(outcomes[1].result, -EBADF);
}

TEST(ExecutorTest, ValuesAreThoseOfEventfdsOnly) {
  Host host;
  const auto outcomes = RunOn(host, R"(
e0 = eventfd2(7, EFD_NONBLOCK)
p0 = pipe2(O_NONBLOCK)
d0 = dup(e0)
read(d0, 8)
write(p0.w, 8, value=9)
read(p0.r, 8)
dup2(p0.r, d0)
write(p0.w, 8)
read(d0, 8)
)");
  EXPECT_TRUE(outcomes[3].has_value);
  EXPECT_EQ(outcomes[3].value, 7u);
  EXPECT_EQ(outcomes[5].result, 8);
  EXPECT_FALSE(outcomes[5].has_value);
  EXPECT_EQ(outcomes[8].result, 8);
  EXPECT_FALSE(outcomes[8].has_value);
}

TEST(ExecutorTest, NullBuffersFault) {
  Host host;
  const auto outcomes = RunOn(host, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, NULL)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1})
epoll_wait(ep0, NULL, 1, 0)
epoll_wait(ep0, [...], 1, 0)
)");
  EXPECT_EQ(outcomes[2].result, -EFAULT);
  EXPECT_EQ(outcomes[4].result, -EFAULT);
  EXPECT_EQ(outcomes[5].events, (std::vector<Event>{{EPOLLIN, 1}}));
}

TEST(ExecutorTest, SigpipeDoesNotKill) {
  Host host;
  const auto outcomes = RunOn(host, R"(
p0 = pipe2(O_NONBLOCK)
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
close(p0.r)
close(sock0.a)
write(p0.w, 1)
write(sock0.b, 1)
)");
  EXPECT_EQ(outcomes[4].result, -EPIPE);
  EXPECT_EQ(outcomes[5].result, -EPIPE);
}

// --- Time

TEST(ExecutorTest, AWaitForEverEndsAsBlocked) {
  Host host;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) {
    const auto outcomes =
        RunOn(host, "ep0 = epoll_create1(0)\nepoll_wait(ep0, [...], 1, -1)\n");
    EXPECT_TRUE(outcomes[1].blocked);
    EXPECT_TRUE(outcomes[1].events.empty());
  }
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_LT(spent, std::chrono::seconds(5));
}

TEST(ExecutorTest, AWaitForEverReturnsWhatIsThere) {
  Host host;
  const auto outcomes = RunOn(host, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1})
epoll_wait(ep0, [...], 1, -1)
epoll_wait(ep0, [...], 0, -1)
)");
  EXPECT_FALSE(outcomes[3].blocked);
  EXPECT_EQ(outcomes[3].result, 1);
  EXPECT_EQ(outcomes[4].result, -EINVAL);
}

TEST(ExecutorTest, ATimeoutIsKept) {
  Host host;
  const auto start = std::chrono::steady_clock::now();
  const auto outcomes =
      RunOn(host, "ep0 = epoll_create1(0)\nepoll_wait(ep0, [...], 1, 50)\n");
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(outcomes[1].result, 0);
  EXPECT_FALSE(outcomes[1].blocked);
  EXPECT_GE(spent, std::chrono::milliseconds(50));
}

// --- Frozen scans

class FreezeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!host_.can_freeze()) GTEST_SKIP() << "userfaultfd is not permitted";
  }

  Host host_;
};

constexpr char kFreeze[] = R"(
e0 = eventfd2(1, EFD_NONBLOCK)
e1 = eventfd2(0, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1})
epoll_ctl(ep0, EPOLL_CTL_ADD, e1, {events=EPOLLIN, data=2})
freeze(ep0, 8, 0)
write(e1, 8)
thaw([...])
epoll_wait(ep0, [...], 8, 0)
)";

TEST_F(FreezeTest, StopsInTheCopyAndGoesOn) {
  const auto outcomes = RunOn(host_, kFreeze);
  EXPECT_EQ(outcomes[5].result, 1);
  EXPECT_EQ(outcomes[7].events, (std::vector<Event>{{EPOLLIN, 1}}));
  EXPECT_EQ(outcomes[8].events,
            (std::vector<Event>{{EPOLLIN, 2}, {EPOLLIN, 1}}));
}

TEST_F(FreezeTest, StopsAtALaterEvent) {
  const auto outcomes = RunOn(host_, R"(
e0 = eventfd2(1, EFD_NONBLOCK)
d0 = dup(e0)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=1})
epoll_ctl(ep0, EPOLL_CTL_ADD, d0, {events=EPOLLIN, data=2})
freeze(ep0, 8, 1)
thaw([...])
freeze(ep0, 8, 2)
thaw([...])
freeze(-1, 8, 0)
thaw([...])
freeze(ep0, 0, 0)
thaw([...])
)");
  EXPECT_EQ(outcomes[5].result, 1);
  EXPECT_EQ(outcomes[6].events.size(), 2u);
  EXPECT_EQ(outcomes[7].result, 0);
  EXPECT_EQ(outcomes[8].events.size(), 2u);
  EXPECT_EQ(outcomes[10].result, -EBADF);
  EXPECT_EQ(outcomes[12].result, -EINVAL);
}

TEST_F(FreezeTest, CanBeRepeated) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(RunOn(host_, kFreeze)[8].result, 2) << i;
  }
}

TEST_F(FreezeTest, EndThawsWhatIsLeftFrozen) {
  Executor executor(&host_);
  const Trace trace = MustParse(kFreeze);
  Outcome outcome;
  executor.Begin();
  for (int i = 0; i < 6; ++i)
    executor.Execute(trace.program.calls[i], &outcome);
  EXPECT_EQ(outcome.result, 1);
  executor.End();
  EXPECT_EQ(RunOn(host_, kFreeze)[8].result, 2);
}

// --- Leaks

TEST(ExecutorTest, NothingIsLeftOfPrograms) {
  Host host;
  Executor executor(&host);
  std::mt19937_64 random(1);
  const int before = OpenDescriptors();
  for (int i = 0; i < 1000; ++i) {
    const Program program =
        RandomProgram(random, {.freeze = host.can_freeze()});
    Outcome outcome;
    executor.Begin();
    for (const Call& call : program.calls) executor.Execute(call, &outcome);
    executor.End();
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(ExecutorTest, NoProcessIsLeftOfPrograms) {
  Host host;
  RunOn(host, R"(
proc0 = pidfd_fork(0)
proc1 = pidfd_fork(0)
proc2 = pidfd_fork(0)
pidfd_send_signal(proc1, 9) = 0
pidfd_send_signal(proc2, 9) = 0
waitid(proc2, 5) = 1
close(proc0)
)");
  siginfo_t info;
  EXPECT_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ExecutorTest, NothingIsLeftOfHosts) {
  {
    Host host;
  }
  const int before = OpenDescriptors();
  for (int i = 0; i < 100; ++i) {
    Host host;
    RunOn(host, "p0 = pipe2(O_NONBLOCK)\n");
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

// The loop runs on memory that earlier programs have left.
void ExpectNoAllocations(bool witnesses) {
  Host host;
  Oracle oracle(HostProfile(), HostMachine());
  Lockstep lockstep(&host, &oracle,
                    {.witnesses = witnesses, .can_freeze = host.can_freeze()});
  std::mt19937_64 random(2);
  std::vector<Program> programs;
  for (int i = 0; i < 300; ++i) programs.push_back(RandomProgram(random, {}));
  const auto run_all = [&] {
    for (const Program& program : programs) lockstep.Run(program);
  };
  run_all();
  run_all();
  const long before = allocations;
  run_all();
  const long per_thousand = (allocations - before) * 1000 / 300;
  printf("allocations per 1000 programs, %s witnesses: %ld\n",
         witnesses ? "with" : "without", per_thousand);
  EXPECT_EQ(per_thousand, 0);
}

TEST(AllocationTest, LockstepAllocatesNothingAfterWarmUp) {
  ExpectNoAllocations(false);
}

TEST(AllocationTest, WitnessesAllocateNothingAfterWarmUp) {
  ExpectNoAllocations(true);
}

}  // namespace
}  // namespace pollux
