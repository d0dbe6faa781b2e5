// Counters of the instrumented code, seen from outside.

#include "fuzz/mutator_stats.h"

#include <stdio.h>
#include <string.h>

#include <bit>
#include <span>

// Where the linker puts the counters; null in a binary that has none.
extern "C" {
[[gnu::weak]] extern uint8_t __start___sancov_cntrs[];
[[gnu::weak]] extern uint8_t __stop___sancov_cntrs[];
}

namespace pollux {
namespace {

std::span<const uint8_t> Counters() {
  if (__start___sancov_cntrs == nullptr) return {};
  return {__start___sancov_cntrs, __stop___sancov_cntrs};
}

}  // namespace

uint64_t MutatorStats::CountNewFeatures() {
  const std::span<const uint8_t> counters = Counters();
  seen_.resize(counters.size(), 0);
  uint64_t found = 0;
  size_t i = 0;
  while (i < counters.size()) {
    // Most are zero: eight at a time.
    uint64_t eight;
    if (i + sizeof(eight) <= counters.size()) {
      memcpy(&eight, &counters[i], sizeof(eight));
      if (eight == 0) {
        i += sizeof(eight);
        continue;
      }
    }
    if (counters[i] != 0) {
      const auto bit =
          static_cast<uint8_t>(1 << (std::bit_width(counters[i]) - 1));
      if ((seen_[i] & bit) == 0) {
        seen_[i] |= bit;
        ++found;
      }
    }
    ++i;
  }
  return found;
}

void MutatorStats::Collect() {
  const uint64_t found = CountNewFeatures();
  features_ += found;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if ((pending_ >> i & 1) == 0) continue;
    ++counts_[i].uses;
    counts_[i].features += found;
  }
  pending_ = 0;
}

std::string MutatorStats::Table() const {
  char line[160];
  std::string table = "mutator               uses  features  per 1000 uses\n";
  for (size_t i = 0; i < AllMutators().size(); ++i) {
    const Count& count = counts_[i];
    const double per_1000 =
        count.uses == 0 ? 0 : 1000.0 * count.features / count.uses;
    snprintf(line, sizeof(line), "%-15s %10llu %9llu %14.2f  %s\n",
             AllMutators()[i].name.data(),
             static_cast<unsigned long long>(count.uses),
             static_cast<unsigned long long>(count.features), per_1000,
             AllMutators()[i].doc.data());
    table += line;
  }
  snprintf(line, sizeof(line),
           "%llu features in all; one that several mutators had a part in "
           "counts for each\n",
           static_cast<unsigned long long>(features_));
  return table + line;
}

}  // namespace pollux
