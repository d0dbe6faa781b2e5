// What an agent and those who use it say to each other.
//
// The grammar is at the top of agent_messages.cc. Every decoder meets bytes
// that a stranger may have written, and answers false where they mean nothing.

#ifndef POLLUX_DIFF_AGENT_MESSAGES_H_
#define POLLUX_DIFF_AGENT_MESSAGES_H_

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/machine.h"
#include "diff/script.h"

namespace pollux {

using Ops = std::bitset<kOpCount>;

// A number that tells two versions of the call table apart: a wire program
// means the same to both ends only if it is the same.
uint64_t HashOfCalls();

// What an agent says of itself and of the kernel that it runs on.
struct Hello {
  static constexpr uint64_t kVersion = 1;  // of the protocol

  std::string system;   // "Linux"
  std::string release;  // "6.1.176-..."
  std::string arch;     // "x86_64"
  bool can_freeze = false;
  Ops missing;  // calls that do not exist there
  Machine machine;
};

struct RunMessage {
  uint64_t id = 0;
  bool eager = false;  // tell of every call before the next is made
  Script script;
};

struct StepsMessage {
  uint64_t id = 0;
  bool done = false;  // no steps follow
  Fault fault = Fault::kNone;
};

void EncodeHello(const Hello& hello, std::vector<uint8_t>* bytes);
// False also if it speaks another version, or of other calls.
bool DecodeHello(std::span<const uint8_t> bytes, Hello* hello);

void EncodeRun(const RunMessage& run, std::vector<uint8_t>* bytes);
bool DecodeRun(std::span<const uint8_t> bytes, RunMessage* run);

// The head of kSteps, and behind it any number of steps.
void EncodeStepsHead(const StepsMessage& head, std::vector<uint8_t>* bytes);
void EncodeStep(const Step& step, std::vector<uint8_t>* bytes);
// Appends to `steps` those of the message, whose witnesses answer the questions
// of `script`.
bool DecodeSteps(std::span<const uint8_t> bytes, const Script& script,
                 StepsMessage* head, std::vector<Step>* steps);
// The head alone.
bool DecodeStepsHead(std::span<const uint8_t> bytes, StepsMessage* head);

}  // namespace pollux

#endif  // POLLUX_DIFF_AGENT_MESSAGES_H_
