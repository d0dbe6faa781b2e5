// Breaking lines.

#include "diff/wrap.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace pollux {

std::vector<std::string> Wrap(std::string_view text, size_t width,
                              std::string_view first, std::string_view rest) {
  std::vector<std::string> lines;
  std::string_view indent = first;
  while (indent.size() + text.size() > width) {
    const size_t room = width - std::min(indent.size(), width - 1);
    size_t end = text.rfind(' ', room);
    // A word that is longer than a line is broken, too.
    if (end == std::string_view::npos || end == 0) {
      end = std::min(room, text.size());
    }
    lines.push_back(absl::StrCat(indent, text.substr(0, end)));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    indent = rest;
  }
  if (!text.empty() || lines.empty()) {
    lines.push_back(absl::StrCat(indent, text));
  }
  return lines;
}

std::string WrapText(std::string_view text, size_t width,
                     std::string_view first, std::string_view rest) {
  std::string all;
  for (const std::string& line : Wrap(text, width, first, rest)) {
    absl::StrAppend(&all, line, "\n");
  }
  return all;
}

}  // namespace pollux
