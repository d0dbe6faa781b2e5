// Threads: who sleeps in a wait, and who is about to run.
//
// A thread of a World is idle, or in epoll_wait(2) or poll(2). There it is
// asleep, or *runnable*: something has woken it (an event, its timer, a signal)
// and it has not run yet. Nothing runs by itself: whoever drives the World
// chooses which runnable thread takes its next step, and whether a timer has
// fired, so that every order in which a kernel may run them can be followed.
//
//   Wait(world, 1, epfd, {.maxevents = 8}, Timeout::kEndless);  // kAsleep
//   Write(world, fds[1], 1, 1);
//   world.threads[1].runnable;   // true
//   RunThread(world, 1);         // returns: world.threads[1].result is 1
//
// Mutual exclusion: a thread whose epoll stands in a frozen scan cannot run
// (CanRun): it waits for eventpoll::mtx.

#ifndef POLLUX_CORE_THREAD_H_
#define POLLUX_CORE_THREAD_H_

#include <array>
#include <cstdint>

#include "core/eventpoll.h"

namespace pollux {

// Thread 0 is the one that never sleeps: what would make it sleep ends at once.
inline constexpr int kMaxThreads = 8;

// A set of the signals that programs know.
using UserSignals = uint8_t;
inline constexpr UserSignals kUsr1 = 1;   // handled, with SA_RESTART
inline constexpr UserSignals kUsr2 = 2;   // handled, without
inline constexpr UserSignals kWinch = 4;  // ignored, as by default
inline constexpr UserSignals kAllUserSignals = kUsr1 | kUsr2 | kWinch;

// kLong: a finite one that is longer than programs are, mostly.
enum class Timeout : uint8_t { kZero, kFinite, kLong, kEndless };

// In which call a thread is.
enum class Waiting : uint8_t { kNone, kEpollWait, kPoll };

// What a wait returns that sleeps.
inline constexpr int64_t kAsleep = INT64_MIN + 1;

struct Thread {
  Waiting in = Waiting::kNone;
  bool runnable = false;
  bool timed_out = false;  // mirrors the local of ep_poll
  Timeout timeout = Timeout::kZero;
  // kEpollWait: the epoll. kPoll: whose wait queues it is on, or kNil. The
  // thread holds a reference to it.
  Index file = kNil;
  int fd = -1;              // kPoll: looked up again whenever it runs
  uint32_t events = 0;      // kPoll: what it waits for
  Index first_wait = kNil;  // its wait entries
  Scan scan;                // of its epoll_wait

  // What the last wait that ended returned; its events are scan.delivered.
  Waiting slept_in = Waiting::kNone;
  int64_t result = 0;
  uint32_t revents = 0;  // of poll
  bool early = false;    // it timed out before its time: no Linux does

  UserSignals blocked = 0;  // mirrors task_struct::blocked
  UserSignals pending = 0;  // mirrors task_struct::pending
  UserSignals saved = 0;    // mirrors task_struct::saved_sigmask,
  bool restore = false;     // and whether it has to be restored
  UserSignals handled = 0;  // handlers that ran; cleared by whoever looks
};

using Threads = std::array<Thread, kMaxThreads>;

// epoll_pwait(2) by `thread`, which is idle. `mask`: the signals to block
// meanwhile, or null. Returns a value, -errno or kAsleep. Kernel: ep_poll.
int64_t Wait(World& world, int thread, int epfd, const EventBuffer& buffer,
             Timeout timeout, const UserSignals* mask = nullptr);

// poll(2) of one descriptor by `thread`, which is idle. Kernel: do_sys_poll.
int64_t PollWaiting(World& world, int thread, int fd, uint32_t events,
                    Timeout timeout);

// May the runnable `thread` go on, or does it wait for a mutex?
bool CanRun(const World& world, int thread);

// Lets a runnable thread run until it returns (`in` is kNone then) or sleeps.
void RunThread(World& world, int thread);

// May the timer of `thread` fire now?
bool CanTimeOut(const World& world, int thread);
// The timer has fired, and the thread has not run yet.
void FireTimer(World& world, int thread);

// Takes a sleeping thread out of its wait as if it had never begun.
void CancelWait(World& world, int thread);

// Ends all waits on the epoll `file` with EBADF, as no Linux does.
void EndWaits(World& world, Index file);

// Of all in which Worlds can differ that have made the same calls: the order of
// ready lists and wait queues, what items and threads have become. Equal Worlds
// have equal hashes, and unequal ones practically never.
uint64_t HashOfChoices(const World& world);

// Wakes `thread`, which an entry of a wait queue belongs to. Returns whether it
// was asleep. Kernel: ep_autoremove_wake_function, pollwake.
bool WakeThread(World& world, Index entry, uint32_t key);

// tgkill(2) and rt_sigprocmask(2) with SIG_SETMASK.
void SendSignal(World& world, int thread, UserSignals signal);
void SetSignalMask(World& world, int thread, UserSignals mask);

}  // namespace pollux

#endif  // POLLUX_CORE_THREAD_H_
