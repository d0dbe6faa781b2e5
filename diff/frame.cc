// Frames on a stream.
//
//   stream   = { frame | noise } ;
//   frame    = magic type length payload checksum ;
//   magic    = "P" "l" "x" "1" ;       (* the last is the version of this *)
//   type     = byte ;                  (* FrameType; unknown ones are noise *)
//   length   = 4 bytes ;               (* of the payload; at most 16 MiB *)
//   payload  = { byte } ;              (* agent_messages.cc *)
//   checksum = 4 bytes ;               (* FNV-1a of type, length, payload *)
//
// Numbers are little-endian. Noise is whatever is no frame: after the first
// byte of something that only began like one, the search goes on.

#include "diff/frame.h"

#include <algorithm>
#include <cstring>

namespace pollux {
namespace {

constexpr uint8_t kMagic[] = {'P', 'l', 'x', '1'};
constexpr size_t kTypeAt = sizeof(kMagic);
constexpr size_t kLengthAt = kTypeAt + 1;
constexpr size_t kPayloadAt = kLengthAt + 4;
constexpr size_t kChecksumBytes = 4;

uint32_t Checksum(std::span<const uint8_t> bytes) {
  uint32_t hash = 2166136261u;
  for (uint8_t byte : bytes) hash = (hash ^ byte) * 16777619u;
  return hash;
}

void PutFixed(uint32_t value, std::vector<uint8_t>* bytes) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes->push_back(static_cast<uint8_t>(value >> shift));
  }
}

uint32_t FixedAt(std::span<const uint8_t> bytes, size_t at) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | bytes[at + i];
  return value;
}

// Could a frame begin like this?
bool BeginsLikeFrame(std::span<const uint8_t> bytes) {
  const size_t count = std::min(bytes.size(), sizeof(kMagic));
  if (!std::equal(kMagic, kMagic + count, bytes.begin())) return false;
  if (bytes.size() <= kTypeAt) return true;
  const uint8_t type = bytes[kTypeAt];
  if (type < static_cast<uint8_t>(FrameType::kHello) ||
      type > static_cast<uint8_t>(FrameType::kBye)) {
    return false;
  }
  return bytes.size() < kPayloadAt || FixedAt(bytes, kLengthAt) <= kMaxPayload;
}

}  // namespace

void PutFrame(FrameType type, std::span<const uint8_t> payload,
              std::vector<uint8_t>* bytes) {
  bytes->insert(bytes->end(), std::begin(kMagic), std::end(kMagic));
  const size_t checked_from = bytes->size();
  bytes->push_back(static_cast<uint8_t>(type));
  PutFixed(static_cast<uint32_t>(payload.size()), bytes);
  bytes->insert(bytes->end(), payload.begin(), payload.end());
  PutFixed(Checksum(std::span(*bytes).subspan(checked_from)), bytes);
}

void FrameReader::Append(std::span<const uint8_t> bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + start_);
  start_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void FrameReader::Skip(size_t count) {
  noise_.append(reinterpret_cast<const char*>(rest().data()), count);
  if (noise_.size() > 2 * kMostNoise) {
    noise_.erase(0, noise_.size() - kMostNoise);
  }
  skipped_ += count;
  start_ += count;
}

bool FrameReader::Next(FrameType* type, std::span<const uint8_t>* payload) {
  while (start_ < buffer_.size()) {
    const std::span<const uint8_t> bytes = rest();
    if (!BeginsLikeFrame(bytes)) {
      // At least one byte; then as far as no frame can begin.
      const auto next = std::find(bytes.begin() + 1, bytes.end(), kMagic[0]);
      Skip(next - bytes.begin());
      continue;
    }
    if (bytes.size() < kPayloadAt) return false;
    const size_t length = FixedAt(bytes, kLengthAt);
    const size_t end = kPayloadAt + length;
    if (bytes.size() < end + kChecksumBytes) return false;
    const auto checked = bytes.subspan(kTypeAt, end - kTypeAt);
    if (Checksum(checked) != FixedAt(bytes, end)) {
      Skip(1);
      continue;
    }
    *type = static_cast<FrameType>(bytes[kTypeAt]);
    *payload = bytes.subspan(kPayloadAt, length);
    start_ += end + kChecksumBytes;
    return true;
  }
  return false;
}

}  // namespace pollux
