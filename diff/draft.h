// Drafts: programs under the knife.
//
// In a Program, slots are positions: drop a maker, and every later slot word
// means something else. In a Draft, what is made has an identity, so that calls
// can be dropped, moved, copied and exchanged; Write gives slots their numbers
// again.
//
//   Draft draft(program);
//   draft.calls.erase(draft.calls.begin() + 3);
//   draft.Write(&program, [](const Call&, size_t) { return kNoFd; });

#ifndef POLLUX_DIFF_DRAFT_H_
#define POLLUX_DIFF_DRAFT_H_

#include <cstdint>
#include <vector>

#include "diff/program.h"

namespace pollux {

// A call whose slot words hold identities.
struct DraftCall {
  Call call;
  int64_t first_made = kNoFd;  // and the next one, if it makes two
};

class Draft {
 public:
  explicit Draft(const Program& program) { Append(program); }

  // Adds all calls of `program` behind those that are there.
  void Append(const Program& program);

  // Takes a call over; `ids` are the identities of its program's slots.
  DraftCall Adopt(Call call, std::vector<int64_t>& ids);

  // Identities for what a new call makes; `ids` gets them, too.
  int64_t NewIds(const Call& call, std::vector<int64_t>* ids = nullptr);

  // Drops calls from..to-1, and every call that refers to what they make.
  void DropWithUses(size_t from, size_t to);

  // Drops the calls for which `is_bad(call)`, and every call that refers to
  // what they make.
  template <typename IsBad>
  void DropAllWithUses(IsBad is_bad) {
    for (size_t i = calls.size(); i-- > 0;) {
      if (i < calls.size() && is_bad(calls[i].call)) DropWithUses(i, i + 1);
    }
  }

  // Writes the program. `retarget(call, argument)` gives the slot, or kNoFd,
  // for a reference that leads nowhere; slots of `call` are numbers already.
  template <typename Retarget>
  void Write(Program* program, Retarget retarget) const {
    ProgramBuilder builder(program);
    std::vector<int64_t> slot_of(next_id_, kNoFd);
    for (const DraftCall& draft : calls) {
      Call call = draft.call;
      ForEachSlotWord(call, [&](int64_t& word, size_t argument) {
        if (word != kNoFd) word = slot_of[word];
        if (word == kNoFd) word = retarget(call, argument);
      });
      const int64_t first_slot = builder.slots();
      if (!builder.Append(call)) break;
      for (int i = 0; i < Describe(call.op).slots_made(); ++i) {
        slot_of[draft.first_made + i] = first_slot + i;
      }
    }
    builder.Finish();
  }

  std::vector<DraftCall> calls;

 private:
  int64_t next_id_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_DRAFT_H_
