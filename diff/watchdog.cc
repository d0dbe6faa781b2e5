// The watchdog's timer and its signal handler.

#include "diff/watchdog.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

namespace pollux {
namespace {

// All that the handler touches.
std::atomic<unsigned> beats = 0;
std::atomic<unsigned> beats_at_last_tick = 0;
std::atomic<int> ticks_without_beat = 0;
std::atomic<bool> hung = false;
std::atomic<bool> alarm_set = false;
std::atomic<bool> alarmed = false;

timer_t timer;

void OnTick(int) {
  if (alarm_set) {
    alarmed = true;
    return;
  }
  if (beats != beats_at_last_tick) {
    beats_at_last_tick = beats.load();
    ticks_without_beat = 0;
    return;
  }
  const int ticks = ++ticks_without_beat;
  if (beats % 2 == 0) return;  // between programs
  if (ticks >= Watchdog::kHungAfterSeconds) hung = true;
  if (ticks >= Watchdog::kAbortAfterSeconds) {
    static constexpr char kMessage[] =
        "pollux: a call of the program does not return and cannot be "
        "interrupted (class hang)\n";
    [[maybe_unused]] ssize_t n = write(2, kMessage, sizeof(kMessage) - 1);
    abort();
  }
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
