// Which epoll may watch which: loops, nesting depth, numbers of wake-up paths.
//
// Checked by EPOLL_CTL_ADD only. An epoll that watches an epoll is an edge of a
// graph; wake-ups run up along the edges and scans run down, and the kernel
// bounds both.
//
//   file ◀─ e1 ◀─ e2 ◀─ e3        e3 is outermost; three wake-up links
//
// The lengths are in edges between epolls. Rules: Linux >= 6.17.

#ifndef POLLUX_CORE_EPOLL_TOPOLOGY_H_
#define POLLUX_CORE_EPOLL_TOPOLOGY_H_

#include "core/pool.h"

namespace pollux {

struct World;

// May `ep` watch `target`? False (ELOOP) if `ep` can be reached from `target`,
// or if the longest chain through the new edge has more than four edges. Notes
// the files below `target` for ReversePathCheck. Kernel: ep_loop_check.
bool LoopCheck(World& world, Index ep, Index target);

// Are the wake-up paths from every file that the new edge reaches few enough?
// `file`: the target of the ADD, whose item is already in place. False means
// EINVAL. Kernel: reverse_path_check.
bool ReversePathCheck(World& world, Index file);

}  // namespace pollux

#endif  // POLLUX_CORE_EPOLL_TOPOLOGY_H_
