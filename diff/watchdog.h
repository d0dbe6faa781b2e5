// Interrupts what does not return.
//
// A thread of its own counts seconds. When a program does not end it signals
// the thread that runs programs, which ends what a signal can end (Hung); a
// call that no signal can end, such as one that waits for the mutex of an epoll
// whose scan is frozen, aborts the process after kAbortAfterSeconds, with a
// line that says so, so that a fuzzing engine keeps the input.
//
// While programs end, nobody is signalled: a signal to this process, whichever
// it is, wakes those who watch its signalfds, and interrupts poll(2) even where
// that would not sleep. One exception belongs to the program: a wait that is
// meant to sleep for ever is ended by a signal (AlarmIn).

#ifndef POLLUX_DIFF_WATCHDOG_H_
#define POLLUX_DIFF_WATCHDOG_H_

namespace pollux {

class Watchdog {
 public:
  static constexpr int kHungAfterSeconds = 10;
  static constexpr int kAbortAfterSeconds = 15;

  // Starts to watch the calling thread. Again does nothing.
  static void Start();

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
