// The agent: frames in, frames out.

#include "diff/agent.h"

#include <errno.h>

namespace pollux {
namespace {

// Sent when so many bytes wait, or when there is nothing else to do.
constexpr size_t kFlushBytes = 32 << 10;
constexpr size_t kMostStepsBytes = 256 << 10;  // of one message

}  // namespace

bool Agent::Feed(std::span<const uint8_t> bytes) {
  reader_.Append(bytes);
  FrameType type;
  std::span<const uint8_t> payload;
  while (reader_.Next(&type, &payload)) {
    switch (type) {
      case FrameType::kRun:
        Run(payload);
        break;
      case FrameType::kBye:
        Flush();
        return false;
      default:
        Complain("a message that only agents send");
    }
  }
  Flush();
  return true;
}

void Agent::Greet(const Hello& hello) {
  std::vector<uint8_t> payload;
  EncodeHello(hello, &payload);
  Send(FrameType::kHello, payload);
  Flush();
}

void Agent::Run(std::span<const uint8_t> payload) {
  if (!DecodeRun(payload, &run_)) return Complain("a script cut short");
  StepsMessage head{.id = run_.id};
  steps_.clear();
  EncodeStepsHead(head, &steps_);
  executor_.Begin();
  for (size_t call = 0; call < run_.script.program.calls.size(); ++call) {
    Make(call);
    SendSteps(head, run_.eager);
    head.fault = subject_->fault();
    if (head.fault != Fault::kNone) break;
  }
  executor_.End();
  // The end has a message of its own: the head comes first, and what it says is
  // known only now.
  if (!run_.eager) SendSteps(head, true);
  head.done = true;
  steps_.clear();
  EncodeStepsHead(head, &steps_);
  Send(FrameType::kSteps, steps_);
}

void Agent::Make(size_t call) {
  const Script& script = run_.script;
  executor_.Execute(script.program.calls[call], &step_.outcome);
  step_.witness.Clear();
  if (!script.looks.empty()) {
    step_.witness = script.looks[call];
    step_.witness.Ask(subject_);
  }
  EncodeStep(step_, &steps_);
}

void Agent::SendSteps(const StepsMessage& head, bool flush) {
  if (!flush && steps_.size() < kMostStepsBytes) return;
  Send(FrameType::kSteps, steps_);
  if (run_.eager) Flush();
  steps_.clear();
  EncodeStepsHead(head, &steps_);
}

void Agent::Send(FrameType type, std::span<const uint8_t> payload) {
  PutFrame(type, payload, &out_);
  if (out_.size() >= kFlushBytes) Flush();
}

void Agent::Flush() {
  if (!out_.empty()) output_(out_);
  out_.clear();
}

void Agent::Complain(std::string_view why) {
  const auto* text = reinterpret_cast<const uint8_t*>(why.data());
  Send(FrameType::kComplaint, {text, why.size()});
}

Ops MissingCalls(Subject* subject) {
  Ops missing;
  Executor executor(subject);
  Program program;
  Outcome outcome;
  for (const CallInfo& call : AllCalls()) {
    if (call.op == Op::kFreeze || call.op == Op::kThaw) continue;
    ProgramBuilder builder(&program);
    builder.Append({call.op, {}});
    executor.Begin();
    executor.Execute(program.calls[0], &outcome);
    executor.End();
    if (outcome.result == -ENOSYS || outcome.result == -EAFNOSUPPORT) {
      missing.set(static_cast<size_t>(call.op));
    }
  }
  return missing;
}

}  // namespace pollux
