// Programs: well-formedness.

#include "diff/program.h"

#include "core/socket.h"

namespace pollux {
namespace {

// The slot that a word stands for when `slots` exist: itself, if it can be.
int64_t AdmissibleSlot(int64_t word, int slots) {
  if (word < 0 || slots == 0) return kNoFd;
  return word % slots;
}

// Makes every word one that the call table allows, and unused words 0.
void Canonicalize(Call* call, int slots) {
  std::array<int64_t, Call::kMaxWords> args = {};
  int at = 0;
  for (const ArgInfo& arg : Describe(call->op)) {
    const int64_t* in = &call->args[at];
    int64_t* out = &args[at];
    switch (arg.kind) {
      case ArgKind::kFd:
        out[0] = AdmissibleSlot(in[0], slots);
        break;
      case ArgKind::kPollFd:
        out[0] = AdmissibleSlot(in[0], slots);
        out[1] = in[1] & 0xffff;
        break;
      case ArgKind::kEventPointer:
        out[0] = Admissible(arg, in[0]);
        if (IsGood(out[0])) {
          out[1] = in[1] & 0xffffffff;
          out[2] = in[2];
        }
        break;
      case ArgKind::kTimespec:
        out[0] = Admissible(arg, in[0]);
        if (out[0] == kGoodPointer) {
          out[1] = in[1];
          out[2] = in[2];
        }
        break;
      case ArgKind::kBuffer:
      case ArgKind::kSigmask:
      case ArgKind::kPlace:
      case ArgKind::kInt:
      case ArgKind::kEnum:
      case ArgKind::kFlags:
        out[0] = Admissible(arg, in[0]);
        break;
      case ArgKind::kValueIn:
        out[0] = in[0];
        break;
      case ArgKind::kLiteral:
      case ArgKind::kValueOut:
      case ArgKind::kNumberOut:
        break;
    }
    at += WordsOf(arg.kind);
  }
  if (call->op == Op::kSetsockopt || call->op == Op::kGetsockopt) {
    args[1] = LevelOf(static_cast<int>(args[2]));
  }
  call->args = args;
}

}  // namespace

int CountSlots(const Program& program) {
  int slots = 0;
  for (const Call& call : program.calls)
    slots += Describe(call.op).slots_made();
  return slots;
}

ProgramBuilder::ProgramBuilder(Program* program) : program_(program) {
  program->calls.clear();
  program->names.clear();
}

bool ProgramBuilder::Append(Call call) {
  const CallInfo& info = Describe(call.op);
  // There must be room for the thaws before it and after all, too.
  const bool thaws = frozen_ && call.op != Op::kThaw && Waits(info);
  const bool freezes = call.op == Op::kFreeze || (frozen_ && !Waits(info));
  if (program_->calls.size() + thaws + 1 + freezes > Program::kMaxCalls ||
      slots_ + info.slots_made() > Program::kMaxSlots) {
    return false;
  }
  if (call.op == Op::kThaw) {
    if (!frozen_) return true;
    frozen_ = false;
  } else if (Waits(info)) {
    Thaw();
    frozen_ = call.op == Op::kFreeze;
  }
  holds_ |= call.op == Op::kFork || call.op == Op::kSendFd;
  Canonicalize(&call, slots_);
  program_->calls.push_back(call);
  slots_ += info.slots_made();
  return true;
}

void ProgramBuilder::Thaw() {
  if (!frozen_) return;
  program_->calls.push_back({Op::kThaw, {}});
  frozen_ = false;
}

void ProgramBuilder::Finish() { Thaw(); }

}  // namespace pollux
