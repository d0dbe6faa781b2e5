// Numbers as bytes: LEB128, and zigzag (0, -1, 1, -2, ... as 0, 1, 2, 3, ...)
// for those with a sign.

#ifndef POLLUX_DIFF_VARINT_H_
#define POLLUX_DIFF_VARINT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pollux {

inline int64_t FromZigzag(uint64_t z) {
  return static_cast<int64_t>((z >> 1) ^ (0 - (z & 1)));
}

inline uint64_t ToZigzag(int64_t word) {
  return (static_cast<uint64_t>(word) << 1) ^ static_cast<uint64_t>(word >> 63);
}

// Takes a number from the front. One that is cut short, or too long, is some
// number, too.
inline uint64_t TakeVarint(std::span<const uint8_t>& bytes) {
  uint64_t value = 0;
  for (int shift = 0; !bytes.empty(); shift += 7) {
    const uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (shift < 64) value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return value;
}

inline void PutVarint(uint64_t value, std::vector<uint8_t>* bytes) {
  for (; value >= 0x80; value >>= 7) {
    bytes->push_back(static_cast<uint8_t>(value | 0x80));
  }
  bytes->push_back(static_cast<uint8_t>(value));
}

inline void PutBytes(std::span<const uint8_t> content,
                     std::vector<uint8_t>* bytes) {
  PutVarint(content.size(), bytes);
  bytes->insert(bytes->end(), content.begin(), content.end());
}

inline void PutString(std::string_view text, std::vector<uint8_t>* bytes) {
  PutBytes({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, bytes);
}

// Takes values from bytes that a stranger wrote. Once something is missing,
// every value is 0 and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  uint64_t Number() {
    if (rest_.empty()) ok_ = false;
    if (!ok_) return 0;
    const uint64_t value = TakeVarint(rest_);
    if (*(rest_.data() - 1) >= 0x80) ok_ = false;  // cut short
    return ok_ ? value : 0;
  }
  int64_t Signed() { return FromZigzag(Number()); }

  // At most `limit`.
  size_t Count(size_t limit) {
    const uint64_t count = Number();
    if (count > limit) ok_ = false;
    return ok_ ? count : 0;
  }

  std::span<const uint8_t> Bytes() {
    const size_t count = Count(rest_.size());
    const auto bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }

  std::string_view String() {
    const auto bytes = Bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_VARINT_H_
