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

  void Begin() override { world_.Reset(); }
  void End() override {}
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override;
  int Poll(std::span<PollQuery> queries) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;

 private:
  // Makes one call: one specialization for each of calls.def.
  template <Op op>
  int64_t Run(const Args& args, Outcome* outcome);

  // epoll_wait, whose first three words are those of `a`. `signals`: those that
  // wait are let in meanwhile.
  int64_t Wait(const Args& a, int64_t timeout, bool signals, Outcome* outcome);
  // Hands out what the last scan delivered.
  int Deliver(int result, Outcome* outcome);

  World world_;
};

#define CALL(id, ...) \
  template <>         \
  int64_t Reference::Run<Op::id>(const Args& args, Outcome* outcome);
#include "diff/calls.def"
#undef CALL

}  // namespace pollux

#endif  // POLLUX_DIFF_REFERENCE_H_
