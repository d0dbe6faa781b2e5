// Asking the terminal.

#include "tools/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/flags/flag.h"

ABSL_FLAG(int, width, 0,
          "run, explain: columns to write for; from 100 on, host and reference "
          "stand side by side; 0: those of the terminal, or 80");
ABSL_FLAG(std::string, color, "auto",
          "run, explain: colours, `always`, `never` or `auto`: on a terminal, "
          "unless NO_COLOR is set");

namespace pollux {
namespace {

constexpr int kNarrowest = 40;
constexpr int kWidest = 400;

}  // namespace

ReportStyle TerminalStyle() {
  ReportStyle style;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  winsize size = {};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0) {
    style.width = size.ws_col;
  }
  if (absl::GetFlag(FLAGS_width) > 0) style.width = absl::GetFlag(FLAGS_width);
  style.width = std::clamp(style.width, kNarrowest, kWidest);
  const std::string color = absl::GetFlag(FLAGS_color);
  const char* no_color = getenv("NO_COLOR");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  style.color = color == "always" || (color != "never" && terminal && wanted);
  return style;
}

}  // namespace pollux
