// The mutators as a library for AFL++ (AFL_CUSTOM_MUTATOR_LIBRARY).
//
// afl-fuzz calls these functions by their names; its manual, custom_mutators.md,
// says when. Buffers that are handed out stay ours.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "diff/draft.h"
#include "diff/wire_format.h"
#include "fuzz/random.h"
#include "fuzz/wire_mutator.h"

namespace pollux {
namespace {

constexpr size_t kCrossOneIn = 5;

// Drops one call after the other, from the last to the first, with the calls
// that use what it makes.
class Trimmer {
 public:
  // How many steps there are.
  int Start(WireMutator::Bytes bytes) {
    original_.assign(bytes.begin(), bytes.end());
    DecodeWire(bytes, &program_);
    calls_ = left_ = program_.calls.size();
    return static_cast<int>(calls_);
  }

  WireMutator::Bytes Try() {
    Draft draft(program_);
    draft.DropWithUses(left_ - 1, left_);
    draft.Write(&candidate_, [](const Call&, size_t) { return kNoFd; });
    EncodeWire(candidate_, &bytes_);
    if (bytes_.size() <= original_.size()) return bytes_;
    // A trimmed input must not be longer, as that of an odd encoding may be.
    candidate_ = program_;
    return original_;
  }

  // Steps done.
  int Finish(bool same_coverage) {
    if (same_coverage) program_ = candidate_;
    left_ = std::min(left_ - 1, program_.calls.size());
    return static_cast<int>(calls_ - left_);
  }

 private:
  std::vector<uint8_t> original_;
  Program program_;  // the smallest that covers the same
  Program candidate_;
  std::vector<uint8_t> bytes_;
  size_t calls_ = 0;
  size_t left_ = 0;  // calls that were not tried yet
};

struct AflMutator {
  Random random;
  WireMutator mutator;
  WireMutator post_processor;
  Trimmer trimmer;
  std::string description;
};

size_t HandOut(WireMutator::Bytes bytes, uint8_t** out, size_t max_size) {
  *out = const_cast<uint8_t*>(bytes.data());
  return std::min(bytes.size(), max_size);
}

}  // namespace
}  // namespace pollux

using pollux::AflMutator;

extern "C" {

void* afl_custom_init(void* /*afl*/, unsigned int seed) {
  return new AflMutator{pollux::Random(seed), {}, {}, {}, ""};
}

void afl_custom_deinit(AflMutator* data) { delete data; }

// Mutates `buf`, or crosses it with `add_buf`, another input of the queue.
size_t afl_custom_fuzz(AflMutator* data, uint8_t* buf, size_t buf_size,
                       uint8_t** out_buf, uint8_t* add_buf, size_t add_buf_size,
                       size_t max_size) {
  const uint64_t seed = data->random.Next();
  const bool cross = add_buf != nullptr && add_buf_size > 0 &&
                     data->random.OneIn(pollux::kCrossOneIn);
  return pollux::HandOut(cross ? data->mutator.Cross(seed, {buf, buf_size},
                                                     {add_buf, add_buf_size})
                               : data->mutator.Mutate(seed, {buf, buf_size}),
                         out_buf, max_size);
}

// Goes into the name of an input that is kept.
const char* afl_custom_describe(AflMutator* data, size_t max_size) {
  data->description = pollux::NamesOf(data->mutator.used());
  data->description.resize(std::min(data->description.size(), max_size));
  return data->description.c_str();
}

// What the byte mutators of afl-fuzz made is run and kept as the program that
// it stands for.
size_t afl_custom_post_process(AflMutator* data, uint8_t* buf, size_t buf_size,
                               uint8_t** out_buf) {
  return pollux::HandOut(data->post_processor.Canonical({buf, buf_size}),
                         out_buf, SIZE_MAX);
}

int afl_custom_init_trim(AflMutator* data, uint8_t* buf, size_t buf_size) {
  return data->trimmer.Start({buf, buf_size});
}

size_t afl_custom_trim(AflMutator* data, uint8_t** out_buf) {
  return pollux::HandOut(data->trimmer.Try(), out_buf, SIZE_MAX);
}

int afl_custom_post_trim(AflMutator* data, uint8_t success) {
  return data->trimmer.Finish(success != 0);
}

}  // extern "C"
