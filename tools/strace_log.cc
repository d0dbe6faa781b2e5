// Parsing logs of strace.

#include "tools/strace_log.h"

#include <cstdlib>
#include <map>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pollux {
namespace {

constexpr std::string_view kUnfinished = "<unfinished ...>";

// Takes digits, and what may stand among those of a time, from the front.
std::string_view TakeDigits(std::string_view& text, std::string_view also) {
  size_t n = 0;
  while (n < text.size() && (absl::ascii_isdigit(text[n]) ||
                             absl::StrContains(also, text.substr(n, 1)))) {
    ++n;
  }
  const std::string_view taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

// "123 " or "[pid 123] ", and a time, are taken from the front.
int TakePid(std::string_view& line) {
  const bool bracket = absl::ConsumePrefix(&line, "[pid ");
  if (bracket) line = absl::StripLeadingAsciiWhitespace(line);
  std::string_view rest = line;
  const std::string_view digits = TakeDigits(rest, "");
  int pid = 0;
  if (!digits.empty() && (absl::StartsWith(rest, " ") || bracket)) {
    pid = static_cast<int>(StraceNumber(digits));
    absl::ConsumePrefix(&rest, "]");
    line = absl::StripLeadingAsciiWhitespace(rest);
  }
  rest = line;
  if (!TakeDigits(rest, ":.").empty() && absl::StartsWith(rest, " ")) {
    line = absl::StripLeadingAsciiWhitespace(rest);
  }
  return pid;
}

bool IsName(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

// Where the string that starts at `at` ends.
size_t SkipString(std::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at;
}

// Splits at commas outside of brackets and strings, up to the bracket that
// closes the call. Sets `end` behind that, or to npos if it is missing.
std::vector<std::string> SplitArgs(std::string_view text, size_t* end) {
  std::vector<std::string> args;
  int depth = 0;
  size_t start = 0;
  *end = std::string_view::npos;
  const auto take = [&](size_t at) {
    args.emplace_back(
        absl::StripAsciiWhitespace(text.substr(start, at - start)));
    start = at + 1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i = SkipString(text, i);
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' && depth == 0) {
      if (i > start || !args.empty()) take(i);
      *end = i + 1;
      return args;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      take(i);
    }
  }
  return args;
}

// "NAME(ARGUMENTS) = RESULT ERROR (text)"
std::optional<StraceCall> ParseCall(std::string_view line) {
  const size_t open = line.find('(');
  if (open == std::string_view::npos || !IsName(line.substr(0, open))) {
    return std::nullopt;
  }
  StraceCall call;
  call.name = std::string(line.substr(0, open));
  line.remove_prefix(open + 1);
  size_t end;
  call.args = SplitArgs(line, &end);
  if (end == std::string_view::npos) return std::nullopt;
  line = absl::StripLeadingAsciiWhitespace(line.substr(end));
  if (!absl::ConsumePrefix(&line, "=")) return std::nullopt;
  line = absl::StripLeadingAsciiWhitespace(line);
  call.result = StraceNumber(line);
  const std::vector<std::string_view> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (call.result < 0 && words.size() > 1) call.error = std::string(words[1]);
  if (absl::StartsWith(line, "?")) {
    call.result = -1;
    call.error = "?";
  }
  return call;
}

// One line after the other.
class LogReader {
 public:
  void Read(std::string_view line) {
    ++number_;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) return;
    const int pid = TakePid(line);
    if (absl::StartsWith(line, "---")) return;  // a signal
    if (absl::StartsWith(line, "+++")) {
      Add({.name = "+++", .args = {}, .error = ""}, pid);
    } else if (absl::ConsumeSuffix(&line, kUnfinished)) {
      if (absl::StrContains(line.substr(0, line.find('(')), "fork") ||
          absl::StartsWith(line, "clone")) {
        Add({.name = "fork?", .args = {std::string(line)}, .error = ""}, pid);
      }
      unfinished_[pid] = std::string(absl::StripAsciiWhitespace(line));
    } else if (absl::StartsWith(line, "<...")) {
      Resume(line, pid);
    } else {
      AddParsed(line, pid);
    }
  }

  StraceLog Take() { return std::move(log_); }

 private:
  void Add(StraceCall call, int pid) {
    call.line = number_;
    call.pid = pid;
    log_.calls.push_back(std::move(call));
  }

  void AddParsed(std::string_view line, int pid) {
    std::optional<StraceCall> call = ParseCall(line);
    if (call) {
      Add(*std::move(call), pid);
    } else if (log_.bad_lines++ == 0) {
      log_.first_bad_line = number_;
    }
  }

  // "<... NAME resumed>REST"
  void Resume(std::string_view line, int pid) {
    const size_t end = line.find('>');
    const auto begun = unfinished_.find(pid);
    if (end == std::string_view::npos || begun == unfinished_.end()) {
      if (log_.bad_lines++ == 0) log_.first_bad_line = number_;
      return;
    }
    AddParsed(absl::StrCat(begun->second, line.substr(end + 1)), pid);
    unfinished_.erase(begun);
  }

  StraceLog log_;
  std::map<int, std::string> unfinished_;  // by pid: what its call began with
  int number_ = 0;
};

}  // namespace

StraceLog ParseStraceLog(std::string_view text) {
  LogReader reader;
  for (std::string_view line : absl::StrSplit(text, '\n')) reader.Read(line);
  return reader.Take();
}

int64_t StraceNumber(std::string_view text) {
  // Numbers end at the latest with the text; strtoll wants a terminator.
  const std::string copy(text.substr(0, 32));
  if (absl::StartsWith(copy, "-")) return strtoll(copy.c_str(), nullptr, 0);
  return static_cast<int64_t>(strtoull(copy.c_str(), nullptr, 0));
}

std::string_view StraceField(std::string_view text, std::string_view field) {
  const std::string key = absl::StrCat(field, "=");
  size_t at = 0;
  while ((at = text.find(key, at)) != std::string_view::npos) {
    const bool starts = at == 0 || text[at - 1] == '{' || text[at - 1] == ' ';
    at += key.size();
    if (!starts) continue;
    text.remove_prefix(at);
    return text.substr(0, text.find_first_of(",}"));
  }
  return "";
}

}  // namespace pollux
