// A small random generator, the same on every machine and compiler.

#ifndef POLLUX_FUZZ_RANDOM_H_
#define POLLUX_FUZZ_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace pollux {

// splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // From 0 to n - 1; 0 for n = 0.
  size_t Below(size_t n) { return n == 0 ? 0 : Next() % n; }

  // From min to max, both included.
  int64_t Between(int64_t min, int64_t max) {
    return min +
           static_cast<int64_t>(Below(static_cast<size_t>(max - min) + 1));
  }

  // True once in n times.
  bool OneIn(size_t n) { return Below(n) == 0; }

  template <typename T, size_t N>
  const T& Pick(const T (&options)[N]) {
    return options[Below(N)];
  }

 private:
  uint64_t state_;
};

}  // namespace pollux

#endif  // POLLUX_FUZZ_RANDOM_H_
