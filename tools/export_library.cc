// Taking the library apart. Its notation is explained at its top.

#include "tools/export_library.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pollux {
namespace {

constexpr std::string_view kLibrary =
#include "tools/export_library.inc"
    ;

constexpr std::string_view kAlways = "_always_";

// Where the comment or literal that starts at `at` ends; `at` if none does.
size_t SkipOpaque(std::string_view code, size_t at) {
  if (absl::StartsWith(code.substr(at), "/*")) {
    const size_t end = code.find("*/", at + 2);
    return end == std::string_view::npos ? code.size() : end + 2;
  }
  const char quote = code[at];
  if (quote != '"' && quote != '\'') return at;
  size_t end = at + 1;
  while (end < code.size() && code[end] != quote) {
    end += code[end] == '\\' ? 2 : 1;
  }
  return end + 1;
}

// All identifiers in `code`, outside comments and literals, but for members.
std::set<std::string> WordsIn(std::string_view code) {
  std::set<std::string> words;
  const auto part_of_word = [](char c) {
    return absl::ascii_isalnum(c) || c == '_';
  };
  for (size_t at = 0; at < code.size();) {
    if (const size_t end = SkipOpaque(code, at); end != at) {
      at = end;
      continue;
    }
    size_t end = at;
    while (end < code.size() && part_of_word(code[end])) ++end;
    const bool member = at > 0 && (code[at - 1] == '.' ||
                                   absl::EndsWith(code.substr(0, at), "->"));
    if (end > at && !member) words.emplace(code.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  return words;
}

struct Part {
  std::vector<std::string> names;
  // Includes, and the #ifndef blocks beside them, go first.
  std::vector<std::string> includes;
  std::string code;
  std::set<std::string> words;  // that includes and code mention
};

std::vector<Part> Parse() {
  std::vector<Part> parts;
  for (std::string_view line : absl::StrSplit(kLibrary, '\n')) {
    if (absl::ConsumePrefix(&line, "//@ ")) {
      parts.push_back({absl::StrSplit(line, ' '), {}, "", {}});
    } else if (parts.empty()) {
      continue;  // the comment at the top
    } else if (absl::StartsWith(line, "#include ")) {
      parts.back().includes.emplace_back(line);
    } else {
      absl::StrAppend(&parts.back().code, line, "\n");
    }
  }
  for (Part& part : parts) {
    absl::StripTrailingAsciiWhitespace(&part.code);
    absl::StrAppend(&part.code, part.code.empty() ? "" : "\n");
    part.words = WordsIn(part.code);
  }
  return parts;
}

const std::vector<Part>& Parts() {
  static const auto& parts = *new std::vector<Part>(Parse());
  return parts;
}

bool Defines(const Part& part, const std::set<std::string>& words) {
  for (const std::string& name : part.names) {
    if (name == kAlways || words.count(name) > 0) return true;
  }
  return false;
}

}  // namespace

bool LibraryHas(std::string_view name) {
  const std::set<std::string> words = {std::string(name)};
  for (const Part& part : Parts()) {
    if (part.names[0] != kAlways && Defines(part, words)) return true;
  }
  return false;
}

std::string LibraryFor(std::string_view body) {
  // From the end: a part stands behind what it uses.
  std::set<std::string> words = WordsIn(body);
  std::vector<const Part*> used;
  for (auto part = Parts().rbegin(); part != Parts().rend(); ++part) {
    if (!Defines(*part, words)) continue;
    used.insert(used.begin(), &*part);
    words.insert(part->words.begin(), part->words.end());
  }
  std::set<std::string> includes;
  std::string code;
  for (const Part* part : used) {
    includes.insert(part->includes.begin(), part->includes.end());
    if (part->names[0] != kAlways) absl::StrAppend(&code, part->code);
  }
  std::string text = Parts()[0].code;  // before all includes
  for (const std::string& include : includes) {
    absl::StrAppend(&text, include, "\n");
  }
  return absl::StrCat(text, code);
}

std::set<std::string> ReservedWords() {
  std::set<std::string> words = absl::StrSplit(
      "auto break case char const continue default do double else enum extern "
      "float for goto if inline int long register restrict return short signed "
      "sizeof static struct switch typedef union unsigned void volatile while "
      "class delete new private public this throw try using virtual template "
      "bool true false and or not xor asm main NULL errno stdin stdout stderr "
      "index time log exp y0 y1 yn j0 j1 jn gamma select select_ pause",
      ' ');
  words.merge(WordsIn(kLibrary));
  return words;
}

}  // namespace pollux
