// Frames: messages on a stream of bytes that may hold anything.
//
// The grammar is at the top of frame.cc. A stream may begin with, and be
// interrupted by, bytes that are no frame (a kernel that boots prints on the
// same line): they are skipped, counted, and the last of them kept.

#ifndef POLLUX_DIFF_FRAME_H_
#define POLLUX_DIFF_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pollux {

enum class FrameType : uint8_t {
  kHello = 1,      // from the agent, first of all: what it runs on
  kRun = 2,        // to it: a script
  kSteps = 3,      // from it: what came of some calls of a script
  kComplaint = 4,  // from it: what it does not understand, as text
  kBye = 5,        // to it: the end
};

inline constexpr size_t kMaxPayload = 16 << 20;  // bytes

// Appends a frame.
void PutFrame(FrameType type, std::span<const uint8_t> payload,
              std::vector<uint8_t>* bytes);

class FrameReader {
 public:
  void Append(std::span<const uint8_t> bytes);

  // Takes the next frame. False: there is none yet. The payload is valid until
  // the next call of Append or Next.
  bool Next(FrameType* type, std::span<const uint8_t>* payload);

  // Bytes so far that belonged to no frame, and the last of them.
  uint64_t skipped() const { return skipped_; }
  const std::string& noise() const { return noise_; }

 private:
  static constexpr size_t kMostNoise = 2048;

  void Skip(size_t count);
  std::span<const uint8_t> rest() const {
    return std::span(buffer_).subspan(start_);
  }

  std::vector<uint8_t> buffer_;
  size_t start_ = 0;  // of what was not taken yet
  uint64_t skipped_ = 0;
  std::string noise_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_FRAME_H_
