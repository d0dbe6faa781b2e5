// The picture of what watches what.

#ifndef POLLUX_TOOLS_TOPOLOGY_SVG_H_
#define POLLUX_TOOLS_TOPOLOGY_SVG_H_

#include <string>

#include "tools/exhibit.h"

namespace pollux {

// The open files and the epolls that watch them, before the last call of the
// program, as the reference has them: an inline SVG in a figure, with the same
// in words. An arrow leads from a file to its watcher; it is marked where the
// item is on the ready list, with its place there.
std::string TopologySvg(const Exhibit& exhibit);

}  // namespace pollux

#endif  // POLLUX_TOOLS_TOPOLOGY_SVG_H_
