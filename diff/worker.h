// A thread of the host that makes calls for a program, one at a time.
//
// Whether it is asleep in its call is known for certain: /proc/self/task/TID/
// syscall tells the number of the system call of a thread that sleeps, and
// "running" of any other. Workers and the thread that drives them share one
// CPU, so that nothing of theirs happens while that one looks.
//
//   Worker worker(1, [&](Op op, const Args& args, Outcome* outcome) {...});
//   worker.Post(Op::kEpollWait, args);
//   while (!worker.idle() && !worker.IsAsleep()) sched_yield();

#ifndef POLLUX_DIFF_WORKER_H_
#define POLLUX_DIFF_WORKER_H_

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "diff/subject.h"
#include "diff/user_memory.h"

namespace pollux {

class Worker {
 public:
  using Function = std::function<int64_t(Op, const Args&, Outcome*)>;

  // `execute` makes the calls, in the worker's thread.
  Worker(int number, Function execute);
  // The worker must be idle.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // The worker whose thread this is, or null.
  static Worker* Current();
  // Which thread of the program runs here: 0 if no worker's.
  static int CurrentNumber();

  // Can it be told whether it sleeps?
  bool usable() const { return syscall_fd_ >= 0; }

  // Starts a call. The worker must be idle.
  void Post(Op op, const Args& args);
  // Has the last call ended?
  bool idle() const { return done_ == posted_; }
  // Is it asleep in a wait, not on its way there?
  bool IsAsleep() const;
  // Is it idle and asleep, all signals that came before handled?
  bool IsParked() const;
  // What the last call gave. The worker must be idle.
  Returned& returned() { return returned_; }

  // Ends the wait in which it sleeps.
  void Interrupt();
  void Signal(int signal);
  void PinTo(const cpu_set_t& cpus);

  // "epoll_wait (ep_poll)": the system call and where in the kernel.
  std::string Whereabouts() const;

  // For the buffers of its waits.
  const UserMemory& memory() const { return memory_; }

  // The signals that it blocks always, as the kernel's word.
  static uint64_t BlockedAlways();

 private:
  void Serve();
  // The number of the system call in which it is asleep, or -1.
  int SleepsIn() const;

  const int number_;
  const Function execute_;
  UserMemory memory_;
  std::atomic<uint32_t> posted_ = 0;  // calls
  std::atomic<uint32_t> done_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> tid_ = 0;
  Op op_ = Op{};
  Args args_ = {};
  Returned returned_;
  int syscall_fd_ = -1;
  std::thread thread_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_WORKER_H_
