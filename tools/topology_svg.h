// Pictures and lists of the state behind a program.

#ifndef POLLUX_TOOLS_TOPOLOGY_SVG_H_
#define POLLUX_TOOLS_TOPOLOGY_SVG_H_

#include <string>
#include <vector>

#include "tools/exhibit.h"

namespace pollux {

// Which epoll watches what, as the program has it: an inline SVG with a text
// for those who cannot see it. An arrow leads from a file to its watcher.
std::string TopologySvg(const Exhibit& exhibit);

// The ready lists of all epolls in the reference, after each call.
std::vector<std::string> ReadyListsAfter(const Exhibit& exhibit);

}  // namespace pollux

#endif  // POLLUX_TOOLS_TOPOLOGY_SVG_H_
