// Workers: a mailbox of one call, and a look through /proc.

#include "diff/worker.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace pollux {
namespace {

thread_local Worker* current = nullptr;
thread_local int current_number = 0;

// Its handler does nothing: a wait that it interrupts ends.
int InterruptSignal() { return SIGRTMIN + 4; }

void InstallInterrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  sigaction(InterruptSignal(), &action, nullptr);
}

void FutexWait(std::atomic<uint32_t>* word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void FutexWake(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

// Is that a call in which a program may sleep?
bool IsWait(int number) {
  switch (number) {
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
      return true;
    default:
      return false;
  }
}

std::string ReadFile(const std::string& path) {
  char text[256] = {};
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  const ssize_t size = read(fd, text, sizeof(text) - 1);
  close(fd);
  return std::string(text, size < 0 ? 0 : size);
}

}  // namespace

Worker* Worker::Current() { return current; }
int Worker::CurrentNumber() { return current_number; }

Worker::Worker(int number, Function execute)
    : number_(number), execute_(std::move(execute)) {
  [[maybe_unused]] static bool installed = (InstallInterrupt(), true);
  thread_ = std::thread([this] { Serve(); });
  while (tid_ == 0) sched_yield();
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid_.load());
  syscall_fd_ = open(path, O_RDONLY | O_CLOEXEC);
}

Worker::~Worker() {
  stop_ = true;
  ++posted_;
  FutexWake(&posted_);
  thread_.join();
  if (syscall_fd_ >= 0) close(syscall_fd_);
}

uint64_t Worker::BlockedAlways() {
  uint64_t blocked = ~uint64_t{0};
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGUSR1,
                     SIGUSR2, SIGWINCH, InterruptSignal()}) {
    blocked &= ~(uint64_t{1} << (signal - 1));
  }
  return blocked;
}

void Worker::Serve() {
  current = this;
  current_number = number_;
  const uint64_t blocked = BlockedAlways();
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, nullptr, sizeof(blocked));
  // A worker that is woken then runs before the thread that woke it returns
  // from its system call. Without the privilege it takes a little longer.
  const sched_param priority = {.sched_priority = 1};
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
  tid_ = static_cast<int>(syscall(SYS_gettid));
  for (uint32_t seen = 0;;) {
    while (posted_ == seen) FutexWait(&posted_, seen);
    if (stop_) return;
    ++seen;
    returned_.result = execute_(op_, args_, &returned_.outcome);
    done_ = seen;
  }
}

void Worker::Post(Op op, const Args& args) {
  op_ = op;
  args_ = args;
  returned_.thread = number_;
  returned_.outcome.Clear();
  ++posted_;
  FutexWake(&posted_);
}

int Worker::SleepsIn() const {
  char text[16] = {};
  if (pread(syscall_fd_, text, sizeof(text) - 1, 0) <= 0) return -1;
  return text[0] >= '0' && text[0] <= '9' ? atoi(text) : -1;
}

bool Worker::IsAsleep() const { return IsWait(SleepsIn()); }

bool Worker::IsParked() const { return idle() && SleepsIn() == SYS_futex; }

void Worker::Interrupt() { Signal(InterruptSignal()); }

void Worker::Signal(int signal) {
  syscall(SYS_tgkill, getpid(), tid_.load(), signal);
}

void Worker::PinTo(const cpu_set_t& cpus) {
  sched_setaffinity(tid_, sizeof(cpus), &cpus);
}

std::string Worker::Whereabouts() const {
  const std::string task = "/proc/self/task/" + std::to_string(tid_) + "/";
  const std::string call = ReadFile(task + "syscall");
  return "system call " + call.substr(0, call.find_first_of(" \n")) + ", in " +
         ReadFile(task + "wchan");
}

}  // namespace pollux
