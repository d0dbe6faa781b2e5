// Delta debugging.

#include "diff/minimizer.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "diff/draft.h"

namespace pollux {
namespace {

using Clock = std::chrono::steady_clock;

// Appends numbers nearer to `best` than `word` is, the nearest first: some that
// read well, then the way from `word` in steps that halve down to one.
void AppendSmaller(int64_t word, int64_t best, std::vector<int64_t>* words) {
  const auto distance = [best](int64_t v) {
    const auto a = static_cast<uint64_t>(v);
    const auto b = static_cast<uint64_t>(best);
    return v < best ? b - a : a - b;
  };
  const uint64_t far = distance(word);
  for (int64_t v : {best, int64_t{0}, int64_t{1}, int64_t{2}, int64_t{8}}) {
    if (distance(v) < far) words->push_back(v);
  }
  // -5 is no worse than 5 is better.
  if (word < best && word > -kMaxIo && distance(-word) <= far) {
    words->push_back(-word);
  }
  for (uint64_t step = far / 2; step > 0; step /= 2) {
    const auto v = static_cast<uint64_t>(word);
    words->push_back(static_cast<int64_t>(word < best ? v + step : v - step));
  }
}

// Appends `word` without all of its bits but `required`, then without each.
void AppendFewerBits(int64_t word, int64_t required,
                     std::vector<int64_t>* words) {
  if (word != required) words->push_back(required);
  for (int bit = 0; bit < 63; ++bit) {
    const int64_t mask = int64_t{1} << bit;
    if ((word & mask) && !(required & mask)) words->push_back(word & ~mask);
  }
}

// Appends the symbols that stand before `word` in its table.
void AppendEarlier(const SymbolTable& symbols, int64_t word,
                   std::vector<int64_t>* words) {
  for (const Symbol& symbol : symbols) {
    if (symbol.value == static_cast<uint32_t>(word) && word >= 0) return;
    words->push_back(symbol.value);
  }
}

// Appends pointers to good memory, or to less odd places.
void AppendSimplerPointers(int64_t word, std::vector<int64_t>* words) {
  if (word != kGoodPointer) words->push_back(kGoodPointer);
  if (word > kNullPointer) words->push_back(kNullPointer);
}

// What a number is at its plainest: the maxevents and counts that most
// programs have are 1, all else is 0.
int64_t PlainInt(const ArgInfo& arg) {
  const bool counts = arg.name == "count" || arg.name == "maxevents";
  return Admissible(arg, counts ? 1 : 0);
}

// One way to make a call simpler: a word and what it becomes.
struct Simplification {
  int word = 0;
  int64_t value = 0;
};

// All ways to make `call` simpler, each for itself, the greatest first.
std::vector<Simplification> SimplificationsOf(const Call& call) {
  std::vector<Simplification> all;
  int at = 0;
  const auto add = [&](int word, const std::vector<int64_t>& values) {
    for (int64_t value : values) all.push_back({word, value});
  };
  for (const ArgInfo& arg : Describe(call.op)) {
    const int64_t* words = &call.args[at];
    std::vector<int64_t> first;
    std::vector<int64_t> second;
    std::vector<int64_t> third;
    switch (arg.kind) {
      case ArgKind::kInt:
        AppendSmaller(words[0], PlainInt(arg), &first);
        break;
      case ArgKind::kFlags:
        AppendFewerBits(words[0], arg.min, &first);
        break;
      case ArgKind::kEnum:
        AppendEarlier(*arg.symbols, words[0], &first);
        break;
      case ArgKind::kEventPointer:
        AppendSimplerPointers(words[0], &first);
        AppendFewerBits(words[1], 0, &second);
        AppendSmaller(words[2], 0, &third);
        break;
      case ArgKind::kBuffer:
      case ArgKind::kSigmask:
      case ArgKind::kPlace:
        AppendSimplerPointers(words[0], &first);
        break;
      case ArgKind::kTimespec:
        AppendSimplerPointers(words[0], &first);
        AppendSmaller(words[1], 0, &second);
        AppendSmaller(words[2], 0, &third);
        break;
      case ArgKind::kPollFd:
        AppendFewerBits(words[1], 0, &second);
        break;
      case ArgKind::kValueIn:
        AppendSmaller(words[0], 1, &first);
        break;
      case ArgKind::kFd:
      case ArgKind::kLiteral:
      case ArgKind::kValueOut:
      case ArgKind::kNumberOut:
        break;
    }
    if (WordsOf(arg.kind) > 0) {
      std::erase_if(first, [&](int64_t v) { return Admissible(arg, v) != v; });
    }
    add(at, first);
    add(at + 1, second);
    add(at + 2, third);
    at += WordsOf(arg.kind);
  }
  return all;
}

class Minimizer {
 public:
  Minimizer(const Probe& probe, const MinimizeOptions& options)
      : probe_(probe),
        options_(options),
        deadline_(Clock::now() +
                  std::chrono::duration_cast<Clock::duration>(
                      std::chrono::duration<double>(options.seconds))) {}

  Minimized Run(const Program& program) {
    best_.program = program;
    best_.tries = 1;
    const std::optional<size_t> call = probe_(program);
    if (!call) return best_;
    best_.call = *call;
    DropTail();
    DropChunks();
    bool changed = true;
    while (changed && !Late()) {
      changed = DropSingles();
      changed |= SimplifyArguments();
      changed |= UseEarlierSlots();
    }
    best_.is_minimal = !Late();
    best_.is_stable = true;
    for (int i = 0; i < options_.reruns && best_.is_stable; ++i) {
      best_.is_stable = probe_(best_.program) == best_.call;
    }
    return best_;
  }

 private:
  bool Late() const { return Clock::now() >= deadline_; }

  // Makes `draft` the best program if it still shows what is to be kept.
  bool Try(const Draft& draft) {
    if (Late()) return false;
    Program program;
    draft.Write(&program, [](const Call&, size_t) { return kNoFd; });
    if (program == best_.program) return false;
    ++best_.tries;
    const std::optional<size_t> call = probe_(program);
    if (!call) return false;
    best_.program = std::move(program);
    best_.call = *call;
    return true;
  }

  // Drops what stands behind the diverging call.
  bool DropTail() {
    Draft draft(best_.program);
    if (best_.call + 1 >= draft.calls.size()) return false;
    draft.calls.resize(best_.call + 1);
    return Try(draft);
  }

  // From large chunks to small ones, from the end to the beginning.
  void DropChunks() {
    for (size_t size = best_.program.calls.size() / 2; size > 1; size /= 2) {
      for (size_t end = best_.program.calls.size(); end > 0;) {
        end = std::min(end, best_.program.calls.size());
        const size_t from = end > size ? end - size : 0;
        Draft draft(best_.program);
        draft.DropWithUses(from, end);
        if (Try(draft)) DropTail();
        end = from;
      }
    }
  }

  // Drops single calls: alone, so that later uses of what it makes say -1, or
  // with those uses.
  bool DropSingles() {
    bool changed = DropTail();
    for (size_t i = best_.program.calls.size(); i-- > 0;) {
      i = std::min(i, best_.program.calls.size() - 1);
      Draft with_uses(best_.program);
      with_uses.DropWithUses(i, i + 1);
      bool dropped = Try(with_uses);
      if (!dropped) {
        Draft alone(best_.program);
        alone.calls.erase(alone.calls.begin() + i);
        dropped = Try(alone);
      }
      changed |= dropped;
      if (best_.program.calls.empty()) break;
    }
    return changed;
  }

  bool SimplifyArguments() {
    bool changed = false;
    for (size_t i = best_.program.calls.size(); i-- > 0;) {
      if (i >= best_.program.calls.size()) continue;
      while (SimplifyCall(i)) changed = true;
    }
    return changed;
  }

  // Makes call `i` simpler by one word; false if nothing simpler will do.
  bool SimplifyCall(size_t i) {
    if (i >= best_.program.calls.size()) return false;
    for (const Simplification& s : SimplificationsOf(best_.program.calls[i])) {
      Draft draft(best_.program);
      draft.calls[i].call.args[s.word] = s.value;
      if (Try(draft)) return true;
    }
    return false;
  }

  // Lets calls use what was made earlier, so that what is made later may go.
  bool UseEarlierSlots() {
    bool changed = false;
    for (size_t i = best_.program.calls.size(); i-- > 0;) {
      for (int word = 0; word < Call::kMaxWords; ++word) {
        if (i >= best_.program.calls.size()) return changed;
        changed |= UseEarlierSlot(i, word);
      }
    }
    return changed;
  }

  bool UseEarlierSlot(size_t i, int word) {
    const Draft draft(best_.program);
    const Call& call = draft.calls[i].call;
    bool is_slot = false;
    ForEachSlotWord(call, [&](const int64_t& w, size_t) {
      is_slot |= &w == &call.args[word];
    });
    if (!is_slot) return false;
    for (int64_t id = 0; id < call.args[word]; ++id) {
      Draft changed = draft;
      changed.calls[i].call.args[word] = id;
      if (Try(changed)) return true;
    }
    return false;
  }

  const Probe& probe_;
  const MinimizeOptions options_;
  const Clock::time_point deadline_;
  Minimized best_;
};

}  // namespace

Minimized Minimize(const Program& program, const Probe& probe,
                   const MinimizeOptions& options) {
  return Minimizer(probe, options).Run(program);
}

}  // namespace pollux
