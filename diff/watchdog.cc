// The watchdog's timer and its signal handler.

#include "diff/watchdog.h"

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

// All that the handler and the thread touch.
std::atomic<unsigned> beats = 0;  // odd: a program is running
std::atomic<bool> hung = false;
std::atomic<bool> alarm_set = false;
std::atomic<bool> alarmed = false;

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

BeatCounter signal_counter;

void AbortIfHung(int seconds) {
  if (seconds < Watchdog::kAbortAfterSeconds) return;
  static constexpr char kMessage[] =
      "pollux: a call of the program does not return and cannot be "
      "interrupted (class hang)\n";
  [[maybe_unused]] ssize_t n = write(2, kMessage, sizeof(kMessage) - 1);
  abort();
}

timer_t timer;

void OnTick(int) {
  if (alarm_set) {
    alarmed = true;
    return;
  }
  const int seconds = signal_counter.Tick();
  if (seconds >= Watchdog::kHungAfterSeconds) hung = true;
  AbortIfHung(seconds);
}

// A tick every second, the first in `first_ms`.
void SetTimer(int first_ms) {
  itimerspec spec = {};
  spec.it_value.tv_sec = first_ms / 1000;
  spec.it_value.tv_nsec = first_ms % 1000 * 1000000l;
  spec.it_interval.tv_sec = 1;
  timer_settime(timer, 0, &spec, nullptr);
}

bool StartTimer() {
  struct sigaction action = {};
  action.sa_handler = OnTick;
  action.sa_flags = SA_RESTART;  // waits on an epoll end nevertheless
  const int signal = SIGRTMIN + 3;
  sigaction(signal, &action, nullptr);
  sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = signal;
  event._sigev_un._tid = static_cast<int>(syscall(SYS_gettid));
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return false;
  SetTimer(1000);
  return true;
}

}  // namespace

void Watchdog::Start() { [[maybe_unused]] static bool started = StartTimer(); }

void Watchdog::StartThread() {
  [[maybe_unused]] static bool started = [] {
    std::thread([counter = BeatCounter()]() mutable {
      for (;;) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        AbortIfHung(counter.Tick());
      }
    }).detach();
    return true;
  }();
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
  alarm_set = false;
  SetTimer(1000);
}

bool Watchdog::Alarmed() { return alarmed; }

}  // namespace pollux
