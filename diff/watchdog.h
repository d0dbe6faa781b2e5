// Interrupts what does not return.
//
// A timer signal to the thread that runs programs does two things: it ends a
// wait that is meant to sleep for ever (AlarmIn), and it notices a program that
// does not end (Beat, Hung). A call that not even a signal can end aborts the
// process after kAbortAfterSeconds, with a line that says so, so that a fuzzing
// engine keeps the input. A call may even wait where signals do not reach it
// (for the mutex of an epoll whose scan is frozen); a thread watches over
// programs that can do that. The others run without it: system calls are faster
// in a process of one thread.

#ifndef POLLUX_DIFF_WATCHDOG_H_
#define POLLUX_DIFF_WATCHDOG_H_

namespace pollux {

class Watchdog {
 public:
  static constexpr int kHungAfterSeconds = 10;
  static constexpr int kAbortAfterSeconds = 15;

  // Starts to watch the calling thread. Again does nothing.
  static void Start();

  // Starts the thread that watches where signals do not reach.
  static void StartThread();

  // A program begins, or has ended.
  static void Beat();
  // Since the last Beat, a call was interrupted because it took too long.
  static bool Hung();

  // Interrupts the thread once, `ms` milliseconds from now.
  static void AlarmIn(int ms);
  static void AlarmOff();
  static bool Alarmed();
};

}  // namespace pollux

#endif  // POLLUX_DIFF_WATCHDOG_H_
