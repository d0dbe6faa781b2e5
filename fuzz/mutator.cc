// Mutators and crossover.

#include "fuzz/mutator.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "diff/draft.h"
#include "fuzz/generator.h"

namespace pollux {
namespace {

// Writes the program, and gives references that lead nowhere a new target.
void Write(Random& random, const Draft& draft, Program* program) {
  std::vector<SlotKind> kinds;
  size_t known = 0;  // calls whose makings are in `kinds`
  draft.Write(program, [&](const Call& call, size_t argument) {
    for (; known < program->calls.size(); ++known) {
      AppendKinds(program->calls[known], &kinds);
    }
    return GenerateSlot(random, kinds, call.op, argument);
  });
}

// What a program has made before one of its calls, as the generator wants it.
// In a draft, slots are identities; the generator knows slots by position.
class Slots {
 public:
  // What exists before call `at` of the draft.
  Slots(const Draft& draft, size_t at) {
    for (size_t i = 0; i < at; ++i) {
      AppendKinds(Numbered(draft.calls[i].call), &kinds);
      for (int j = 0; j < Describe(draft.calls[i].call.op).slots_made(); ++j) {
        ids.push_back(draft.calls[i].first_made + j);
      }
    }
  }

  // The call with positions in place of identities, and the other way around.
  Call Numbered(Call call) const {
    ForEachSlotWord(call, [&](int64_t& word, size_t) {
      auto found = std::find(ids.begin(), ids.end(), word);
      word = found == ids.end() ? kNoFd : found - ids.begin();
    });
    return call;
  }
  Call Identified(Call call) const {
    ForEachSlotWord(call, [&](int64_t& word, size_t) { word = IdOf(word); });
    return call;
  }
  int64_t IdOf(int64_t slot) const {
    return slot >= 0 && slot < static_cast<int64_t>(ids.size()) ? ids[slot]
                                                                : kNoFd;
  }

  std::vector<SlotKind> kinds;
  std::vector<int64_t> ids;
};

// Somewhere in the draft, or behind it.
size_t AnyPlace(Random& random, const Draft& draft) {
  return random.Below(draft.calls.size() + 1);
}

void InsertAt(Draft& draft, size_t at, const std::vector<Call>& calls,
              std::vector<int64_t>& ids) {
  std::vector<DraftCall> run;
  for (const Call& call : calls) run.push_back(draft.Adopt(call, ids));
  draft.calls.insert(draft.calls.begin() + at, run.begin(), run.end());
}

// A slot word of the draft: the call and the argument that it is in.
struct Reference {
  size_t call = 0;
  size_t argument = 0;
};

std::optional<Reference> AnyReference(Random& random, const Draft& draft) {
  std::vector<Reference> found;
  for (size_t i = 0; i < draft.calls.size(); ++i) {
    ForEachSlotWord(draft.calls[i].call, [&](int64_t, size_t argument) {
      found.push_back({i, argument});
    });
  }
  if (found.empty()) return std::nullopt;
  return found[random.Below(found.size())];
}

// --- One change each. `other`: a program to take from, in crossovers only.

void Insert(Random& random, Draft& draft, const Program&) {
  const size_t at = AnyPlace(random, draft);
  Slots slots(draft, at);
  InsertAt(draft, at, {GenerateCall(random, slots.kinds)}, slots.ids);
}

void InsertSnippet(Random& random, Draft& draft, const Program&) {
  const size_t at = AnyPlace(random, draft);
  Slots slots(draft, at);
  InsertAt(draft, at, GenerateSnippet(random, slots.kinds), slots.ids);
}

// Most findings show in a wait: one behind a random call.
void InsertWait(Random& random, Draft& draft, const Program&) {
  const size_t at = AnyPlace(random, draft);
  Slots slots(draft, at);
  Call call{Op::kEpollWait, {}};
  GenerateArguments(random, slots.kinds, &call);
  InsertAt(draft, at, {call}, slots.ids);
}

void Drop(Random& random, Draft& draft, const Program&) {
  if (draft.calls.empty()) return;
  const size_t at = random.Below(draft.calls.size());
  size_t count = random.OneIn(4) ? 1 + random.Below(8) : 1;
  count = std::min(count, draft.calls.size() - at);
  draft.calls.erase(draft.calls.begin() + at, draft.calls.begin() + at + count);
}

// Copies a run of calls to somewhere behind it; what they make is made anew.
void Repeat(Random& random, Draft& draft, const Program&) {
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

void Move(Random& random, Draft& draft, const Program&) {
  if (draft.calls.size() < 2) return;
  const size_t from = random.Below(draft.calls.size());
  const DraftCall call = draft.calls[from];
  draft.calls.erase(draft.calls.begin() + from);
  draft.calls.insert(draft.calls.begin() + AnyPlace(random, draft), call);
}

// Points one reference, or from there on every one like it, at another slot.
void Retarget(Random& random, Draft& draft, const Program&) {
  const std::optional<Reference> place = AnyReference(random, draft);
  if (!place) return;
  const Slots slots(draft, place->call);
  const Op op = draft.calls[place->call].call.op;
  const int64_t to =
      slots.IdOf(GenerateSlot(random, slots.kinds, op, place->argument));
  int64_t from = kNoFd;
  ForEachSlotWord(draft.calls[place->call].call,
                  [&](int64_t& word, size_t argument) {
                    if (argument == place->argument) {
                      from = word;
                      word = to;
                    }
                  });
  if (from == kNoFd || !random.OneIn(4)) return;
  for (size_t i = place->call + 1; i < draft.calls.size(); ++i) {
    ForEachSlotWord(draft.calls[i].call, [&](int64_t& word, size_t) {
      if (word == from) word = to;
    });
  }
}

// Redraws one argument, or all.
void ChangeArguments(Random& random, Draft& draft, const Program&) {
  if (draft.calls.empty()) return;
  const size_t at = random.Below(draft.calls.size());
  const Slots slots(draft, at);
  Call call = slots.Numbered(draft.calls[at].call);
  if (random.OneIn(4)) {
    GenerateArguments(random, slots.kinds, &call);
  } else {
    GenerateArgument(random, slots.kinds,
                     random.Below(Describe(call.op).arg_count), &call);
  }
  draft.calls[at].call = slots.Identified(call);
}

// Puts an epoll around one that is waited on: from there on, half of the waits
// are for the outer one.
void Nest(Random& random, Draft& draft, const Program&) {
  std::vector<size_t> waits;
  for (size_t i = 0; i < draft.calls.size(); ++i) {
    if (draft.calls[i].call.op == Op::kEpollWait) waits.push_back(i);
  }
  if (waits.empty()) return;
  const size_t at = waits[random.Below(waits.size())];
  const int64_t inner = draft.calls[at].call.args[0];
  Slots slots(draft, at);
  const auto found = std::find(slots.ids.begin(), slots.ids.end(), inner);
  if (found == slots.ids.end()) return;
  const int64_t outer_slot = static_cast<int64_t>(slots.kinds.size());
  const Call make{Op::kEpollCreate1, {0}};
  AppendKinds(make, &slots.kinds);
  Call add{Op::kEpollCtl, {}};
  GenerateArguments(random, slots.kinds, &add);
  add.args[0] = outer_slot;
  add.args[1] = EPOLL_CTL_ADD;
  add.args[2] = found - slots.ids.begin();
  InsertAt(draft, at, {make, add}, slots.ids);
  const int64_t outer = slots.IdOf(outer_slot);
  for (size_t i = at + 2; i < draft.calls.size(); ++i) {
    Call& call = draft.calls[i].call;
    if (call.op == Op::kEpollWait && call.args[0] == inner && random.OneIn(2)) {
      call.args[0] = outer;
    }
  }
}

// --- Crossovers

// The head of the draft, then all of `other` or its tail; references that are
// lost are retargeted.
void Splice(Random& random, Draft& draft, const Program& other) {
  const size_t cut = AnyPlace(random, draft);
  const size_t split = draft.calls.size();
  const size_t skip =
      random.OneIn(2) ? 0 : random.Below(other.calls.size() + 1);
  draft.Append(other);
  draft.calls.erase(draft.calls.begin() + cut,
                    draft.calls.begin() + split + skip);
}

// All of `other` in the middle of the draft.
void Embed(Random& random, Draft& draft, const Program& other) {
  const size_t cut = AnyPlace(random, draft);
  const size_t split = draft.calls.size();
  draft.Append(other);
  std::rotate(draft.calls.begin() + cut, draft.calls.begin() + split,
              draft.calls.end());
}

bool MakesEpoll(const DraftCall& draft) {
  return Describe(draft.call.op).prefix == "ep";
}

std::vector<int64_t> EpollsIn(std::span<const DraftCall> calls) {
  std::vector<int64_t> epolls;
  for (const DraftCall& call : calls) {
    if (MakesEpoll(call)) epolls.push_back(call.first_made);
  }
  return epolls;
}

// Of `calls`, those that make one file, drawn at random, and all that use it or
// what was made from it.
std::vector<DraftCall> Component(Random& random,
                                 std::span<const DraftCall> calls) {
  std::vector<size_t> makers;
  for (size_t i = 0; i < calls.size(); ++i) {
    const bool makes = calls[i].first_made != kNoFd;
    if (makes && !MakesEpoll(calls[i])) makers.push_back(i);
  }
  std::vector<DraftCall> component;
  if (makers.empty()) return component;
  const size_t root = makers[random.Below(makers.size())];
  std::set<int64_t> made;
  for (size_t i = root; i < calls.size(); ++i) {
    bool related = i == root;
    ForEachSlotWord(calls[i].call, [&](int64_t word, size_t) {
      related |= made.count(word) > 0;
    });
    if (!related) continue;
    for (int j = 0; j < Describe(calls[i].call.op).slots_made(); ++j) {
      made.insert(calls[i].first_made + j);
    }
    component.push_back(calls[i]);
  }
  return component;
}

// The calls of `other` that have to do with one file, in their order, strewn
// over the draft. Its epolls are taken to be epolls of the draft, the same one
// always the same; other references are lost.
void Graft(Random& random, Draft& draft, const Program& other) {
  const size_t split = draft.calls.size();
  const std::vector<int64_t> ours = EpollsIn(draft.calls);
  draft.Append(other);
  const std::span<const DraftCall> appended =
      std::span(draft.calls).subspan(split);
  const std::vector<int64_t> theirs = EpollsIn(appended);
  const std::vector<DraftCall> component = Component(random, appended);
  draft.calls.resize(split);
  size_t at = AnyPlace(random, draft);
  for (DraftCall call : component) {
    ForEachSlotWord(call.call, [&](int64_t& word, size_t) {
      const auto epoll = std::find(theirs.begin(), theirs.end(), word);
      if (epoll == theirs.end() || ours.empty()) return;
      word = ours[(epoll - theirs.begin()) % ours.size()];
    });
    draft.calls.insert(draft.calls.begin() + at, call);
    at += 1 + random.Below(draft.calls.size() - at);
  }
}

// --- The table

struct Row {
  MutatorInfo info;
  int weight;
  bool crosses;  // takes from another program
  void (*run)(Random&, Draft&, const Program&);
};

constexpr Row kRows[] = {
    {{"generate", "a program from nothing"}, 0, false, nullptr},
    {{"insert", "a random call"}, 6, false, Insert},
    {{"insert-snippet", "calls that belong together"}, 2, false, InsertSnippet},
    {{"insert-wait", "a wait"}, 2, false, InsertWait},
    {{"drop", "one call less, or a few"}, 2, false, Drop},
    {{"repeat", "a run of calls once more, later"}, 2, false, Repeat},
    {{"move", "a call elsewhere"}, 2, false, Move},
    {{"retarget", "another descriptor"}, 1, false, Retarget},
    {{"change", "one argument redrawn, or all"}, 4, false, ChangeArguments},
    {{"nest", "an epoll around one that is waited on"}, 1, false, Nest},
    {{"splice", "the head of one, the tail of another"}, 2, true, Splice},
    {{"embed", "one in the middle of another"}, 1, true, Embed},
    {{"graft", "a file and its calls, from another"}, 1, true, Graft},
};
static_assert(std::size(kRows) <= 8 * sizeof(MutatorSet));

constexpr auto kInfos = [] {
  std::array<MutatorInfo, std::size(kRows)> infos;
  for (size_t i = 0; i < infos.size(); ++i) infos[i] = kRows[i].info;
  return infos;
}();

constexpr int TotalWeight(bool crosses) {
  int total = 0;
  for (const Row& row : kRows) total += row.crosses == crosses ? row.weight : 0;
  return total;
}

// Applies a mutator drawn by weight, and adds it to `used`.
void Apply(Random& random, bool crosses, Draft& draft, const Program& other,
           MutatorSet* used) {
  int at = static_cast<int>(random.Below(TotalWeight(crosses)));
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].crosses != crosses || (at -= kRows[i].weight) >= 0) continue;
    kRows[i].run(random, draft, other);
    *used |= MutatorSet{1} << i;
    return;
  }
}

// Long programs are slow and show nothing that short ones do not.
void WriteShort(Random& random, Draft& draft, Program* program) {
  while (draft.calls.size() > kMostCalls) Drop(random, draft, {});
  Write(random, draft, program);
}

}  // namespace

std::span<const MutatorInfo> AllMutators() { return kInfos; }

std::string NamesOf(MutatorSet mutators) {
  std::string names;
  for (size_t i = 0; i < kInfos.size(); ++i) {
    if ((mutators >> i & 1) == 0) continue;
    if (!names.empty()) names += '+';
    names += kInfos[i].name;
  }
  return names;
}

MutatorSet MutateProgram(Random& random, Program* program) {
  Draft draft(*program);
  MutatorSet used = 0;
  const size_t changes = random.OneIn(2) ? 1 : 1 + random.Below(6);
  for (size_t i = 0; i < changes; ++i) Apply(random, false, draft, {}, &used);
  WriteShort(random, draft, program);
  return used;
}

MutatorSet CrossOver(Random& random, const Program& a, const Program& b,
                     Program* out) {
  Draft draft(a);
  MutatorSet used = 0;
  Apply(random, true, draft, b, &used);
  WriteShort(random, draft, out);
  return used;
}

}  // namespace pollux
