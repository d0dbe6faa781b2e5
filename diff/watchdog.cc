// The watchdog's thread, and the alarm's timer.

#include "diff/watchdog.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace pollux {
namespace {

// All that the handler and the threads share.
std::atomic<unsigned> beats = 0;  // odd: a program is running
std::atomic<bool> hung = false;
std::atomic<bool> alarm_set = false;
std::atomic<bool> alarmed = false;

// Sent to the watched thread; no program can block or send it.
int Signal() { return SIGRTMIN + 3; }

// Counts seconds without a beat.
class BeatCounter {
 public:
  // Called every second. How long has the running program been running?
  int Tick() {
    const unsigned now = beats;
    if (now != last_) {
      last_ = now;
      ticks_ = 0;
    }
    ++ticks_;
    return now % 2 == 0 ? 0 : ticks_;
  }

 private:
  unsigned last_ = 0;
  int ticks_ = 0;
};

void AbortIfHung(int seconds) {
  if (seconds < Watchdog::kAbortAfterSeconds) return;
  static constexpr char kMessage[] =
      "pollux: a call of the program does not return and cannot be "
      "interrupted (class hang)\n";
  [[maybe_unused]] ssize_t n = write(2, kMessage, sizeof(kMessage) - 1);
  abort();
}

void Watch(pid_t tid, std::atomic<bool>* ready) {
  // A table of files that two threads share makes every call on a file slower.
  // This one needs none but its standard error.
  if (unshare(CLONE_FILES) == 0) syscall(SYS_close_range, 3, ~0u, 0);
  *ready = true;
  ready->notify_one();
  for (BeatCounter counter;;) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const int seconds = counter.Tick();
    if (seconds >= Watchdog::kHungAfterSeconds) {
      hung = true;
      syscall(SYS_tgkill, getpid(), tid, Signal());
    }
    AbortIfHung(seconds);
  }
}

// Starts the thread, with every signal blocked: one to the process is for the
// threads of the program.
void StartThread(pid_t tid) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  std::atomic<bool> ready = false;
  std::thread(Watch, tid, &ready).detach();
  ready.wait(false);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

timer_t timer;

void OnSignal(int) {
  if (alarm_set) alarmed = true;
}

bool StartWatching() {
  const pid_t tid = static_cast<pid_t>(syscall(SYS_gettid));
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;  // waits on an epoll end nevertheless
  sigaction(Signal(), &action, nullptr);
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = Signal();
  event._sigev_un._tid = tid;
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  StartThread(tid);
  return true;
}

// 0: never.
void SetTimer(int ms) {
  itimerspec spec = {};
  spec.it_value.tv_sec = ms / 1000;
  spec.it_value.tv_nsec = ms % 1000 * 1000000l;
  // Again and again, should the first come before the call that it is to end.
  spec.it_interval = spec.it_value;
  timer_settime(timer, 0, &spec, nullptr);
}

}  // namespace

void Watchdog::Start() {
  [[maybe_unused]] static bool started = StartWatching();
}

void Watchdog::Beat() {
  beats.store(beats.load(std::memory_order_relaxed) + 1,
              std::memory_order_relaxed);
  hung.store(false, std::memory_order_relaxed);
}

bool Watchdog::Hung() { return hung; }

void Watchdog::AlarmIn(int ms) {
  alarmed = false;
  alarm_set = true;
  SetTimer(ms);
}

void Watchdog::AlarmOff() {
  SetTimer(0);
  alarm_set = false;
}

bool Watchdog::Alarmed() { return alarmed; }

}  // namespace pollux
