// Breaking lines.

#ifndef POLLUX_DIFF_WRAP_H_
#define POLLUX_DIFF_WRAP_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pollux {

// Lines of at most `width` columns, broken at blanks where there are any. The
// first begins with `first`, the others with `rest`.
std::vector<std::string> Wrap(std::string_view text, size_t width,
                              std::string_view first = "",
                              std::string_view rest = "    ");

// The same, each line with its newline.
std::string WrapText(std::string_view text, size_t width,
                     std::string_view first = "",
                     std::string_view rest = "    ");

}  // namespace pollux

#endif  // POLLUX_DIFF_WRAP_H_
