// Programs: well-formedness.

#include "diff/program.h"

#include <algorithm>

#include "core/thread.h"

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
        if (out[0] == kGoodPointer) {
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
      case ArgKind::kInt:
      case ArgKind::kThread:
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
  call->args = args;
  call->thread %= kMaxThreads;
  if (!IsForAnyThread(call->op)) call->thread = 0;
  // Thread 0 tells by its handlers alone that a signal has ended a wait.
  if (call->op == Op::kRtSigprocmask && call->thread == 0 &&
      (SignalsOf(call->args[1]) & kWinch)) {
    call->args[1] = kGoodPointer;
  }
}

}  // namespace

bool WaitsForScan(const Call& call) {
  if (Describe(call.op).while_frozen == WhileFrozen::kRuns) return false;
  const bool wait = call.op == Op::kEpollWait || call.op == Op::kEpollPwait ||
                    call.op == Op::kEpollPwait2;
  return !wait || call.thread % kMaxThreads == 0;
}

bool UsesThreads(const Call& call) {
  return call.thread != 0 || call.op == Op::kTgkill ||
         call.op == Op::kRtSigprocmask || call.op == Op::kExpire;
}

int CountThreads(const Program& program) {
  int threads = 0;
  for (const Call& call : program.calls) {
    if (!UsesThreads(call)) continue;
    threads = std::max(threads, call.thread + 1);
    if (call.op == Op::kTgkill) {
      threads = std::max(threads, static_cast<int>(call.args[0]) + 1);
    }
  }
  return threads;
}

// Not what is of the calling thread (signals that it raises, a frozen scan) or
// changes more than files.
bool IsForAnyThread(Op op) {
  switch (op) {
    case Op::kEpollCreate:
    case Op::kEpollCreate1:
    case Op::kEpollCtl:
    case Op::kEpollWait:
    case Op::kEpollPwait:
    case Op::kEpollPwait2:
    case Op::kPoll:
    case Op::kClose:
    case Op::kDup:
    case Op::kDup2:
    case Op::kDup3:
    case Op::kRead:
    case Op::kWrite:
    case Op::kPipe2:
    case Op::kEventfd2:
    case Op::kSocketpair:
    case Op::kShutdown:
    case Op::kSend:
    case Op::kRecv:
    case Op::kTgkill:
    case Op::kRtSigprocmask:
      return true;
    default:
      return false;
  }
}

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
  const bool waits = WaitsForScan(call);
  // There must be room for the thaws before it and after all, too.
  const bool thaws = frozen_ && call.op != Op::kThaw && waits;
  const bool freezes = call.op == Op::kFreeze || (frozen_ && !waits);
  if (program_->calls.size() + thaws + 1 + freezes > Program::kMaxCalls ||
      slots_ + info.slots_made() > Program::kMaxSlots) {
    return false;
  }
  if (call.op == Op::kThaw) {
    if (!frozen_) return true;
    frozen_ = false;
  } else if (waits) {
    Thaw();
    frozen_ = call.op == Op::kFreeze;
  }
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
