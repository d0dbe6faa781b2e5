// Divergences as C: for TAP, GoogleTest, or the kernel's selftests.
//
// One statement a call, generic over the call table; what a call does is a
// small C function in export_library.c.

#include <errno.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "diff/text_format.h"
#include "diff/wrap.h"
#include "tools/exhibit.h"
#include "tools/export_library.h"

namespace pollux {
namespace {

// As C writes it.
std::string Number(int64_t value) {
  if (value < 0 && value >= INT32_MIN && value != INT32_MIN) {
    return absl::StrCat(value);
  }
  if (value == INT32_MIN) return "(-2147483647 - 1)";
  if (value >= 0 && value < 100000) return absl::StrCat(value);
  if (value < 0) return absl::StrCat("(int64_t)0x", absl::Hex(value), "ull");
  return absl::StrCat("0x", absl::Hex(value), value > UINT32_MAX ? "ll" : "u");
}

// The same for a parameter that has no sign.
std::string Unsigned(int64_t value) {
  return value < 0 ? absl::StrCat("0x", absl::Hex(value), "ull")
                   : Number(value);
}

// Symbols that stand for places in tables of Pollux, and mean nothing in C.
bool IsOurs(const SymbolTable& symbols) {
  const SymbolTable* const kOurs[] = {
      &kDevices,   &kTimerValues, &kTimerIntervals, &kWatchedFileNames,
      &kFileNames, &kFileChanges, &kSignalSets};
  return std::any_of(
      std::begin(kOurs), std::end(kOurs),
      [&](const SymbolTable* table) { return table->first == symbols.first; });
}

// Symbols that libc or the library has under the same name, the rest as a
// number.
std::string Flags(const SymbolTable& symbols, uint64_t value) {
  if (IsOurs(symbols)) return Number(static_cast<int64_t>(value));
  return absl::StrReplaceAll(PrintSymbols(symbols, value), {{"|", " | "}});
}

// As a C string literal without its quotes.
std::string Quoted(std::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}});
}

class Writer {
 public:
  Writer(const Exhibit& exhibit, CodeStyle style)
      : exhibit_(exhibit), style_(style), names_(exhibit.program) {
    NameVariables();
  }

  absl::StatusOr<std::string> Write() {
    std::string body;
    int slot = 0;
    for (size_t i = 0; i < exhibit_.program.calls.size(); ++i) {
      const Call& call = exhibit_.program.calls[i];
      const std::string function = FunctionOf(call.op);
      if (!LibraryHas(function)) {
        return absl::InvalidArgumentError(
            absl::StrCat("there is no C for ", Describe(call.op).name, ": no ",
                         function, " in export_library.c"));
      }
      if (exhibit_.finding && i == exhibit_.finding->divergence.call) {
        absl::StrAppend(&body, "\n\t/* Here it shows. */\n");
      }
      absl::StrAppend(&body, Statement(call, slot, exhibit_.expected[i]));
      slot += Describe(call.op).slots_made();
    }
    if (exhibit_.finding) {
      const Divergence& d = exhibit_.finding->divergence;
      if (OnlyNumbersDiffer(d)) {
        if (style_ != CodeStyle::kTap) {
          return absl::InvalidArgumentError(
              "only the number of a descriptor differs, which a test that "
              "shares its process with others cannot check (--c can)");
        }
        body = absl::StrCat("\tclose_others();\n", body, Numbers(d));
      }
      absl::StrAppend(&body, Witnesses(d));
    }
    const std::string frame = Frame(body);
    const std::string code =
        absl::StrCat(Story(), LibraryFor(frame), Harness(), "\n", frame);
    return absl::StrReplaceAll(code, {{"        ", "\t"}});
  }

 private:
  void NameVariables() {
    std::set<std::string> taken = ReservedWords();
    const int slots = CountSlots(exhibit_.program);
    for (int slot = 0; slot < slots; ++slot) {
      std::string name = absl::StrReplaceAll(names_.Of(slot), {{".", "_"}});
      if (!absl::ascii_isalpha(name[0])) name.insert(0, "fd_");
      while (!taken.insert(name).second) name += "_";
      variables_.push_back(name);
    }
  }

  std::string Variable(int64_t slot) const {
    return slot < 0 ? "-1" : variables_[slot];
  }

  static std::string FunctionOf(Op op) {
    return absl::StrCat("do_", Describe(op).name);
  }

  // The call makes the same on both sides, under other numbers.
  static bool OnlyNumbersDiffer(const Divergence& d) {
    return d.observed.fds != d.expected.fds &&
           (d.observed.result < 0) == (d.expected.result < 0);
  }

  // `good` where the word stands for memory as it should be.
  static std::string Pointer(int64_t word, std::string good) {
    if (word >= kPartialPointer) {
      return absl::StrCat("writable(", word - kPartialPointer, ")");
    }
    switch (word) {
      case kNullPointer:
        return "NULL";
      case kUnmappedPointer:
        return "UNMAPPED";
      case kKernelPointer:
        return "KERNEL_MEMORY";
      case kReadOnlyPointer:
        return "read_only()";
      default:
        return good;
    }
  }

  // The buffer that a call fills: an array of events.
  static std::string BufferOf(const Call& call) {
    int at = 0;
    for (const ArgInfo& arg : Describe(call.op)) {
      if (arg.kind == ArgKind::kBuffer) return Pointer(call.args[at], "events");
      at += WordsOf(arg.kind);
    }
    return "events";
  }

  std::string Argument(const ArgInfo& arg, const int64_t* words) const {
    switch (arg.kind) {
      case ArgKind::kFd:
        return Variable(words[0]);
      case ArgKind::kInt:
        return Number(words[0]);
      case ArgKind::kValueIn:
        return Unsigned(words[0]);
      case ArgKind::kFlags:
      case ArgKind::kEnum: {
        if (words[0] < 0) return Number(words[0]);
        const std::string text = Flags(*arg.symbols, words[0]);
        return words[0] > INT32_MAX ? absl::StrCat("(int)(", text, ")") : text;
      }
      case ArgKind::kEventPointer:
        return Pointer(words[0],
                       absl::StrCat("event(", Flags(kEpollEvents, words[1]),
                                    ", ", Unsigned(words[2]), ")"));
      case ArgKind::kBuffer:
        return Pointer(words[0], "events");
      case ArgKind::kTimespec:
        return Pointer(words[0], absl::StrCat("timespec(", Number(words[1]),
                                              ", ", Number(words[2]), ")"));
      case ArgKind::kSigmask:
        return Pointer(words[0], "no_signals");
      case ArgKind::kPollFd:
        return absl::StrCat(Variable(words[0]), ", ",
                            Flags(kPollEvents, words[1]));
      case ArgKind::kPlace:
      case ArgKind::kLiteral:
      case ArgKind::kValueOut:
      case ArgKind::kNumberOut:
        return "";
    }
    return "";
  }

  std::string Invocation(const Call& call, int slot) const {
    const CallInfo& info = Describe(call.op);
    std::vector<std::string> args;
    int at = 0;
    for (const ArgInfo& arg : info) {
      std::string text = Argument(arg, &call.args[at]);
      if (!text.empty()) args.push_back(std::move(text));
      at += WordsOf(arg.kind);
    }
    for (int i = 0; i < info.slots_made(); ++i) {
      args.push_back(absl::StrCat("&", variables_[slot + i]));
    }
    return absl::StrCat(FunctionOf(call.op), "(", absl::StrJoin(args, ", "),
                        ")");
  }

  // Compares `got` with `expected`, both C expressions.
  std::string Check(std::string_view what, std::string_view got,
                    std::string_view expected) const {
    switch (style_) {
      case CodeStyle::kTap:
        return absl::StrCat("\tcheck(\"", Quoted(what), "\",\n\t      ", got,
                            ", ", expected, ");\n");
      case CodeStyle::kGtest:
        return absl::StrCat("\tASSERT_EQ(", got, ",\n\t\t  (int64_t)(",
                            expected, ")) << \"", Quoted(what), "\";\n");
      case CodeStyle::kKselftest:
        return absl::StrCat("\t/* ", absl::StrReplaceAll(what, {{"*/", "* /"}}),
                            " */\n\tASSERT_EQ((int64_t)(", expected,
                            "),\n\t\t  ", got, ");\n");
    }
    return "";
  }

  std::string Statement(const Call& call, int slot,
                        const Outcome& expected) const {
    const std::string what = PrintCall(call, slot, names_, &expected);
    std::string result = Number(expected.result);
    if (expected.blocked) {
      result = "BLOCKED";
    } else if (expected.result < 0) {
      const std::string_view name =
          ErrnoName(static_cast<int>(-expected.result));
      if (!name.empty()) result = absl::StrCat("-", name);
    }
    std::string text = Check(what, Invocation(call, slot), result);
    const std::string buffer = absl::StrCat("(int64_t)", BufferOf(call), "[");
    for (size_t i = 0; i < expected.events.size(); ++i) {
      const Event& event = expected.events[i];
      absl::StrAppend(&text,
                      Check(absl::StrCat("event ", i, ": mask"),
                            absl::StrCat(buffer, i, "].events"),
                            Flags(kEpollEvents, event.events)),
                      Check(absl::StrCat("event ", i, ": data"),
                            absl::StrCat(buffer, i, "].data.u64"),
                            absl::StrCat("(int64_t)", Number(event.data))));
    }
    if (call.op == Op::kPoll) {
      absl::StrAppend(&text, Check("its mask", "(int64_t)revents",
                                   Flags(kPollEvents, expected.revents)));
    }
    if (expected.has_value) {
      absl::StrAppend(&text,
                      Check("its value", "(int64_t)value",
                            absl::StrCat("(int64_t)", Number(expected.value))));
    }
    return text;
  }

  // The variable that holds descriptor `fd` of the recording.
  std::string VariableOf(int fd) const {
    const std::vector<int>& fds = exhibit_.finding->recording.fds;
    for (size_t slot = std::min(fds.size(), variables_.size()); slot-- > 0;) {
      if (fds[slot] == fd) return variables_[slot];
    }
    return "-1";
  }

  // Checks of the numbers of what the last call made.
  std::string Numbers(const Divergence& d) const {
    std::string text;
    const int made = Describe(exhibit_.program.calls[d.call].op).slots_made();
    const size_t first = variables_.size() - made;
    for (int i = 0; i < made; ++i) {
      const std::string& fd = variables_[first + i];
      absl::StrAppend(&text, Check(absl::StrCat("the number of ", fd),
                                   absl::StrCat(fd, " - FIRST_FD"),
                                   absl::StrCat(d.expected.fds[i])));
    }
    return text;
  }

  // Checks of what was seen between calls.
  std::string Witnesses(const Divergence& d) const {
    std::string text;
    const auto& polls = d.expected_witness.polls;
    for (size_t i = 0; i < polls.size(); ++i) {
      if (polls[i].revents == d.observed_witness.polls[i].revents) continue;
      const std::string fd = VariableOf(polls[i].fd);
      absl::StrAppend(&text, Check(absl::StrCat("the poll mask of ", fd),
                                   absl::StrCat("poll_mask(", fd, ")"),
                                   Flags(kPollEvents, polls[i].revents)));
    }
    const auto wanted = d.expected_witness.interests();
    const auto seen = d.observed_witness.interests();
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (seen[i].lines == wanted[i].lines) continue;
      const std::string ep = VariableOf(wanted[i].epfd);
      std::map<InterestLine, int> lines;
      for (const InterestLine& line : seen[i].lines) lines[line] = 0;
      for (const InterestLine& line : wanted[i].lines) ++lines[line];
      for (const auto& [line, count] : lines) {
        absl::StrAppend(
            &text,
            Check(
                absl::StrCat("interests of ", ep, " in ", VariableOf(line.tfd)),
                absl::StrCat("interests(", ep, ", ", VariableOf(line.tfd), ", ",
                             Flags(kEpollEvents, line.events), ", ",
                             Unsigned(line.data), ")"),
                absl::StrCat(count)));
      }
    }
    return text;
  }

  std::string Story() const {
    std::string text = absl::StrCat(
        "/*\n * ", exhibit_.signature(), "\n *\n",
        WrapText(absl::StrCat(exhibit_.Summary(), "."), 78, " * ", " * "));
    absl::StrAppend(
        &text, " *\n * Expects what Linux does by the reference of ", "Pollux");
    absl::StrAppend(&text, style_ == CodeStyle::kTap
                               ? ":\n * exits 0 if it does, and 1 at the first "
                                 "difference.\n"
                               : ".\n");
    return absl::StrCat(text, " */\n");
  }

  std::string_view Harness() const {
    switch (style_) {
      case CodeStyle::kTap:
        return "";
      case CodeStyle::kGtest:
        return "\n#include \"gtest/gtest.h\"\n";
      case CodeStyle::kKselftest:
        return "\n#include \"kselftest_harness.h\"\n";
    }
    return "";
  }

  // The function around the statements.
  std::string Frame(const std::string& body) const {
    std::string text;
    if (style_ == CodeStyle::kTap) {
      text = "int main(void)\n{\n";
    } else {
      const std::string name = absl::StrReplaceAll(
          exhibit_.signature(), {{"-", "_"}, {".", "_"}, {"+", "_"}});
      text = style_ == CodeStyle::kGtest
                 ? absl::StrCat("TEST(Pollux, ", name, ")\n{\n")
                 : absl::StrCat("TEST(", name, ")\n{\n");
    }
    for (const std::string& variable : variables_) {
      absl::StrAppend(&text, "\tint ", variable, " = -1;\n");
    }
    absl::StrAppend(
        &text, "\n",
        style_ == CodeStyle::kTap ? "\tprintf(\"TAP version 13\\n\");\n" : "",
        "\tsignal(SIGPIPE, SIG_IGN);\n", body);
    // Else a variable that no call uses would be warned of.
    for (const std::string& variable : variables_) {
      absl::StrAppend(&text, "\tclose(", variable, ");\n");
    }
    switch (style_) {
      case CodeStyle::kTap:
        return absl::StrCat(text,
                            "\tprintf(\"1..%d\\n\", checks);\n"
                            "\treturn 0;\n}\n");
      case CodeStyle::kGtest:
        return absl::StrCat(text, "}\n");
      case CodeStyle::kKselftest:
        return absl::StrCat(text, "}\n\nTEST_HARNESS_MAIN\n");
    }
    return text;
  }

  const Exhibit& exhibit_;
  const CodeStyle style_;
  const SlotNames names_;
  std::vector<std::string> variables_;
};

}  // namespace

absl::StatusOr<std::string> ExportCode(const Exhibit& exhibit,
                                       CodeStyle style) {
  return Writer(exhibit, style).Write();
}

}  // namespace pollux
