// Calls of a log and what is put in between.

#include "tools/imported_program.h"

#include <algorithm>

namespace pollux {

DraftCall ImportedProgram::Identify(const Call& call) {
  ++calls_;
  slots_ += Describe(call.op).slots_made();
  return {call, draft_.NewIds(call)};
}

int64_t ImportedProgram::Emit(const Call& call) {
  emitted_.push_back(Identify(call));
  before_.resize(emitted_.size() + 1);
  return emitted_.back().first_made;
}

int64_t ImportedProgram::MakeUp(size_t at, const Call& call) {
  ++made_up_;
  before_[at].push_back(Identify(call));
  return before_[at].back().first_made;
}

void ImportedProgram::MakeUpBeforeClose(size_t at, int64_t id,
                                        const Call& call) {
  ++made_up_;
  const auto close = std::find_if(
      before_[at].begin(), before_[at].end(), [&](const DraftCall& draft) {
        return draft.call.op == Op::kClose && draft.call.args[0] == id;
      });
  before_[at].insert(close, Identify(call));
}

void ImportedProgram::Write(Program* program) const {
  Draft draft = draft_;
  for (size_t i = 0; i < before_.size(); ++i) {
    draft.calls.insert(draft.calls.end(), before_[i].begin(), before_[i].end());
    if (i < emitted_.size()) draft.calls.push_back(emitted_[i]);
  }
  draft.Write(program, [](const Call&, size_t) { return kNoFd; });
}

}  // namespace pollux
