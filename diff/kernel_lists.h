// The kernel's lists behind a program's epolls, in words.
//
//   ep0 interest list: p0.r {events=EPOLLIN, data=7}
//   ep0 ready list:    p0.r
//   p0.r wait queue:   ep0, ep1 (exclusive)

#ifndef POLLUX_DIFF_KERNEL_LISTS_H_
#define POLLUX_DIFF_KERNEL_LISTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/world.h"
#include "diff/program.h"
#include "diff/text_format.h"

namespace pollux {

// What each descriptor is called: as the slot that was given it last.
class FdNames {
 public:
  // `fds`: the descriptor of each slot that has been made, or -1.
  FdNames(const Program& program, std::vector<int> fds)
      : names_(program), fds_(std::move(fds)) {}

  // "p0.r", or "#5" for one that no call gave.
  std::string Of(int fd) const;

 private:
  SlotNames names_;
  std::vector<int> fds_;
};

struct KernelList {
  std::string owner;               // "ep0", or what waits are queued on: "p0.r"
  std::string_view kind;           // "ready list", "wait queue", ...
  std::vector<std::string> items;  // in the list's order

  bool IsOf(const KernelList& other) const {
    return owner == other.owner && kind == other.kind;
  }
};

// Of each open epoll the interest, ready and overflow list, and the batch of a
// frozen scan; of each watched file the wait queues.
std::vector<KernelList> ListsOf(const World& world, const FdNames& names);

// The same in the reference before each call of the program, and at its end.
std::vector<std::vector<KernelList>> ListsOverTime(const Program& program,
                                                   const Profile& profile,
                                                   const Machine& machine);

// One list at two moments; what was not there is empty.
struct ListChange {
  KernelList before;
  KernelList after;

  bool changed() const { return before.items != after.items; }
  const KernelList& any() const { return before.kind.empty() ? after : before; }
};

// Every list that has items at one of the moments.
std::vector<ListChange> ChangesOf(const std::vector<KernelList>& before,
                                  const std::vector<KernelList>& after);

}  // namespace pollux

#endif  // POLLUX_DIFF_KERNEL_LISTS_H_
