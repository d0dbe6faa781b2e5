// Decode, mutate, encode.

#include "fuzz/wire_mutator.h"

#include "diff/wire_format.h"
#include "fuzz/generator.h"

namespace pollux {
namespace {

// Programs that are made from nothing: their length in calls, and how often.
constexpr size_t kFreshCalls = 30;
constexpr size_t kFreshOneIn = 20;

}  // namespace

WireMutator::Bytes WireMutator::Encode(const Program& program) {
  EncodeWire(program, &bytes_);
  return bytes_;
}

WireMutator::Bytes WireMutator::Mutate(uint64_t seed, Bytes bytes) {
  Random random(seed);
  if (bytes.size() < 2 || random.OneIn(kFreshOneIn)) {
    GenerateProgram(random, kFreshCalls, &program_);
    used_ = kFreshProgram;
  } else {
    DecodeWire(bytes, &program_);
    used_ = MutateProgram(random, &program_);
  }
  return Encode(program_);
}

WireMutator::Bytes WireMutator::Cross(uint64_t seed, Bytes a, Bytes b) {
  Random random(seed);
  DecodeWire(a, &program_);
  DecodeWire(b, &other_);
  used_ = CrossOver(random, program_, other_, &crossed_);
  return Encode(crossed_);
}

WireMutator::Bytes WireMutator::Canonical(Bytes bytes) {
  DecodeWire(bytes, &program_);
  return Encode(program_);
}

}  // namespace pollux
