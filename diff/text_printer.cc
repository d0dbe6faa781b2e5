// Prints programs and traces in the text format, whose grammar is in
// text_format.cc.

#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "diff/text_format.h"

namespace pollux {
namespace {

std::string PrintData(uint64_t data) {
  return data < 100000 ? absl::StrCat(data)
                       : absl::StrCat("0x", absl::Hex(data));
}

std::string PrintBuffer(int64_t pointer, const Outcome* outcome) {
  if (!IsGood(pointer) && pointer < kPartialPointer) {
    return PrintSymbols(kPointers, pointer);
  }
  std::string suffix;
  if (pointer == kOddPointer) suffix = "@odd";
  if (pointer >= kPartialPointer) {
    suffix =
        absl::StrCat("@", SlotsOf(pointer), pointer >= kCutPointer ? "+4" : "");
  }
  const bool nothing = outcome == nullptr || outcome->blocked ||
                       (outcome->result < 0 && outcome->cut == 0);
  if (nothing) return absl::StrCat("[...]", suffix);
  std::vector<std::string> events;
  for (const Event& event : outcome->events) {
    events.push_back(PrintEvent(event));
  }
  if (outcome->cut != 0) {
    events.push_back(absl::StrCat(
        "{events=", PrintSymbols(kEpollEvents, outcome->cut), "}"));
  }
  return absl::StrCat("[", absl::StrJoin(events, ", "), "]", suffix);
}

// The argument whose words start at `words`; empty where it is left out.
std::string PrintArgument(const ArgInfo& arg, const int64_t* words,
                          const SlotNames& names, const Outcome* outcome) {
  switch (arg.kind) {
    case ArgKind::kFd:
      return std::string(names.Of(words[0]));
    case ArgKind::kInt:
      return absl::StrCat(words[0]);
    case ArgKind::kFlags:
    case ArgKind::kEnum:
      if (words[0] < 0) return absl::StrCat(words[0]);
      return PrintSymbols(*arg.symbols, words[0]);
    case ArgKind::kEventPointer:
      if (!IsGood(words[0])) return PrintSymbols(kPointers, words[0]);
      return absl::StrCat(PrintEvent({static_cast<uint32_t>(words[1]),
                                      static_cast<uint64_t>(words[2])}),
                          words[0] == kOddPointer ? "@odd" : "");
    case ArgKind::kTimespec:
      if (words[0] != kGoodPointer) return PrintSymbols(kPointers, words[0]);
      return absl::StrCat("{tv_sec=", words[1], ", tv_nsec=", words[2], "}");
    case ArgKind::kSigmask:
      if (words[0] != kGoodPointer) return PrintSymbols(kPointers, words[0]);
      return "[]";
    case ArgKind::kBuffer:
      return PrintBuffer(words[0], outcome);
    case ArgKind::kPollFd: {
      std::string revents;
      if (outcome != nullptr) {
        revents = absl::StrCat(", revents=",
                               PrintSymbols(kPollEvents, outcome->revents));
      }
      return absl::StrCat("[{fd=", names.Of(words[0]),
                          ", events=", PrintSymbols(kPollEvents, words[1]),
                          revents, "}]");
    }
    case ArgKind::kLiteral:
      return absl::StrCat(arg.min);
    case ArgKind::kPlace:
      if (words[0] == kGoodPointer) return "";
      return absl::StrCat(arg.name, "=", PrintSymbols(kPointers, words[0]));
    case ArgKind::kValueIn:
      if (words[0] == 1) return "";
      return absl::StrCat(arg.name, "=", PrintData(words[0]));
    case ArgKind::kValueOut:
      if (outcome == nullptr || !outcome->has_value) return "";
      return absl::StrCat(arg.name, "=", PrintData(outcome->value));
    case ArgKind::kNumberOut:
      if (outcome == nullptr || !outcome->has_value) return "[...]";
      return absl::StrCat("[", outcome->value, "]");
  }
  return "";
}

std::string PrintResult(const CallInfo& info, const Outcome& outcome) {
  if (outcome.blocked) return " = ?";
  if (outcome.result >= 0) {
    if (info.makes != Makes::kNothing) return "";
    return absl::StrCat(" = ", outcome.result);
  }
  const int error = static_cast<int>(-outcome.result);
  std::string_view name = ErrnoName(error);
  if (name.empty()) return absl::StrCat(" = -1 E", error);
  return absl::StrCat(" = -1 ", name);
}

}  // namespace

// Suffixes of the names of what a call makes.
std::array<std::string_view, 2> SlotSuffixes(Makes makes) {
  switch (makes) {
    case Makes::kReadWrite:
      return {".r", ".w"};
    case Makes::kTwins:
      return {".a", ".b"};
    default:
      return {"", ""};
  }
}

SlotNames::SlotNames(const Program& program) {
  std::map<std::string_view, int> ordinals;
  size_t maker = 0;
  for (const Call& call : program.calls) {
    const CallInfo& info = Describe(call.op);
    if (info.makes == Makes::kNothing) continue;
    std::string name = maker < program.names.size()
                           ? program.names[maker]
                           : absl::StrCat(info.prefix, ordinals[info.prefix]++);
    ++maker;
    for (int i = 0; i < info.slots_made(); ++i) {
      names_.push_back(absl::StrCat(name, SlotSuffixes(info.makes)[i]));
      maker_names_.push_back(name);
    }
  }
}

std::string_view SlotNames::Of(int64_t slot) const {
  return slot < 0 ? std::string_view("-1") : names_[slot];
}

std::string_view SlotNames::OfMaker(int first_slot) const {
  return maker_names_[first_slot];
}

std::string PrintCall(const Call& call, int first_slot, const SlotNames& names,
                      const Outcome* outcome) {
  const CallInfo& info = Describe(call.op);
  std::vector<std::string> args;
  int at = 0;
  for (const ArgInfo& arg : info) {
    std::string text = PrintArgument(arg, &call.args[at], names, outcome);
    if (!text.empty()) args.push_back(std::move(text));
    at += WordsOf(arg.kind);
  }
  std::string target;
  if (info.makes != Makes::kNothing) {
    target = absl::StrCat(names.OfMaker(first_slot), " = ");
  }
  return absl::StrCat(target, info.name, "(", absl::StrJoin(args, ", "), ")",
                      outcome != nullptr ? PrintResult(info, *outcome) : "");
}

std::string PrintText(const Program& program) {
  SlotNames names(program);
  std::string text;
  int slot = 0;
  for (const Call& call : program.calls) {
    absl::StrAppend(&text, PrintCall(call, slot, names), "\n");
    slot += Describe(call.op).slots_made();
  }
  return text;
}

std::string PrintSymbols(const SymbolTable& symbols, uint64_t value) {
  std::vector<std::string> parts;
  uint64_t rest = value;
  for (const Symbol& symbol : symbols) {
    if ((value & symbol.mask) != symbol.value) continue;
    if (symbol.mask == 0) continue;
    if (symbol.mask == ~0u && value != symbol.value) continue;
    parts.emplace_back(symbol.name);
    rest &= ~uint64_t{symbol.value};
  }
  if (rest != 0) parts.push_back(absl::StrCat("0x", absl::Hex(rest)));
  if (parts.empty()) return "0";
  return absl::StrJoin(parts, "|");
}

std::string PrintEvent(const Event& event) {
  return absl::StrCat("{events=", PrintSymbols(kEpollEvents, event.events),
                      ", data=", PrintData(event.data), "}");
}

}  // namespace pollux
