// Mutators and crossover.

#include "fuzz/mutator.h"

#include <algorithm>
#include <vector>

#include "fuzz/generator.h"

namespace pollux {
namespace {

// A call whose slots are known by identity instead of position: made slots have
// numbers of their own, and slot words hold these numbers.
struct DraftCall {
  Call call;
  int64_t first_made = kNoFd;  // and the next one, if it makes two
};

class Draft {
 public:
  explicit Draft(const Program& program) { Append(program); }

  // Adds all calls of `program` behind those that are there.
  void Append(const Program& program) {
    std::vector<int64_t> ids;
    for (const Call& call : program.calls) calls.push_back(Adopt(call, ids));
  }

  // Takes a call over; `ids` are the identities of its program's slots.
  DraftCall Adopt(Call call, std::vector<int64_t>& ids) {
    ForEachSlotWord(call, [&](int64_t& word, size_t) {
      word = word >= 0 && word < static_cast<int64_t>(ids.size()) ? ids[word]
                                                                  : kNoFd;
    });
    return {call, NewIds(call, &ids)};
  }

  // Identities for what a new call makes; `ids` gets them, too.
  int64_t NewIds(const Call& call, std::vector<int64_t>* ids = nullptr) {
    const int made = Describe(call.op).slots_made();
    const int64_t first = made == 0 ? kNoFd : next_id_;
    for (int i = 0; i < made; ++i, ++next_id_) {
      if (ids != nullptr) ids->push_back(next_id_);
    }
    return first;
  }

  // Writes the program, and gives references that lead nowhere a new target.
  void Write(Random& random, Program* program) const {
    ProgramBuilder builder(program);
    std::vector<int64_t> slot_of(next_id_, kNoFd);
    std::vector<SlotKind> kinds;
    for (const DraftCall& draft : calls) {
      Call call = draft.call;
      ForEachSlotWord(call, [&](int64_t& word, size_t argument) {
        if (word != kNoFd) word = slot_of[word];
        if (word == kNoFd)
          word = GenerateSlot(random, kinds, call.op, argument);
      });
      const int64_t first_slot = builder.slots();
      if (!builder.Append(call)) break;
      for (int i = 0; i < Describe(call.op).slots_made(); ++i) {
        slot_of[draft.first_made + i] = first_slot + i;
      }
      AppendKinds(call, &kinds);
    }
    builder.Finish();
  }

  // The kinds and identities of the slots that exist before call `at`.
  void SlotsBefore(size_t at, std::vector<SlotKind>* kinds,
                   std::vector<int64_t>* ids) const {
    for (size_t i = 0; i < at; ++i) {
      Call call = calls[i].call;
      ForEachSlotWord(call, [&](int64_t& word, size_t) {
        word = std::find(ids->begin(), ids->end(), word) - ids->begin();
      });
      AppendKinds(call, kinds);
      for (int j = 0; j < Describe(call.op).slots_made(); ++j) {
        ids->push_back(calls[i].first_made + j);
      }
    }
  }

  std::vector<DraftCall> calls;

 private:
  int64_t next_id_ = 0;
};

// --- One change each

void InsertCall(Random& random, Draft& draft) {
  const size_t at = random.Below(draft.calls.size() + 1);
  std::vector<SlotKind> kinds;
  std::vector<int64_t> ids;
  draft.SlotsBefore(at, &kinds, &ids);
  const Call call = GenerateCall(random, kinds);
  draft.calls.insert(draft.calls.begin() + at, draft.Adopt(call, ids));
}

void DropCalls(Random& random, Draft& draft) {
  if (draft.calls.empty()) return;
  const size_t at = random.Below(draft.calls.size());
  size_t count = random.OneIn(4) ? 1 + random.Below(8) : 1;
  count = std::min(count, draft.calls.size() - at);
  draft.calls.erase(draft.calls.begin() + at, draft.calls.begin() + at + count);
}

// Copies a run of calls to somewhere behind it; what they make is made anew.
void RepeatCalls(Random& random, Draft& draft) {
  if (draft.calls.empty()) return;
  const size_t from = random.Below(draft.calls.size());
  const size_t most = std::min<size_t>(4, draft.calls.size() - from);
  const size_t count = 1 + random.Below(most);
  std::vector<DraftCall> run(draft.calls.begin() + from,
                             draft.calls.begin() + from + count);
  for (DraftCall& call : run) call.first_made = draft.NewIds(call.call);
  const size_t to =
      from + count + random.Below(draft.calls.size() - from - count + 1);
  draft.calls.insert(draft.calls.begin() + to, run.begin(), run.end());
}

void MoveCall(Random& random, Draft& draft) {
  if (draft.calls.size() < 2) return;
  const size_t from = random.Below(draft.calls.size());
  const DraftCall call = draft.calls[from];
  draft.calls.erase(draft.calls.begin() + from);
  draft.calls.insert(draft.calls.begin() + random.Below(draft.calls.size() + 1),
                     call);
}

// Redraws one argument, or all.
void ChangeArguments(Random& random, Draft& draft) {
  if (draft.calls.empty()) return;
  const size_t at = random.Below(draft.calls.size());
  std::vector<SlotKind> kinds;
  std::vector<int64_t> ids;
  draft.SlotsBefore(at, &kinds, &ids);
  // From identities to slots, and back after the change.
  Call call = draft.calls[at].call;
  ForEachSlotWord(call, [&](int64_t& word, size_t) {
    auto found = std::find(ids.begin(), ids.end(), word);
    word = found == ids.end() ? kNoFd : found - ids.begin();
  });
  if (random.OneIn(4)) {
    GenerateArguments(random, kinds, &call);
  } else {
    GenerateArgument(random, kinds, random.Below(Describe(call.op).arg_count),
                     &call);
  }
  ForEachSlotWord(call, [&](int64_t& word, size_t) {
    word = word >= 0 && word < static_cast<int64_t>(ids.size()) ? ids[word]
                                                                : kNoFd;
  });
  draft.calls[at].call = call;
}

void InsertSnippet(Random& random, Draft& draft) {
  const size_t at = random.Below(draft.calls.size() + 1);
  std::vector<SlotKind> kinds;
  std::vector<int64_t> ids;
  draft.SlotsBefore(at, &kinds, &ids);
  std::vector<DraftCall> run;
  for (const Call& call : GenerateSnippet(random, kinds)) {
    run.push_back(draft.Adopt(call, ids));
  }
  draft.calls.insert(draft.calls.begin() + at, run.begin(), run.end());
}

// Most findings show in a wait: one behind a random call.
void InsertWait(Random& random, Draft& draft) {
  const size_t at = random.Below(draft.calls.size() + 1);
  std::vector<SlotKind> kinds;
  std::vector<int64_t> ids;
  draft.SlotsBefore(at, &kinds, &ids);
  Call call{Op::kEpollWait, {}};
  GenerateArguments(random, kinds, &call);
  draft.calls.insert(draft.calls.begin() + at, draft.Adopt(call, ids));
}

// Long programs are slow and show nothing that short ones do not.
void WriteShort(Random& random, Draft& draft, Program* program) {
  while (draft.calls.size() > kMostCalls) DropCalls(random, draft);
  draft.Write(random, program);
}

}  // namespace

void MutateProgram(Random& random, Program* program) {
  using Mutator = void (*)(Random&, Draft&);
  constexpr Mutator kMutators[] = {
      InsertCall,  InsertCall, InsertCall,      InsertSnippet,   DropCalls,
      RepeatCalls, MoveCall,   ChangeArguments, ChangeArguments, InsertWait};
  Draft draft(*program);
  const size_t changes = random.OneIn(2) ? 1 : 1 + random.Below(6);
  for (size_t i = 0; i < changes; ++i) random.Pick(kMutators)(random, draft);
  WriteShort(random, draft, program);
}

void CrossOver(Random& random, const Program& a, const Program& b,
               Program* out) {
  Draft draft(a);
  const size_t cut = random.Below(draft.calls.size() + 1);
  const size_t split = draft.calls.size();
  draft.Append(b);
  if (random.OneIn(2)) {
    // The head of a, then all of b or its tail; lost references are retargeted.
    const size_t skip = random.OneIn(2) ? 0 : random.Below(b.calls.size() + 1);
    draft.calls.erase(draft.calls.begin() + cut,
                      draft.calls.begin() + split + skip);
  } else {
    // b in the middle of a.
    std::rotate(draft.calls.begin() + cut, draft.calls.begin() + split,
                draft.calls.end());
  }
  WriteShort(random, draft, out);
}

}  // namespace pollux
