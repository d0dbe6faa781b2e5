// Abstract states, hashed.

#include "diff/state_coverage.h"

#include <algorithm>
#include <bit>

namespace pollux {
namespace {

// Events and items beyond these tell nothing new.
constexpr size_t kMostEvents = 3;
constexpr size_t kMostReady = 4;

// What a feature is about.
enum Kind : uint64_t { kOutcome = 1, kItem, kStep, kEpoll };

class Hash {
 public:
  explicit Hash(Kind kind) { Add(kind); }

  Hash& Add(uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15;
    state_ ^= state_ >> 32;
    return *this;
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325;
};

// An errno as it is; of a value, the size.
uint64_t ResultClass(int64_t result) {
  return result < 0 ? static_cast<uint64_t>(result)
                    : std::bit_width(static_cast<uint64_t>(result));
}

uint64_t OutcomeFeature(uint64_t op, const Outcome& outcome) {
  Hash hash(kOutcome);
  hash.Add(op).Add(outcome.blocked).Add(ResultClass(outcome.result));
  hash.Add(outcome.revents).Add(std::min(outcome.events.size(), kMostEvents));
  for (size_t i = 0; i < std::min(outcome.events.size(), kMostEvents); ++i) {
    hash.Add(outcome.events[i].events);
  }
  return hash.value();
}

uint64_t StateOf(const World& world, const Epitem& item) {
  return Hash(kItem)
      .Add(static_cast<uint64_t>(world.files[item.file].type))
      .Add(item.events)
      .Add(item.linked)
      .Add(item.on_ovflist)
      .value();
}

}  // namespace

void StateCoverage::LookAtEpoll(const Eventpoll& ep, uint64_t op,
                                std::vector<uint64_t>* features) {
  const World& world = reference_.world();
  size_t items = 0;
  for (Index i = ep.items.head; i != kNil;
       i = decltype(ep.items)::Next(world.epitems, i)) {
    const uint64_t state = StateOf(world, world.epitems[i]);
    if (i >= item_states_.size()) item_states_.resize(i + 1, 0);
    if (item_states_[i] != state) {
      features->push_back(
          Hash(kStep).Add(item_states_[i]).Add(op).Add(state).value());
      features->push_back(state);
      item_states_[i] = state;
    }
    ++items;
  }
  Hash hash(kEpoll);
  hash.Add(std::bit_width(items)).Add(ep.scanning);
  size_t ready = 0;
  for (Index i = ep.ready.head; i != kNil && ready < kMostReady; ++ready) {
    hash.Add(StateOf(world, world.epitems[i]));
    i = ReadyList::Next(world.epitems, i);
  }
  features->push_back(hash.value());
}

void StateCoverage::FeaturesOf(const Program& program,
                               std::vector<uint64_t>* features) {
  features->clear();
  item_states_.clear();
  const World& world = reference_.world();
  executor_.Begin();
  for (const Call& call : program.calls) {
    executor_.Execute(call, &outcome_);
    const uint64_t op = static_cast<uint64_t>(call.op);
    features->push_back(OutcomeFeature(op, outcome_));
    for (const Index file : world.fds) {
      if (file == kNil || world.files[file].type != FileType::kEventpoll) {
        continue;
      }
      LookAtEpoll(world.eventpolls[world.files[file].object], op, features);
    }
  }
  executor_.End();
  std::sort(features->begin(), features->end());
  features->erase(std::unique(features->begin(), features->end()),
                  features->end());
}

}  // namespace pollux
