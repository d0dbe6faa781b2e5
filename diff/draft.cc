// Identities for slots.

#include "diff/draft.h"

namespace pollux {

void Draft::Append(const Program& program) {
  std::vector<int64_t> ids;
  calls.reserve(calls.size() + program.calls.size());
  for (const Call& call : program.calls) calls.push_back(Adopt(call, ids));
}

DraftCall Draft::Adopt(Call call, std::vector<int64_t>& ids) {
  ForEachSlotWord(call, [&](int64_t& word, size_t) {
    word = word >= 0 && word < static_cast<int64_t>(ids.size()) ? ids[word]
                                                                : kNoFd;
  });
  return {call, NewIds(call, &ids)};
}

int64_t Draft::NewIds(const Call& call, std::vector<int64_t>* ids) {
  const int made = Describe(call.op).slots_made();
  const int64_t first = made == 0 ? kNoFd : next_id_;
  for (int i = 0; i < made; ++i, ++next_id_) {
    if (ids != nullptr) ids->push_back(next_id_);
  }
  return first;
}

void Draft::DropWithUses(size_t from, size_t to) {
  std::vector<bool> gone(next_id_, false);
  std::vector<DraftCall> kept;
  kept.reserve(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    const DraftCall& draft = calls[i];
    bool drop = i >= from && i < to;
    ForEachSlotWord(draft.call, [&](int64_t word, size_t) {
      drop |= word != kNoFd && gone[word];
    });
    if (!drop) {
      kept.push_back(draft);
      continue;
    }
    for (int j = 0; j < Describe(draft.call.op).slots_made(); ++j) {
      gone[draft.first_made + j] = true;
    }
  }
  calls = std::move(kept);
}

}  // namespace pollux
