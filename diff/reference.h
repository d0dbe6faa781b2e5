// The reference as a Subject: a World that answers a program's calls.

#ifndef POLLUX_DIFF_REFERENCE_H_
#define POLLUX_DIFF_REFERENCE_H_

#include <span>
#include <vector>

#include "core/world.h"
#include "diff/subject.h"

namespace pollux {

class Reference final : public Subject {
 public:
  Reference(const Profile& profile, const Machine& machine)
      : world_(profile, machine) {}

  const World& world() const { return world_; }
  World& mutable_world() { return world_; }

  // The world was exchanged: looks at who is in a wait.
  void NoteAsleep();

  // False: woken threads wait until somebody else runs them (RunThread), and
  // Settle tells no more than whether the last call has ended.
  void set_runs_threads(bool runs) { runs_threads_ = runs; }

  void Begin() override;
  void End() override {}
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override;
  bool PrepareThreads(int) override { return true; }
  void Start(int thread, Op op, const Args& args) override;
  // The lowest runnable thread runs first, and no timer fires but by expire().
  bool Settle(Settlement* settlement) override;
  int Poll(std::span<PollQuery> queries) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;

 private:
  // Makes one call: one specialization for each of calls.def.
  template <Op op>
  int64_t Run(const Args& args, Outcome* outcome);

  // Hands out what the last scan delivered.
  int Deliver(int result, Outcome* outcome);
  // A wait of the running thread with its own scan.
  int64_t EpollPwait(const Args& args, int64_t timeout_ns, int64_t mask_pointer,
                     Outcome* outcome);
  // How a wait of thread 0 ends that would sleep.
  int64_t EndSleep(Timeout timeout);

  World world_;
  bool runs_threads_ = true;
  int thread_ = 0;       // that makes the running call
  uint32_t asleep_ = 0;  // a bit for each thread in a wait, when last looked at
  Settlement started_;   // what Start has returned
};

#define CALL(id, ...) \
  template <>         \
  int64_t Reference::Run<Op::id>(const Args& args, Outcome* outcome);
#include "diff/calls.def"
#undef CALL

// What the last wait of `thread` has returned.
Returned ReturnedBy(const World& world, int thread);

}  // namespace pollux

#endif  // POLLUX_DIFF_REFERENCE_H_
