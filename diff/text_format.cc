// The text format, and its parser. text_printer.cc prints it.
//
//   text      = { [ statement ] [ "#" comment ] newline } ;
//   statement = [ name "=" ] call [ "=" outcome ] ;
//   call      = callname "(" [ argument { "," argument } ] ")" ;
//   argument  = fd | number | symbols | event | events | pollfd | value
//             | timespec | sigmask | "[" ( "..." | number ) "]" ;
//   fd        = name [ "." ( "r" | "w" | "a" | "b" ) ] | "-1" ;
//   symbols   = symbol { "|" symbol } ;         (* EPOLLIN|EPOLLET|0x8000 *)
//   symbol    = identifier | number ;
//   event     = "{" "events" "=" symbols "," "data" "=" number "}" [ "@odd" ]
//             | pointer ;
//   events    = "[" ( "..." | [ event { "," event } [ "," cut ] ] ) "]"
//               [ "@" ( "odd" | number [ "+4" ] ) ]
//             | pointer ;
//               (* @odd: at an odd address; @2: only two slots are mapped; +4:
//                  and the mask of the next, which then shows as a `cut` *)
//   cut       = "{" "events" "=" symbols "}" ;
//   timespec  = "{" "tv_sec" "=" number "," "tv_nsec" "=" number "}"
//             | pointer ;
//   sigmask   = "[" "]" | pointer ;
//   pointer   = "NULL" | "UNMAPPED" | "KERNEL" | "READONLY" | "HALF" ;
//   pollfd    = "[" "{" "fd" "=" fd "," "events" "=" symbols
//               [ "," "revents" "=" symbols ] "}" "]" ;
//   value     = ( "value" | "got" ) "=" number | "argp" "=" pointer ;
//                                               (* may be left out *)
//   outcome   = number | "-1" errno | "?" ;     (* ?: it never returned *)
//   number    = [ "-" ] digits | "0x" hexdigits ;
//
// The events in a buffer, `revents`, the value of a read and that of an option
// belong to the outcome: without one, a buffer is [...] or []. A maker's
// outcome is left out where it succeeds. A parenthesis after an errno is a
// comment, as in strace.

#include "diff/text_format.h"

#include <errno.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace pollux {
namespace {

constexpr size_t kMaxTextBytes = 1 << 20;

bool IsNameChar(char c) { return absl::ascii_isalnum(c) || c == '_'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), builder_(&built_) {}

  absl::StatusOr<Trace> Parse() {
    if (text_.size() > kMaxTextBytes) {
      Fail(0, absl::StrCat("a program has at most ", kMaxTextBytes, " bytes"));
    }
    while (status_.ok() && at_ < text_.size()) ParseLine();
    if (status_.ok() && builder_.frozen()) {
      Fail(at_, "the frozen scan is never thawed: end with thaw([...])");
    }
    if (!status_.ok()) return status_;
    return std::move(trace_);
  }

 private:
  // --- Characters. Each returns false after a failure.

  bool Fail(size_t at, std::string_view message) {
    if (!status_.ok()) return false;
    const std::string_view before = text_.substr(0, at);
    const size_t line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    status_ = absl::InvalidArgumentError(
        absl::StrCat(line, ":", at - line_start + 1, ": ", message));
    return false;
  }

  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
    return at_ < text_.size() ? text_[at_] : '\n';
  }

  bool Accept(std::string_view token) {
    Peek();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  bool Expect(std::string_view token) {
    if (Accept(token)) return true;
    return Fail(at_, absl::StrCat("expected '", token, "', found ", Found()));
  }

  std::string Found() {
    const char c = Peek();
    if (c == '\n' || c == '\r') return "the end of the line";
    if (!absl::ascii_isprint(c)) {
      return absl::StrCat("byte 0x", absl::Hex(static_cast<uint8_t>(c)));
    }
    return absl::StrCat("'", std::string_view(&c, 1), "'");
  }

  bool Identifier(std::string_view what, std::string_view* name) {
    Peek();
    const size_t start = at_;
    while (at_ < text_.size() && IsNameChar(text_[at_])) ++at_;
    *name = text_.substr(start, at_ - start);
    if (name->empty() || absl::ascii_isdigit(name->front())) {
      at_ = start;
      return Fail(start, absl::StrCat("expected ", what, ", found ", Found()));
    }
    return true;
  }

  // A number of at most 64 bits, signed or not.
  bool Number(int64_t* value) {
    const bool negative = Accept("-");
    const int base = Accept("0x") ? 16 : 10;
    const size_t start = at_;
    uint64_t magnitude = 0;
    auto [end, error] = std::from_chars(
        text_.data() + start, text_.data() + text_.size(), magnitude, base);
    at_ = end - text_.data();
    if (error == std::errc::result_out_of_range ||
        (negative && magnitude > (1ull << 63))) {
      return Fail(start, "the number does not fit into 64 bits");
    }
    if (at_ == start) {
      return Fail(start, absl::StrCat("expected a number, found ", Found()));
    }
    *value = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
    return true;
  }

  // A number of at most 63 bits and a sign.
  bool SignedNumber(int64_t* value) {
    const bool negative = Peek() == '-';
    const size_t start = at_;
    if (!Number(value)) return false;
    if (negative || *value >= 0) return true;
    return Fail(start, "the number is too large");
  }

  bool NumberIn(int64_t min, int64_t max, int64_t* value) {
    Peek();
    const size_t start = at_;
    if (!SignedNumber(value)) return false;
    if (*value >= min && *value <= max) return true;
    return Fail(start, absl::StrCat("expected a number from ", min, " to ", max,
                                    ", found ", *value));
  }

  // Symbols and numbers joined by |.
  bool Symbols(const SymbolTable& symbols, int64_t* value) {
    *value = 0;
    do {
      const char c = Peek();
      if (absl::ascii_isdigit(c) || c == '-') {
        int64_t bits;
        if (!SignedNumber(&bits)) return false;
        *value |= bits;
        continue;
      }
      const size_t start = at_;
      std::string_view name;
      if (!Identifier("a symbol or number", &name)) return false;
      const Symbol* symbol = symbols.Find(name);
      if (symbol == nullptr) {
        return Fail(start, absl::StrCat("unknown symbol '", name, "' here"));
      }
      *value |= symbol->value;
    } while (Accept("|"));
    return true;
  }

  // --- Arguments. Words go into `word`, parts of the outcome to outcome_.

  bool Slot(int64_t* word) {
    const size_t start = (Peek(), at_);
    if (Peek() == '-' || absl::ascii_isdigit(Peek())) {
      if (!Number(word)) return false;
      if (*word == kNoFd) return true;
      return Fail(start,
                  "a descriptor is a name; the only number is -1, which is "
                  "never open");
    }
    std::string_view name;
    if (!Identifier("a descriptor", &name)) return false;
    if (Accept(".")) {
      std::string_view end;
      if (!Identifier("'r', 'w', 'a' or 'b'", &end)) return false;
      name = text_.substr(start, at_ - start);
    }
    auto found = slots_.find(name);
    if (found != slots_.end()) {
      *word = found->second;
      return true;
    }
    if (makers_.contains(name)) {
      return Fail(start, absl::StrCat("'", name, "' has two ends: say which"));
    }
    return Fail(start, absl::StrCat("'", name, "' is not made before here"));
  }

  // "{events=EPOLLIN", and what follows.
  bool EventMask(int64_t* events) {
    if (!Expect("{") || !Expect("events") || !Expect("=")) return false;
    const size_t start = at_;
    if (!Symbols(kEpollEvents, events)) return false;
    if (*events == (*events & 0xffffffff)) return true;
    return Fail(start, "a mask of events has 32 bits");
  }

  bool EventData(int64_t* data) {
    return Expect(",") && Expect("data") && Expect("=") && Number(data) &&
           Expect("}");
  }

  // Is there a name of where a pointer points, in place of what it points to?
  bool AcceptPointer(const ArgInfo& arg, int64_t* word) {
    for (const Symbol& symbol : kPointers) {
      if (Admissible(arg, symbol.value) != symbol.value) continue;
      if (!Accept(symbol.name)) continue;
      *word = symbol.value;
      return true;
    }
    return false;
  }

  bool EventPointer(const ArgInfo& arg, int64_t* words) {
    if (AcceptPointer(arg, words)) return true;
    if (!EventMask(&words[1]) || !EventData(&words[2])) return false;
    if (Accept("@odd")) words[0] = kOddPointer;
    return true;
  }

  bool Timespec(const ArgInfo& arg, int64_t* words) {
    if (AcceptPointer(arg, words)) return true;
    return Expect("{") && Expect("tv_sec") && Expect("=") &&
           SignedNumber(&words[1]) && Expect(",") && Expect("tv_nsec") &&
           Expect("=") && SignedNumber(&words[2]) && Expect("}");
  }

  bool Buffer(const ArgInfo& arg, int64_t* word) {
    if (AcceptPointer(arg, word)) return true;
    if (!Expect("[") || !BufferContent()) return false;
    if (!Accept("@")) return true;
    if (Accept("odd")) {
      *word = kOddPointer;
      return true;
    }
    int64_t slots;
    if (!NumberIn(0, kMostPartialSlots - 1, &slots)) return false;
    *word = (Accept("+4") ? kCutPointer : kPartialPointer) + slots;
    return true;
  }

  // Behind the [ of a buffer.
  bool BufferContent() {
    if (Accept("...")) return Expect("]");
    if (Accept("]")) return true;
    outcome_part_ = at_;
    do {
      int64_t events, data;
      if (!EventMask(&events)) return false;
      if (Accept("}")) {
        outcome_.cut = static_cast<uint32_t>(events);
        break;
      }
      if (!EventData(&data)) return false;
      outcome_.events.push_back(
          {static_cast<uint32_t>(events), static_cast<uint64_t>(data)});
    } while (Accept(","));
    return Expect("]");
  }

  bool PollFd(int64_t* words) {
    if (!Expect("[") || !Expect("{") || !Expect("fd") || !Expect("=") ||
        !Slot(&words[0]) || !Expect(",") || !Expect("events") || !Expect("=")) {
      return false;
    }
    const size_t start = at_;
    if (!Symbols(kPollEvents, &words[1])) return false;
    if (words[1] != (words[1] & 0xffff)) {
      return Fail(start, "a mask of poll has 16 bits");
    }
    if (Accept(",")) {
      outcome_part_ = at_;
      int64_t revents;
      if (!Expect("revents") || !Expect("=") ||
          !Symbols(kPollEvents, &revents)) {
        return false;
      }
      outcome_.revents = static_cast<uint32_t>(revents);
    }
    return Expect("}") && Expect("]");
  }

  bool NumberOut() {
    if (!Expect("[")) return false;
    if (Accept("...")) return Expect("]");
    outcome_part_ = at_;
    int64_t value;
    if (!SignedNumber(&value)) return false;
    outcome_.has_value = true;
    outcome_.value = static_cast<uint64_t>(value);
    return Expect("]");
  }

  bool FlagsOrEnum(const ArgInfo& arg, int64_t* word) {
    const size_t start = (Peek(), at_);
    if (!Symbols(*arg.symbols, word)) return false;
    const int64_t admissible = Admissible(arg, *word);
    if (admissible == *word) return true;
    if (arg.kind == ArgKind::kFlags && (*word & arg.min) != arg.min) {
      return Fail(start, absl::StrCat(arg.name, " must contain ",
                                      PrintSymbols(*arg.symbols, arg.min),
                                      ": programs do not block"));
    }
    return Fail(start,
                absl::StrCat(arg.name, " cannot be ", *word, " in a program"));
  }

  bool Argument(const ArgInfo& arg, int64_t* words) {
    switch (arg.kind) {
      case ArgKind::kFd:
        return Slot(words);
      case ArgKind::kInt:
        return NumberIn(arg.min, arg.max, words);
      case ArgKind::kFlags:
      case ArgKind::kEnum:
        return FlagsOrEnum(arg, words);
      case ArgKind::kEventPointer:
        return EventPointer(arg, words);
      case ArgKind::kTimespec:
        return Timespec(arg, words);
      case ArgKind::kSigmask:
        return AcceptPointer(arg, words) || (Expect("[") && Expect("]"));
      case ArgKind::kBuffer:
        return Buffer(arg, words);
      case ArgKind::kPollFd:
        return PollFd(words);
      case ArgKind::kLiteral: {
        int64_t value;
        return NumberIn(arg.min, arg.max, &value);
      }
      case ArgKind::kPlace: {
        if (AcceptPointer(arg, words)) return true;
        return Fail(at_,
                    absl::StrCat("expected a bad pointer, found ", Found()));
      }
      case ArgKind::kValueIn:
        return Number(words);
      case ArgKind::kValueOut: {
        outcome_part_ = key_at_;
        int64_t value;
        if (!Number(&value)) return false;
        outcome_.has_value = true;
        outcome_.value = static_cast<uint64_t>(value);
        return true;
      }
      case ArgKind::kNumberOut:
        return NumberOut();
    }
    return false;
  }

  static bool IsOptional(ArgKind kind) {
    return kind == ArgKind::kPlace || kind == ArgKind::kValueIn ||
           kind == ArgKind::kValueOut;
  }

  // Is the next argument "NAME=..."? Takes that much of it.
  bool AcceptKey(std::string_view name, bool first) {
    const size_t start = at_;
    if (first || Accept(",")) {
      key_at_ = at_;
      if (Accept(name) && Accept("=")) return true;
    }
    at_ = start;
    return false;
  }

  bool Arguments(Call* call) {
    if (!Expect("(")) return false;
    const CallInfo& info = Describe(call->op);
    int at = 0;
    bool first = true;
    std::string_view expected;  // by name, if anything may still follow
    for (const ArgInfo& arg : info) {
      const bool optional = IsOptional(arg.kind);
      if (arg.kind == ArgKind::kValueIn) call->args[at] = 1;
      if (!optional && !first && !Expect(",")) return false;
      if (optional) expected = arg.name;
      if (!optional || AcceptKey(arg.name, first)) {
        first = false;
        if (!Argument(arg, &call->args[at])) return false;
      }
      at += WordsOf(arg.kind);
    }
    if (!expected.empty() && Accept(",")) return Expect(expected);
    return Expect(")");
  }

  // --- Statements

  bool OutcomeOf(const CallInfo& info) {
    if (Accept("?")) {
      outcome_.blocked = true;
      return true;
    }
    const size_t start = (Peek(), at_);
    if (!SignedNumber(&outcome_.result)) return false;
    if (outcome_.result < -1) {
      return Fail(start, "a call returns -1 and an errno, or a value");
    }
    if (outcome_.result >= 0) {
      if (info.makes != Makes::kNothing && outcome_.result != 0) {
        return Fail(start,
                    "the number of a descriptor is not part of a trace: leave "
                    "it out, or say = 0 for success");
      }
      return true;
    }
    std::string_view name;
    const size_t errno_at = (Peek(), at_);
    if (!Identifier("an errno", &name)) return false;
    const Symbol* symbol = kErrnos.Find(name);
    if (symbol == nullptr) {
      return Fail(errno_at, absl::StrCat("unknown errno '", name, "'"));
    }
    outcome_.result = -static_cast<int64_t>(symbol->value);
    if (Accept("(")) {
      while (Peek() != ')' && Peek() != '\n') ++at_;
      return Expect(")");
    }
    return true;
  }

  // A count that the events contradict is a slip of the author.
  bool CheckOutcome(const Call& call, size_t at) {
    const CallInfo& info = Describe(call.op);
    const bool delivers = std::any_of(
        info.begin(), info.end(),
        [](const ArgInfo& arg) { return arg.kind == ArgKind::kBuffer; });
    const int64_t events = static_cast<int64_t>(outcome_.events.size());
    if (delivers && std::max<int64_t>(outcome_.result, 0) != events) {
      return Fail(at,
                  absl::StrCat("the call returns ", outcome_.result,
                               " but its buffer shows ", events, " events"));
    }
    return true;
  }

  bool DefineName(std::string_view name, size_t at, const CallInfo& info) {
    if (info.makes == Makes::kNothing) {
      return Fail(at, absl::StrCat(info.name,
                                   " makes nothing that could be "
                                   "named '",
                                   name, "'"));
    }
    if (!makers_.emplace(name, true).second) {
      return Fail(at, absl::StrCat("'", name, "' is defined twice"));
    }
    int slot = builder_.slots();
    for (int i = 0; i < info.slots_made(); ++i) {
      slots_[absl::StrCat(name, SlotSuffixes(info.makes)[i])] = slot++;
    }
    trace_.program.names.emplace_back(name);
    return true;
  }

  bool AddCall(const Call& call, size_t at) {
    const CallInfo& info = Describe(call.op);
    if (call.op == Op::kThaw && !builder_.frozen()) {
      return Fail(at, "nothing is frozen here");
    }
    if (builder_.frozen() && call.op != Op::kThaw &&
        info.while_frozen == WhileFrozen::kThaws) {
      return Fail(at, absl::StrCat(info.name,
                                   " would wait for the frozen "
                                   "scan: thaw([...]) first"));
    }
    if (!builder_.Append(call)) {
      return Fail(
          at, absl::StrCat("a program has at most ", Program::kMaxCalls,
                           " calls and ", Program::kMaxSlots, " descriptors"));
    }
    trace_.program.calls.push_back(call);
    return true;
  }

  bool Statement() {
    const size_t start = at_;
    outcome_.Clear();
    outcome_part_ = 0;
    std::string_view target;
    std::string_view name;
    if (!Identifier("a call", &name)) return false;
    size_t name_at = start;
    if (Accept("=")) {
      target = name;
      name_at = (Peek(), at_);
      if (!Identifier("a call", &name)) return false;
    }
    std::optional<Op> op = FindCall(name);
    if (!op) return Fail(name_at, absl::StrCat("unknown call '", name, "'"));
    const CallInfo& info = Describe(*op);
    Call call{*op, {}};
    if (!Arguments(&call)) return false;
    const size_t outcome_at = at_;
    const bool has_outcome = Accept("=");
    if (has_outcome && (!OutcomeOf(info) || !CheckOutcome(call, outcome_at))) {
      return false;
    }
    if (!has_outcome && outcome_part_ != 0) {
      return Fail(outcome_part_,
                  "this is part of an outcome: add '= result' to the line");
    }
    if (target.empty() && info.makes != Makes::kNothing) {
      return Fail(start, absl::StrCat("name what is made: ", info.prefix,
                                      "0 = ", info.name, "(...)"));
    }
    if (!target.empty() && !DefineName(target, start, info)) return false;
    if (!AddCall(call, name_at)) return false;
    trace_.outcomes.push_back(has_outcome ? std::optional<Outcome>(outcome_)
                                          : std::nullopt);
    return true;
  }

  void ParseLine() {
    ++line_;
    const char c = Peek();
    if (c != '\n' && c != '\r' && c != '#') {
      if (!Statement()) return;
      trace_.lines.push_back(line_);
    }
    if (Peek() == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
    Accept("\r");
    if (at_ < text_.size() && !Accept("\n")) {
      Fail(at_, absl::StrCat("expected the end of the line, found ", Found()));
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 0;
  absl::Status status_;
  Trace trace_;
  Program built_;  // what builder_ makes of the same calls
  ProgramBuilder builder_;
  std::map<std::string, int, std::less<>> slots_;
  std::map<std::string, bool, std::less<>> makers_;
  Outcome outcome_;          // of the statement being parsed
  size_t key_at_ = 0;        // where the last "NAME=" began
  size_t outcome_part_ = 0;  // where that shows before the '=', if it does
};

}  // namespace

absl::StatusOr<Trace> ParseText(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace pollux
