// Rehearsals: a program in the making is run on a reference, so that the
// generator knows what state it has brought about.
//
//   Rehearsal rehearsal;
//   rehearsal.Begin();
//   rehearsal.Append(call, &kinds);   // kinds: of all slots, with those of call
//
// What it tells are hints: which slots have data, which have room, and what each
// epoll watches. Most calls should mean something, and the wrong ones should be
// wrong on purpose.

#ifndef POLLUX_FUZZ_REHEARSAL_H_
#define POLLUX_FUZZ_REHEARSAL_H_

#include <vector>

#include "diff/executor.h"
#include "diff/reference.h"
#include "fuzz/generator.h"

namespace pollux {

class Rehearsal {
 public:
  Rehearsal() : reference_(Profile(), Machine()), executor_(&reference_) {}
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  void Begin();
  // Makes the call, and brings the hints up to date.
  void Append(const Call& call, std::vector<SlotKind>* kinds);

 private:
  void NoteWatch(const Call& call, std::vector<SlotKind>* kinds) const;

  Reference reference_;
  Executor executor_;
  Outcome outcome_;
  std::vector<PollQuery> queries_;
  bool frozen_ = false;
};

}  // namespace pollux

#endif  // POLLUX_FUZZ_REHEARSAL_H_
