// What the standard output is.

#ifndef POLLUX_TOOLS_TERMINAL_H_
#define POLLUX_TOOLS_TERMINAL_H_

#include "diff/report.h"

namespace pollux {

// By --width and --color, else by what the standard output is: a terminal has
// its own width and, unless NO_COLOR is set, colours; anything else has 80
// columns and none.
ReportStyle TerminalStyle();

}  // namespace pollux

#endif  // POLLUX_TOOLS_TERMINAL_H_
