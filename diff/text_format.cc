// The text format, and its parser. text_printer.cc prints it.
//
//   text      = { [ statement | event-of ] [ "#" comment ] newline } ;
//   statement = [ thread ] [ name "=" ] call [ "=" outcome | unreturned ] ;
//   thread    = "[t" digit "]" ;                (* left out for thread 0 *)
//   unreturned = "<unfinished ...>" | "<skipped ...>" ;
//   event-of  = thread ( "<..." callname "resumed>" [ events | revents ]
//                        "=" outcome | "---" signal "---" ) ;
//   revents   = "[" "{" "revents" "=" symbols "}" "]" ;
//   call      = callname "(" [ argument { "," argument } ] ")" ;
//   argument  = fd | number | symbols | event | events | pollfd | value
//             | timespec | sigmask | "t" digit | "[" ( "..." | number ) "]" ;
//   fd        = name [ "." ( "r" | "w" | "a" | "b" ) ] | "-1" ;
//   symbols   = symbol { "|" symbol } ;         (* EPOLLIN|EPOLLET|0x8000 *)
//   symbol    = identifier | number ;
//   event     = "{" "events" "=" symbols "," "data" "=" number "}" | pointer ;
//   events    = "[" ( "..." | [ event { "," event } ] ) "]" [ "@" number ]
//             | pointer ;                 (* @2: only two slots are mapped *)
//   timespec  = "{" "tv_sec" "=" number "," "tv_nsec" "=" number "}"
//             | pointer ;
//   sigmask   = "[" { signal } "]" | pointer ;         (* [USR1 USR2] *)
//   pointer   = "NULL" | "UNMAPPED" | "KERNEL" | "READONLY" ;
//   pollfd    = "[" "{" "fd" "=" fd "," "events" "=" symbols
//               [ "," "revents" "=" symbols ] "}" "]" ;
//   value     = "value" "=" number ;            (* may be left out *)
//   outcome   = number | "-1" errno | "?" ;     (* ?: it never returned *)
//   number    = [ "-" ] digits | "0x" hexdigits ;
//
// The events in a buffer, `revents`, the value of a read and that of an option
// belong to the outcome: without one, a buffer is [...] or []. A maker's
// outcome is left out where it succeeds. A parenthesis after an errno is a
// comment, as in strace.
//
// What other threads do because of a call is part of its outcome and stands in
// the lines behind it: waits that return (`resumed`) and handlers that run
// (`---`). A call that sleeps is unfinished; one for a thread that sleeps is
// skipped.

#include "diff/text_format.h"

#include <errno.h>

#include <algorithm>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/thread.h"
#include "diff/text_scanner.h"

namespace pollux {
namespace {

constexpr size_t kMaxTextBytes = 1 << 20;

class Parser : private TextScanner {
 public:
  explicit Parser(std::string_view text)
      : TextScanner(text), builder_(&built_) {}

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

  bool EventStruct(int64_t* events, int64_t* data) {
    if (!Expect("{") || !Expect("events") || !Expect("=")) return false;
    const size_t start = at_;
    if (!Symbols(kEpollEvents, events)) return false;
    if (*events != (*events & 0xffffffff)) {
      return Fail(start, "a mask of events has 32 bits");
    }
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
    return AcceptPointer(arg, words) || EventStruct(&words[1], &words[2]);
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
    int64_t slots;
    if (!Accept("@")) return true;
    if (!NumberIn(0, kMostPartialSlots - 1, &slots)) return false;
    *word = kPartialPointer + slots;
    return true;
  }

  // Behind the [ of a buffer.
  bool BufferContent() {
    if (Accept("...")) return Expect("]");
    if (Accept("]")) return true;
    outcome_part_ = at_;
    do {
      int64_t events, data;
      if (!EventStruct(&events, &data)) return false;
      outcome_.events.push_back(
          {static_cast<uint32_t>(events), static_cast<uint64_t>(data)});
    } while (Accept(","));
    return Expect("]");
  }

  // USR1 for SIGUSR1.
  bool SignalName(int64_t* bit) {
    const size_t start = (Peek(), at_);
    std::string_view name;
    if (!Identifier("a signal", &name)) return false;
    const Symbol* symbol = kThreadSignals.Find(absl::StartsWith(name, "SIG")
                                                   ? std::string(name)
                                                   : absl::StrCat("SIG", name));
    if (symbol == nullptr) {
      return Fail(start, absl::StrCat("unknown signal '", name, "' here"));
    }
    *bit = symbol->value;
    return true;
  }

  bool Sigmask(const ArgInfo& arg, int64_t* word) {
    if (AcceptPointer(arg, word)) return true;
    if (!Expect("[")) return false;
    int64_t set = 0;
    while (!Accept("]")) {
      int64_t bit;
      if (!SignalName(&bit)) return false;
      set |= bit;
    }
    *word = set == 0 ? int64_t{kGoodPointer} : kSignalSetPointer + set;
    return true;
  }

  bool ThreadNumber(int64_t* thread) {
    return Expect("t") && NumberIn(0, kMaxThreads - 1, thread);
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
        return Sigmask(arg, words);
      case ArgKind::kThread:
        return ThreadNumber(words);
      case ArgKind::kBuffer:
        return Buffer(arg, words);
      case ArgKind::kPollFd:
        return PollFd(words);
      case ArgKind::kLiteral: {
        int64_t value;
        return NumberIn(arg.min, arg.max, &value);
      }
      case ArgKind::kValueIn:
        return Expect("value") && Expect("=") && Number(words);
      case ArgKind::kValueOut: {
        outcome_part_ = at_;
        int64_t value;
        if (!Expect("value") || !Expect("=") || !Number(&value)) return false;
        outcome_.has_value = true;
        outcome_.value = static_cast<uint64_t>(value);
        return true;
      }
      case ArgKind::kNumberOut:
        return NumberOut();
    }
    return false;
  }

  bool Arguments(Call* call) {
    if (!Expect("(")) return false;
    const CallInfo& info = Describe(call->op);
    int at = 0;
    bool first = true;
    for (const ArgInfo& arg : info) {
      const bool optional =
          arg.kind == ArgKind::kValueIn || arg.kind == ArgKind::kValueOut;
      if (arg.kind == ArgKind::kValueIn) call->args[at] = 1;
      if (optional && Peek() == ')') break;
      if (!first && !Expect(",")) return false;
      first = false;
      if (!Argument(arg, &call->args[at])) return false;
      at += WordsOf(arg.kind);
    }
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
    if (builder_.frozen() && call.op != Op::kThaw && WaitsForScan(call)) {
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

  // Behind "[t1]": what that thread did because of the last call.
  bool AcceptEventOf(int64_t thread, bool* accepted) {
    *accepted = true;
    const size_t start = (Peek(), at_);
    const bool resumed = Accept("<...");
    if (!resumed && !Accept("---")) {
      *accepted = false;
      return true;
    }
    if (trace_.outcomes.empty() || !trace_.outcomes.back()) {
      return Fail(start,
                  "this is part of the outcome of the call before it, "
                  "which states none");
    }
    Outcome& of = *trace_.outcomes.back();
    if (resumed) return ResumedOf(static_cast<uint8_t>(thread), &of);
    int64_t bit;
    if (!SignalName(&bit) || !Expect("---")) return false;
    of.handled |= static_cast<uint64_t>(bit) << (8 * thread);
    return true;
  }

  bool ResumedOf(uint8_t thread, Outcome* of) {
    const size_t at = (Peek(), at_);
    std::string_view name;
    if (!Identifier("a call", &name)) return false;
    const std::optional<Op> op = FindCall(name);
    if (!op) return Fail(at, absl::StrCat("unknown call '", name, "'"));
    if (!Expect("resumed>")) return false;
    outcome_.Clear();
    if (Accept("[{revents")) {
      int64_t revents;
      if (!Expect("=") || !Symbols(kPollEvents, &revents) || !Expect("}]")) {
        return false;
      }
      outcome_.revents = static_cast<uint32_t>(revents);
    } else if (Accept("[") && !BufferContent()) {
      return false;
    }
    if (!Expect("=") || !OutcomeOf(Describe(*op))) return false;
    if (!of->resumed.empty() && of->resumed.back().thread >= thread) {
      return Fail(at, "threads that return stand in the order of their number");
    }
    of->resumed.push_back({thread, *op, outcome_.result, false,
                           outcome_.revents, outcome_.events});
    return true;
  }

  // Where a call has not returned.
  bool AcceptUnreturned() {
    outcome_.blocked = Accept("<unfinished ...>");
    outcome_.skipped = !outcome_.blocked && Accept("<skipped ...>");
    return outcome_.blocked || outcome_.skipped;
  }

  bool Statement() {
    int64_t thread = 0;
    if (Accept("[")) {
      bool event_of;
      if (!ThreadNumber(&thread) || !Expect("]") ||
          !AcceptEventOf(thread, &event_of)) {
        return false;
      }
      if (event_of) return true;
    }
    const size_t start = (Peek(), at_);
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
    Call call{*op, {}, static_cast<uint8_t>(thread)};
    if (thread != 0 && !IsForAnyThread(*op)) {
      return Fail(name_at, absl::StrCat("only thread 0 makes ", name));
    }
    if (!Arguments(&call)) return false;
    const size_t outcome_at = at_;
    const bool unreturned = AcceptUnreturned();
    const bool has_outcome = unreturned || Accept("=");
    if (has_outcome && !unreturned &&
        (!OutcomeOf(info) || !CheckOutcome(call, outcome_at))) {
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
    trace_.lines.push_back(line_);
    return true;
  }

  void ParseLine() {
    ++line_;
    const char c = Peek();
    if (c != '\n' && c != '\r' && c != '#') {
      if (!Statement()) return;
    }
    if (Peek() == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
    Accept("\r");
    if (at_ < text_.size() && !Accept("\n")) {
      Fail(at_, absl::StrCat("expected the end of the line, found ", Found()));
    }
  }

  int line_ = 0;
  Trace trace_;
  Program built_;  // what builder_ makes of the same calls
  ProgramBuilder builder_;
  std::map<std::string, int, std::less<>> slots_;
  std::map<std::string, bool, std::less<>> makers_;
  Outcome outcome_;          // of the statement being parsed
  size_t outcome_part_ = 0;  // where that shows before the '=', if it does
};

}  // namespace

absl::StatusOr<Trace> ParseText(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace pollux
