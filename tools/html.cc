// Escaping, headings, the frame of a page.

#include "tools/html.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace pollux {
namespace {

constexpr std::string_view kStyle =
#include "tools/report_css.inc"
    ;

constexpr std::string_view kScript =
#include "tools/report_js.inc"
    ;

// Words and what stands between them.
std::vector<std::string_view> PiecesOf(std::string_view text) {
  const auto in_word = [](char c) {
    return absl::ascii_isalnum(c) || c == '_';
  };
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    size_t end = 1;
    while (end < text.size() && in_word(text[0]) && in_word(text[end])) ++end;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

using Pieces = std::vector<std::string_view>;

// lengths[i][j]: of the longest common subsequence of a from i and b from j on.
std::vector<std::vector<int>> CommonLengths(const Pieces& a, const Pieces& b) {
  std::vector<std::vector<int>> lengths(a.size() + 1,
                                        std::vector<int>(b.size() + 1, 0));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      lengths[i][j] = a[i] == b[j]
                          ? lengths[i + 1][j + 1] + 1
                          : std::max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

// Collects text, part of it marked.
class Marker {
 public:
  void Add(std::string_view text, bool marked) {
    if (marked != marked_) absl::StrAppend(&out_, marked ? kOpen : kClose);
    marked_ = marked;
    absl::StrAppend(&out_, EscapeMarkup(text));
  }
  std::string Take() {
    Add("", false);
    return std::move(out_);
  }

 private:
  static constexpr std::string_view kOpen = "<mark>";
  static constexpr std::string_view kClose = "</mark>";
  std::string out_;
  bool marked_ = false;
};

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string Code(std::string_view text) {
  return absl::StrCat("<code>", EscapeMarkup(text), "</code>");
}

std::string Prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (std::string_view part : absl::StrSplit(text, '`')) {
    absl::StrAppend(&out, code ? Code(part) : EscapeMarkup(part));
    code = !code;
  }
  return out;
}

std::string Heading(int level, std::string_view text, std::string_view id) {
  return absl::StrCat("<h", level,
                      id.empty() ? "" : absl::StrCat(" id=\"", id, "\""), ">",
                      EscapeMarkup(text), "</h", level, ">\n");
}

std::string CopyBlock(std::string_view what, std::string_view content) {
  return absl::StrCat("<pre tabindex=\"0\" data-copy=\"", EscapeMarkup(what),
                      "\">", EscapeMarkup(content), "</pre>\n");
}

MarkedPair MarkDifference(std::string_view first, std::string_view second) {
  const Pieces a = PiecesOf(first);
  const Pieces b = PiecesOf(second);
  constexpr size_t kMost = 2000;  // the time is quadratic
  if (a.size() > kMost || b.size() > kMost) {
    return {EscapeMarkup(first), EscapeMarkup(second)};
  }
  const std::vector<std::vector<int>> lengths = CommonLengths(a, b);
  Marker marked_a, marked_b;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      marked_a.Add(a[i++], false);
      marked_b.Add(b[j++], false);
    } else if (j == b.size() ||
               (i < a.size() && lengths[i + 1][j] >= lengths[i][j + 1])) {
      marked_a.Add(a[i++], true);
    } else {
      marked_b.Add(b[j++], true);
    }
  }
  return {marked_a.Take(), marked_b.Take()};
}

std::string PageHead(std::string_view title) {
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>",
      EscapeMarkup(title), "</title>\n<style>\n", kStyle,
      "</style>\n</head>\n<body>\n"
      "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
      "<main id=\"main\" tabindex=\"-1\">\n");
}

std::string PageFoot() {
  return absl::StrCat("</main>\n<script>\n", kScript,
                      "</script>\n</body>\n</html>\n");
}

}  // namespace pollux
