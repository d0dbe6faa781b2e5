// From a divergence to what is typical of it.

#include "diff/signature.h"

#include <sys/epoll.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace pollux {
namespace {

// What a maker makes, by its name: pipe2 makes a "pipe".
std::string KindOfMaker(std::string_view call) {
  while (!call.empty() && absl::ascii_isdigit(call.back())) {
    call.remove_suffix(1);
  }
  absl::ConsumeSuffix(&call, "_create");
  absl::ConsumeSuffix(&call, "pair");
  return std::string(call);
}

// What is behind each slot, and each data word, when `calls` calls are made. A
// guess from the text of the program: a call may have failed.
class Kinds {
 public:
  Kinds(const Program& program, size_t calls) {
    for (size_t i = 0; i < calls; ++i) Note(program.calls[i]);
  }

  std::string OfSlot(int64_t slot) const {
    const bool known = slot >= 0 && slot < static_cast<int64_t>(slots_.size());
    return known ? slots_[slot] : "none";
  }

  // Of the file that was last added with this data word.
  std::string OfData(uint64_t data) const {
    for (auto it = items_.rbegin(); it != items_.rend(); ++it) {
      if (it->data == data) return it->kind;
    }
    return "none";
  }

  // Of what `call` is about: the last descriptor among its arguments.
  std::string OfCall(const Call& call) const {
    std::string kind = "none";
    ForEachSlotWord(call, [&](int64_t slot, size_t) { kind = OfSlot(slot); });
    return kind;
  }

 private:
  struct Item {
    uint64_t data;
    std::string kind;
  };

  void Note(const Call& call) {
    const CallInfo& info = Describe(call.op);
    std::string made = KindOfMaker(info.name);
    if (call.op == Op::kDup || call.op == Op::kOpenPath)
      made = OfSlot(call.args[0]);
    slots_.insert(slots_.end(), info.slots_made(), made);
    if ((call.op == Op::kDup2 || call.op == Op::kDup3) && call.args[0] >= 0 &&
        call.args[1] >= 0) {
      slots_[call.args[1]] = OfSlot(call.args[0]);
    }
    if (call.op == Op::kEpollCtl) {
      items_.push_back(
          {static_cast<uint64_t>(call.args[5]), OfSlot(call.args[2])});
    }
  }

  std::vector<std::string> slots_;
  std::vector<Item> items_;
};

// "epollin" as "in".
std::string BitName(uint32_t bit) {
  for (const Symbol& symbol : kEpollEvents) {
    if (symbol.value != bit) continue;
    return absl::AsciiStrToLower(absl::StripPrefix(symbol.name, "EPOLL"));
  }
  return absl::StrCat("0x", absl::Hex(bit));
}

// The bit that tells most about a mask.
std::string LeadingBit(uint32_t mask) {
  constexpr uint32_t kByWeight[] = {EPOLLHUP, EPOLLERR, EPOLLRDHUP,
                                    EPOLLPRI, EPOLLIN,  EPOLLOUT};
  for (uint32_t bit : kByWeight) {
    if (mask & bit) return BitName(bit);
  }
  return mask == 0 ? "0" : BitName(mask & -mask);
}

// "+in-out": what is there too much, and what is lacking.
std::string MaskDifference(uint32_t observed, uint32_t expected) {
  std::string text;
  for (uint32_t bit = 1; bit != 0; bit <<= 1) {
    if (((observed ^ expected) & bit) == 0) continue;
    absl::StrAppend(&text, observed & bit ? "+" : "-", BitName(bit));
  }
  return text;
}

std::vector<Event> Minus(const std::vector<Event>& a, std::vector<Event> b) {
  std::vector<Event> rest;
  for (const Event& event : a) {
    const auto found = std::find(b.begin(), b.end(), event);
    if (found == b.end()) {
      rest.push_back(event);
    } else {
      b.erase(found);
    }
  }
  return rest;
}

// Fills in what two different lists of events differ in.
void CompareEvents(const Kinds& kinds, const Divergence& divergence,
                   Symptom* symptom) {
  const std::vector<Event>& observed = divergence.observed.events;
  const std::vector<Event>& expected = divergence.expected.events;
  const std::vector<Event> extra = Minus(observed, expected);
  const std::vector<Event> missing = Minus(expected, observed);
  for (const Event& a : extra) {
    for (const Event& b : missing) {
      if (a.data != b.data) continue;
      symptom->layer = Layer::kPollMask;
      symptom->difference =
          absl::StrCat("mask", MaskDifference(a.events, b.events));
      symptom->file = kinds.OfData(a.data);
      return;
    }
  }
  symptom->layer = Layer::kReadyList;
  if (missing.empty() && extra.empty()) {
    symptom->difference = "order";
    symptom->file = kinds.OfData(observed[0].data);
  } else if (missing.empty()) {
    symptom->difference = absl::StrCat("extra-", LeadingBit(extra[0].events));
    symptom->file = kinds.OfData(extra[0].data);
  } else {
    symptom->layer = extra.empty() ? Layer::kWakeup : Layer::kReadyList;
    symptom->difference = absl::StrCat(extra.empty() ? "missing-" : "other-",
                                       LeadingBit(missing[0].events));
    symptom->file = kinds.OfData(missing[0].data);
  }
}

// "ok" or "ebadf".
std::string ResultName(const Outcome& outcome) {
  if (outcome.blocked) return "blocks";
  if (outcome.result >= 0) return "ok";
  const int error = static_cast<int>(-outcome.result);
  const std::string_view name = ErrnoName(error);
  return name.empty() ? absl::StrCat("e", error) : absl::AsciiStrToLower(name);
}

// Fills in what two outcomes without events differ in.
void CompareResults(const Outcome& observed, const Outcome& expected,
                    Symptom* symptom) {
  const std::string a = ResultName(observed);
  const std::string b = ResultName(expected);
  if (a != b) {
    symptom->difference = absl::StrCat(a, "-not-", b);
    symptom->layer =
        observed.blocked || expected.blocked ? Layer::kWakeup : Layer::kErrno;
  } else if (observed.revents != expected.revents) {
    symptom->difference = absl::StrCat(
        "mask", MaskDifference(observed.revents, expected.revents));
    symptom->layer =
        symptom->file == "epoll" ? Layer::kReadyList : Layer::kPollMask;
  } else if (observed.result != expected.result) {
    symptom->difference = observed.result < expected.result ? "less" : "more";
    symptom->layer = Layer::kFile;
  } else {
    symptom->difference = observed.fds != expected.fds ? "fd" : "value";
    symptom->layer = Layer::kFile;
  }
}

// Fills in what differs in what other threads did. False if nothing does.
bool CompareThreads(const Divergence& divergence, Symptom* symptom) {
  const Outcome& observed = divergence.observed;
  const Outcome& expected = divergence.expected;
  if (observed.resumed == expected.resumed &&
      observed.handled == expected.handled) {
    return false;
  }
  symptom->file = "thread";
  symptom->layer = Layer::kWakeup;
  const size_t a = observed.resumed.size();
  const size_t b = expected.resumed.size();
  if (a == b && observed.resumed == expected.resumed) {
    symptom->difference = "signals";
  } else if (a != b) {
    symptom->difference = a < b ? "fewer-return" : "more-return";
  } else {
    symptom->difference = "others-return";
  }
  return true;
}

void CompareInterests(const Divergence& divergence, Symptom* symptom) {
  const auto seen = divergence.observed_witness.interests();
  const auto wanted = divergence.expected_witness.interests();
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].lines == wanted[i].lines) continue;
    const size_t a = seen[i].lines.size();
    const size_t b = wanted[i].lines.size();
    symptom->difference = a < b ? "missing" : a > b ? "extra" : "changed";
    return;
  }
}

void ComparePolls(const Divergence& divergence, Symptom* symptom) {
  const auto& seen = divergence.observed_witness.polls;
  const auto& wanted = divergence.expected_witness.polls;
  for (size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].revents == wanted[i].revents) continue;
    symptom->difference = absl::StrCat(
        "mask", MaskDifference(seen[i].revents, wanted[i].revents));
    return;
  }
}

}  // namespace

Symptom SymptomOf(const Program& program, const Divergence& divergence) {
  const Call& call = program.calls[divergence.call];
  const Kinds kinds(program, divergence.call);
  Symptom symptom;
  symptom.where = std::string(Describe(call.op).name);
  symptom.file = kinds.OfCall(call);
  switch (divergence.kind) {
    case DivergenceClass::kHang:
      symptom.difference = "hang";
      symptom.layer = Layer::kWakeup;
      break;
    case DivergenceClass::kPollMask:
      symptom.where = "poll-mask";
      symptom.layer = Layer::kPollMask;
      ComparePolls(divergence, &symptom);
      break;
    case DivergenceClass::kInterestList:
      symptom.where = "interest-list";
      symptom.layer = Layer::kInterestList;
      CompareInterests(divergence, &symptom);
      break;
    case DivergenceClass::kOutcome:
      if (CompareThreads(divergence, &symptom)) break;
      if (divergence.observed.events != divergence.expected.events) {
        CompareEvents(kinds, divergence, &symptom);
      } else {
        CompareResults(divergence.observed, divergence.expected, &symptom);
      }
      break;
  }
  return symptom;
}

std::string Signature(const Symptom& symptom,
                      const std::vector<Quirk>& quirks) {
  if (quirks.empty()) {
    return absl::StrReplaceAll(
        absl::StrJoin(
            {std::string("new"), std::string(LayerName(symptom.layer)),
             symptom.where, symptom.difference, symptom.file},
            "."),
        {{" ", "-"}});
  }
  std::vector<std::string_view> names;
  for (Quirk quirk : quirks) names.push_back(Describe(quirk).name);
  return absl::StrCat(absl::StrJoin(names, "+"), ".", symptom.where);
}

bool IsSignature(std::string_view text) {
  return !text.empty() && text[0] != '.' && text.size() < 200 &&
         std::all_of(
             text.begin(), text.end(),
             [](char c) {
               return absl::ascii_isalnum(c) || absl::StrContains("-_.+", c);
             });
}

}  // namespace pollux
