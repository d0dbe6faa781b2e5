// The threads of a program on the host, and how to know that they have settled.
//
// All of them, and the thread that drives them, share one CPU: while that one
// runs, no other does. So a look at all of them in which it was not interrupted
// (its count of context switches stays) is a snapshot. They have settled when
// in a snapshot each is idle or asleep in its call.
//
//   Workers workers(execute);
//   workers.Prepare(3);
//   workers.Post(1, Op::kEpollWait, args);
//   workers.Settle(&settlement);
//   workers.Recover();

#ifndef POLLUX_DIFF_WORKERS_H_
#define POLLUX_DIFF_WORKERS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "core/thread.h"
#include "diff/worker.h"

namespace pollux {

// The signals of a set as a word of the kernel (sigset_t).
uint64_t RealSignals(UserSignals set);

class Workers {
 public:
  explicit Workers(Worker::Function execute) : execute_(std::move(execute)) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Starts and places what a program of `threads` threads needs. False if it
  // cannot be known here whether they sleep.
  bool Prepare(int threads);
  void Post(int thread, Op op, const Args& args);
  // As Subject::Settle. The bound: kSettleSeconds.
  bool Settle(Settlement* settlement);
  std::string Whereabouts(int thread) const;

  // Sends the signals to the thread. Has it handled any since the last Settle?
  void Signal(int thread, UserSignals signals);
  bool HasHandled(int thread) const;
  // Sets what the calling thread blocks.
  void SetSignalMask(UserSignals blocked);

  // Waits until no thread is in a wait that ends by itself within 100 ms.
  void AwaitTimeouts();

  // Ends all calls, and what is left of signals: all threads are idle.
  void Recover();

  // How late waits time out: how many by less than 2^i microseconds.
  void NoteLateness(int64_t late_ns);
  std::string LatenessText() const;

  static constexpr int kSettleSeconds = 5;

 private:
  struct Seat {
    std::unique_ptr<Worker> worker;
    bool busy = false;       // its call has not been reported as ended
    bool times_out = false;  // ... and ends by itself soon
    bool signalled = false;  // since the last Settle
  };

  // Has one look at all that are busy: is each idle or asleep?
  bool AllSettled();
  // Puts all threads on one CPU, now and then on another.
  bool Place();

  const Worker::Function execute_;
  std::array<Seat, kMaxThreads> seats_;  // 0 stays empty
  int main_tid_ = 0;
  int cpu_ = -1;
  unsigned programs_ = 0;
  bool signals_used_ = false;
  static constexpr int kLatenessBuckets = 24;
  std::array<std::atomic<uint64_t>, kLatenessBuckets> lateness_ = {};
  std::atomic<int64_t> latest_ns_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_WORKERS_H_
