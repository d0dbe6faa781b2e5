// Flat storage for the objects of a World.
//
// Objects live in vectors and name each other by Index, so that a World can be
// copied and rewound like any other value, at the price of copying vectors.
// Nothing in core/ holds a pointer into a pool across a call that may allocate.

#ifndef POLLUX_CORE_POOL_H_
#define POLLUX_CORE_POOL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pollux {

using Index = uint32_t;
inline constexpr Index kNil = 0xffffffff;

// A vector of T with reuse of freed slots, last freed first.
template <typename T>
class Pool {
 public:
  // Returns the index of a value-initialised T.
  Index Allocate() {
    if (!free_.empty()) {
      Index i = free_.back();
      free_.pop_back();
      slots_[i] = T{};
      return i;
    }
    slots_.emplace_back();
    return static_cast<Index>(slots_.size() - 1);
  }

  void Free(Index i) { free_.push_back(i); }

  T& operator[](Index i) { return slots_[i]; }
  const T& operator[](Index i) const { return slots_[i]; }

  // Indices that were ever in use.
  size_t size() const { return slots_.size(); }

  // Objects in use.
  size_t live() const { return slots_.size() - free_.size(); }

  // Bytes held, used or not.
  size_t bytes() const {
    return slots_.capacity() * sizeof(T) + free_.capacity() * sizeof(Index);
  }

  // Frees every object and keeps the memory.
  void Clear() {
    slots_.clear();
    free_.clear();
  }

 private:
  std::vector<T> slots_;
  std::vector<Index> free_;
};

}  // namespace pollux

#endif  // POLLUX_CORE_POOL_H_
