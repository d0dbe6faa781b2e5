// Divergences as C: for TAP, GoogleTest, or the kernel's selftests.
//
// One statement a call, generic over the call table; what a call does is a
// small C function in export_helpers.cc.

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
#include "absl/strings/str_split.h"
#include "diff/text_format.h"
#include "tools/exhibit.h"
#include "tools/export_helpers.h"

namespace pollux {
namespace {

// As C writes it.
std::string Number(int64_t value) {
  if (value < 0 && value >= INT32_MIN && value != INT32_MIN) {
    return absl::StrCat(value);
  }
  if (value == INT32_MIN) return "(-2147483647 - 1)";
  if (value >= 0 && value < 100000) return absl::StrCat(value);
  return absl::StrCat("0x", absl::Hex(value),
                      value < 0 || value > UINT32_MAX ? "ull" : "u");
}

// Symbols that libc has under the same name, the rest as a number.
std::string Flags(const SymbolTable& symbols, uint64_t value) {
  std::string text = PrintSymbols(symbols, value);
  if (absl::StrContains(text, "EPOLLNVAL")) {
    return absl::StrCat("0x", absl::Hex(value), "u");
  }
  return absl::StrReplaceAll(text, {{"|", " | "}});
}

// As a C string literal without its quotes.
std::string Quoted(std::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}});
}

// A paragraph of a C comment.
std::string StoryLines(std::string_view story) {
  std::string text;
  std::string line = " *";
  for (std::string_view word : absl::StrSplit(story, ' ')) {
    if (line.size() + 1 + word.size() > 78) {
      absl::StrAppend(&text, line, "\n");
      line = " *";
    }
    absl::StrAppend(&line, " ", word);
  }
  return absl::StrCat(text, line, ".\n");
}

// Where C has no notation for a buffer.
constexpr std::string_view kNoPointer = "?";

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
      if (HelperOf(call.op).empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("there is no C for ", Describe(call.op).name, " yet"));
      }
      if (exhibit_.finding && i == exhibit_.finding->divergence.call) {
        absl::StrAppend(&body, "\n\t/* Here it shows. */\n");
      }
      if (absl::StrContains(Invocation(call, slot), kNoPointer)) {
        return absl::InvalidArgumentError(
            "there is no C for buffers that are writable in part yet");
      }
      absl::StrAppend(&body, Statement(call, slot, exhibit_.expected[i]));
      slot += Describe(call.op).slots_made();
    }
    if (exhibit_.finding) {
      const Divergence& d = exhibit_.finding->divergence;
      if (d.observed.fds != d.expected.fds &&
          (d.observed.result < 0) == (d.expected.result < 0)) {
        return absl::InvalidArgumentError(
            "only the number of a descriptor differs, which C code that "
            "shares its process with others cannot check");
      }
      absl::StrAppend(&body, Witnesses(d));
    }
    const std::string code = absl::StrCat(
        Story(), Prologue(exhibit_.program, style_, body), Frame(body));
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

  static std::string Pointer(int64_t word) {
    switch (word) {
      case kNullPointer:
        return "NULL";
      case kUnmappedPointer:
        return "UNMAPPED";
      case kKernelPointer:
        return "KERNEL_MEMORY";
      default:
        return std::string(kNoPointer);
    }
  }

  std::string Argument(const ArgInfo& arg, const int64_t* words) const {
    switch (arg.kind) {
      case ArgKind::kFd:
        return Variable(words[0]);
      case ArgKind::kInt:
      case ArgKind::kValueIn:
        return Number(words[0]);
      case ArgKind::kFlags:
      case ArgKind::kEnum: {
        if (words[0] < 0) return Number(words[0]);
        const std::string text = Flags(*arg.symbols, words[0]);
        return words[0] > INT32_MAX ? absl::StrCat("(int)(", text, ")") : text;
      }
      case ArgKind::kEventPointer:
        if (!IsGood(words[0])) return Pointer(words[0]);
        return absl::StrCat("event(", Flags(kEpollEvents, words[1]), ", ",
                            Number(words[2]), ")");
      case ArgKind::kBuffer:
        return IsGood(words[0]) ? "events" : Pointer(words[0]);
      case ArgKind::kPollFd:
        return absl::StrCat(Variable(words[0]), ", ",
                            Flags(kPollEvents, words[1]));
      case ArgKind::kTimespec:
      case ArgKind::kSigmask:
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
    return absl::StrCat("do_", info.name, "(", absl::StrJoin(args, ", "), ")");
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
    for (size_t i = 0; i < expected.events.size(); ++i) {
      const Event& event = expected.events[i];
      absl::StrAppend(&text,
                      Check(absl::StrCat("event ", i, ": mask"),
                            absl::StrCat("(int64_t)events[", i, "].events"),
                            Flags(kEpollEvents, event.events)),
                      Check(absl::StrCat("event ", i, ": data"),
                            absl::StrCat("(int64_t)events[", i, "].data.u64"),
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
                             Number(line.data), ")"),
                absl::StrCat(count)));
      }
    }
    return text;
  }

  std::string Story() const {
    std::string text = absl::StrCat("/*\n * ", exhibit_.signature(), "\n *\n",
                                    StoryLines(exhibit_.Summary()));
    absl::StrAppend(
        &text, " *\n * Expects what Linux does by the reference of ", "Pollux");
    absl::StrAppend(&text, style_ == CodeStyle::kTap
                               ? ":\n * exits 0 if it does, and 1 at the first "
                                 "difference.\n"
                               : ".\n");
    return absl::StrCat(text, " */\n");
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
