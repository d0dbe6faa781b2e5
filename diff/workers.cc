// Workers: placement, snapshots, signals, recovery.

#include "diff/workers.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>

namespace pollux {
namespace {

using Clock = std::chrono::steady_clock;

// So many programs stay on one CPU.
constexpr unsigned kProgramsPerPlace = 256;
// Looks between two at the clock.
constexpr int kLooksPerClock = 64;

constexpr struct {
  UserSignals signal;
  int number;
} kSignalNumbers[] = {{kUsr1, SIGUSR1}, {kUsr2, SIGUSR2}, {kWinch, SIGWINCH}};

// Handlers that ran, eight bits a thread, as Outcome::handled.
std::atomic<uint64_t> handled = 0;

void OnSignal(int number) {
  for (const auto& s : kSignalNumbers) {
    if (s.number != number) continue;
    handled |= uint64_t{s.signal} << (8 * Worker::CurrentNumber());
  }
}

void InstallHandlers() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_flags = 0;
  sigaction(SIGUSR2, &action, nullptr);
}

int64_t ContextSwitches() {
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw + usage.ru_nivcsw;
}

void ChangeMask(int how, UserSignals signals) {
  const uint64_t mask = RealSignals(signals);
  syscall(SYS_rt_sigprocmask, how, &mask, nullptr, sizeof(mask));
}

bool TimesOut(Op op, const Args& args) {
  int64_t ns = 0;
  if (op == Op::kEpollWait || op == Op::kEpollPwait) ns = MsToNs(args[3]);
  if (op == Op::kEpollPwait2) ns = WaitTime(&args[3]).ns();
  if (op == Op::kPoll) ns = MsToNs(args[2]);
  return TimeoutOf(ns) == Timeout::kFinite;
}

}  // namespace

uint64_t RealSignals(UserSignals set) {
  uint64_t mask = 0;
  for (const auto& s : kSignalNumbers) {
    if (set & s.signal) mask |= uint64_t{1} << (s.number - 1);
  }
  return mask;
}

bool Workers::Place() {
  if (cpu_ >= 0 && programs_++ % kProgramsPerPlace != 0) return true;
  // Where the scheduler would have this thread run.
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    sched_getaffinity(0, sizeof(set), &set);
    return set;
  }();
  sched_setaffinity(0, sizeof(allowed), &allowed);
  cpu_ = sched_getcpu();
  if (cpu_ < 0) return false;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu_, &one);
  for (Seat& seat : seats_) {
    if (seat.worker != nullptr) seat.worker->PinTo(one);
  }
  return sched_setaffinity(0, sizeof(one), &one) == 0;
}

bool Workers::Prepare(int threads) {
  if (main_tid_ == 0) {
    main_tid_ = static_cast<int>(syscall(SYS_gettid));
    InstallHandlers();
  }
  for (int t = 1; t < threads; ++t) {
    if (seats_[t].worker != nullptr) continue;
    seats_[t].worker = std::make_unique<Worker>(t, execute_);
    cpu_ = -1;
    if (!seats_[t].worker->usable()) return false;
  }
  handled = 0;
  return Place();
}

void Workers::Post(int thread, Op op, const Args& args) {
  Seat& seat = seats_[thread];
  seat.busy = true;
  seat.times_out = TimesOut(op, args);
  seat.worker->Post(op, args);
}

bool Workers::AllSettled() {
  const auto active = std::count_if(
      seats_.begin(), seats_.end(),
      [](const Seat& seat) { return seat.busy || seat.signalled; });
  const int64_t before = active > 1 ? ContextSwitches() : 0;
  for (const Seat& seat : seats_) {
    if (seat.busy && !seat.worker->idle()) {
      if (!seat.worker->IsAsleep()) return false;
    } else if (seat.signalled && !seat.worker->IsParked()) {
      return false;
    }
  }
  return active <= 1 || before == ContextSwitches();
}

bool Workers::Settle(Settlement* settlement) {
  const Clock::time_point deadline =
      Clock::now() + std::chrono::seconds(kSettleSeconds);
  for (int looks = 1; !AllSettled(); ++looks) {
    if (looks % kLooksPerClock == 0 && Clock::now() > deadline) return false;
    sched_yield();
  }
  for (Seat& seat : seats_) {
    seat.signalled = false;
    if (!seat.busy || !seat.worker->idle()) continue;
    seat.busy = false;
    settlement->returned.push_back(std::move(seat.worker->returned()));
  }
  settlement->handled = handled.exchange(0);
  return true;
}

std::string Workers::Whereabouts(int thread) const {
  const Seat& seat = seats_[thread];
  return seat.worker == nullptr ? "" : seat.worker->Whereabouts();
}

// --- Signals

void Workers::Signal(int thread, UserSignals signals) {
  signals_used_ = true;
  for (const auto& s : kSignalNumbers) {
    if (!(signals & s.signal)) continue;
    if (thread == 0) {
      syscall(SYS_tgkill, getpid(), main_tid_, s.number);
    } else {
      seats_[thread].worker->Signal(s.number);
      seats_[thread].signalled = true;
    }
  }
}

bool Workers::HasHandled(int thread) const {
  return handled >> (8 * thread) & kAllUserSignals;
}

void Workers::SetSignalMask(UserSignals blocked) {
  signals_used_ = true;
  ChangeMask(SIG_BLOCK, blocked);
  ChangeMask(SIG_UNBLOCK, kAllUserSignals & ~blocked);
}

// --- Time

void Workers::AwaitTimeouts() {
  const auto waits = [](const Seat& seat) {
    return seat.busy && seat.times_out && !seat.worker->idle();
  };
  // Nothing tells when a thread has returned from a system call but that
  // thread; a short sleep lets it run.
  constexpr timespec kNap = {0, 100'000};
  while (std::any_of(seats_.begin(), seats_.end(), waits)) {
    nanosleep(&kNap, nullptr);
  }
}

void Workers::NoteLateness(int64_t late_ns) {
  const uint64_t us = late_ns < 0 ? 0 : late_ns / 1000;
  const int bucket = std::min<int>(std::bit_width(us), kLatenessBuckets - 1);
  lateness_[bucket].fetch_add(1, std::memory_order_relaxed);
  int64_t latest = latest_ns_;
  while (late_ns > latest &&
         !latest_ns_.compare_exchange_weak(latest, late_ns));
}

std::string Workers::LatenessText() const {
  uint64_t total = 0;
  for (const auto& count : lateness_) total += count;
  if (total == 0) return "no wait timed out";
  std::string text = std::to_string(total) + " waits timed out, late by";
  uint64_t sum = 0;
  for (int i = 0; i < kLatenessBuckets; ++i) {
    const uint64_t before = sum;
    sum += lateness_[i];
    for (const int percent : {50, 90, 99}) {
      if (before * 100 >= total * percent || sum * 100 < total * percent) {
        continue;
      }
      text += " <" + std::to_string(1ll << i) + " us (" +
              std::to_string(percent) + " %),";
    }
  }
  return text + " at most " + std::to_string(latest_ns_ / 1000) + " us";
}

// --- The end

void Workers::Recover() {
  for (Seat& seat : seats_) {
    if (seat.worker == nullptr) continue;
    while (!seat.worker->idle()) {
      seat.worker->Interrupt();
      sched_yield();
    }
    seat.busy = seat.signalled = false;
  }
  if (!signals_used_) return;
  signals_used_ = false;
  // What is pending is handled now.
  SetSignalMask(0);
  for (Seat& seat : seats_) {
    if (seat.worker == nullptr) continue;
    seat.worker->Post(Op::kRtSigprocmask, {0, kGoodPointer});
    while (!seat.worker->idle()) sched_yield();
  }
  signals_used_ = false;
  handled = 0;
}

}  // namespace pollux
