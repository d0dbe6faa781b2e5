// The agent: runs the scripts that come in over a stream.
//
//   Agent agent(&host, write_all);
//   agent.Greet(hello);
//   while (... bytes came ... && agent.Feed(bytes)) {
//   }
//
// It holds no more than one script at a time, and outlives any input.

#ifndef POLLUX_DIFF_AGENT_H_
#define POLLUX_DIFF_AGENT_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "diff/agent_messages.h"
#include "diff/executor.h"
#include "diff/frame.h"
#include "diff/subject.h"

namespace pollux {

class Agent {
 public:
  using Output = std::function<void(std::span<const uint8_t>)>;

  // `subject` must outlive the agent. `output` sends all of the bytes.
  Agent(Subject* subject, Output output)
      : subject_(subject), executor_(subject), output_(std::move(output)) {}

  void Greet(const Hello& hello);

  // Takes bytes of the stream, whatever they are, and answers them. False once
  // the other end has said goodbye.
  bool Feed(std::span<const uint8_t> bytes);

 private:
  void Run(std::span<const uint8_t> payload);
  // Makes the call and takes the look behind it.
  void Make(size_t call);
  void Send(FrameType type, std::span<const uint8_t> payload);
  // Sends the steps so far, if they are many or `flush`.
  void SendSteps(const StepsMessage& head, bool flush);
  void Flush();
  void Complain(std::string_view why);

  Subject* subject_;
  Executor executor_;
  const Output output_;
  FrameReader reader_;
  RunMessage run_;
  Step step_;
  std::vector<uint8_t> steps_;  // a payload in the making
  std::vector<uint8_t> out_;    // frames that were not sent yet
};

// The calls that do not exist on a subject: those that answer ENOSYS, or know
// no AF_UNIX.
Ops MissingCalls(Subject* subject);

}  // namespace pollux

#endif  // POLLUX_DIFF_AGENT_H_
