// The wire format.
//
//   program = { record } ;
//   record  = opcode length { word } ;
//   opcode  = byte ;                     (* of calls.def, or some call's *)
//   length  = byte ;                     (* of the words, in bytes *)
//   word    = { byte >= 0x80 } byte < 0x80 ;   (* LEB128 *)
//
// Behind the words of a call's arguments comes one for its thread.
//
// A word that names a slot is the slot plus 1, or 0 for -1. Any other is in
// zigzag (0, -1, 1, -2, ... as 0, 1, 2, 3, ...). Words missing at the end of a
// record are 0, surplus bytes are skipped, the last record may be cut short,
// slots wrap round at the number that exists, and what a call does not allow
// is brought into its range (ProgramBuilder). So an edit of the bytes changes
// one call, unless it hits a length.

#include "diff/wire_format.h"

#include <algorithm>

namespace pollux {
namespace {

constexpr size_t kHeader = 2;  // opcode, length

bool IsSlot(ArgKind kind, int word) {
  return word == 0 && (kind == ArgKind::kFd || kind == ArgKind::kPollFd);
}

uint64_t TakeVarint(std::span<const uint8_t>& bytes) {
  uint64_t value = 0;
  for (int shift = 0; !bytes.empty(); shift += 7) {
    const uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (shift < 64) value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

void PutVarint(uint64_t value, std::vector<uint8_t>* bytes) {
  for (; value >= 0x80; value >>= 7) {
    bytes->push_back(static_cast<uint8_t>(value | 0x80));
  }
  bytes->push_back(static_cast<uint8_t>(value));
}

int64_t FromZigzag(uint64_t z) {
  return static_cast<int64_t>((z >> 1) ^ (0 - (z & 1)));
}

uint64_t ToZigzag(int64_t word) {
  return (static_cast<uint64_t>(word) << 1) ^ static_cast<uint64_t>(word >> 63);
}

Call DecodeCall(uint8_t opcode, std::span<const uint8_t> payload) {
  Call call{OpOfOpcode(opcode), {}};
  int at = 0;
  for (const ArgInfo& arg : Describe(call.op)) {
    for (int i = 0; i < WordsOf(arg.kind); ++i, ++at) {
      const uint64_t value = TakeVarint(payload);
      call.args[at] = IsSlot(arg.kind, i) ? static_cast<int64_t>(value) - 1
                                          : FromZigzag(value);
    }
  }
  call.thread = static_cast<uint8_t>(TakeVarint(payload));
  return call;
}

void EncodeCall(const Call& call, std::vector<uint8_t>* bytes) {
  const CallInfo& info = Describe(call.op);
  bytes->push_back(info.opcode);
  const size_t length_at = bytes->size();
  bytes->push_back(0);
  size_t end = bytes->size();  // behind the last word that is not 0
  int at = 0;
  for (const ArgInfo& arg : info) {
    for (int i = 0; i < WordsOf(arg.kind); ++i, ++at) {
      const int64_t word = call.args[at];
      const uint64_t value = IsSlot(arg.kind, i)
                                 ? static_cast<uint64_t>(word + 1)
                                 : ToZigzag(word);
      PutVarint(value, bytes);
      if (value != 0) end = bytes->size();
    }
  }
  PutVarint(call.thread, bytes);
  if (call.thread != 0) end = bytes->size();
  bytes->resize(end);
  (*bytes)[length_at] = static_cast<uint8_t>(end - length_at - 1);
}

}  // namespace

void DecodeWire(std::span<const uint8_t> bytes, Program* program) {
  ProgramBuilder builder(program);
  while (!bytes.empty()) {
    const uint8_t opcode = bytes[0];
    const size_t claimed = bytes.size() > 1 ? bytes[1] : 0;
    bytes = bytes.subspan(std::min(bytes.size(), kHeader));
    const size_t length = std::min(bytes.size(), claimed);
    if (!builder.Append(DecodeCall(opcode, bytes.first(length)))) break;
    bytes = bytes.subspan(length);
  }
  builder.Finish();
}

void EncodeWire(const Program& program, std::vector<uint8_t>* bytes) {
  bytes->clear();
  for (const Call& call : program.calls) EncodeCall(call, bytes);
}

void AppendWireWord(int64_t word, std::vector<uint8_t>* bytes) {
  PutVarint(ToZigzag(word), bytes);
}

}  // namespace pollux
