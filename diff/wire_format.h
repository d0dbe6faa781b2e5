// Programs as bytes, for fuzzers and agents.
//
// The grammar is at the top of wire_format.cc. Every byte string is some
// program, and a small edit of the bytes is a small edit of the program. What
// Encode writes, Decode reads back unchanged.

#ifndef POLLUX_DIFF_WIRE_FORMAT_H_
#define POLLUX_DIFF_WIRE_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "diff/program.h"

namespace pollux {

// Never fails. Keeps the memory of `program`.
void DecodeWire(std::span<const uint8_t> bytes, Program* program);

void EncodeWire(const Program& program, std::vector<uint8_t>* bytes);

// Appends a word that is no slot, as it stands in a record.
void AppendWireWord(int64_t word, std::vector<uint8_t>* bytes);

}  // namespace pollux

#endif  // POLLUX_DIFF_WIRE_FORMAT_H_
