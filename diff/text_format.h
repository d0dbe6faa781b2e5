// Programs and traces as text, for people and for corpus/.
//
// strace's notation with resource names in place of numbers; the grammar is at
// the top of text_format.cc.
//
//   p0 = pipe2(O_NONBLOCK)
//   ep0 = epoll_create1(0)
//   epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=7}) = 0
//   write(p0.w, 3) = 3
//   epoll_wait(ep0, [{events=EPOLLIN, data=7}], 8, 0) = 1
//
// Without the outcomes (`= 0`, `= 3`, `= 1` and the events) it is a program.

#ifndef POLLUX_DIFF_TEXT_FORMAT_H_
#define POLLUX_DIFF_TEXT_FORMAT_H_

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/event.h"
#include "diff/outcome.h"
#include "diff/program.h"

namespace pollux {

// A program with the outcomes that its author, or a run, wrote beside it.
struct Trace {
  Program program;
  std::vector<std::optional<Outcome>> outcomes;  // one a call
  std::vector<int> lines;                        // of the text, from 1
};

// An error says "LINE:COLUMN: what is wrong" (InvalidArgument).
absl::StatusOr<Trace> ParseText(std::string_view text);

// What follows the maker's name in the names of what it makes: ".r" and ".w",
// ".a" and ".b", or nothing.
std::array<std::string_view, 2> SlotSuffixes(Makes makes);

// How slots are printed: p0.r, ep1, ...
class SlotNames {
 public:
  explicit SlotNames(const Program& program);

  // The name of `slot`, or "-1" for kNoFd.
  std::string_view Of(int64_t slot) const;
  // What stands left of the = of a maker: p0 for p0.r and p0.w. `first_slot`:
  // the first slot that it makes.
  std::string_view OfMaker(int first_slot) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::string> maker_names_;
};

// One line, without its newline. With an outcome, as part of a trace; what other
// threads did because of the call follows in lines of their own.
// `first_slot`: the slot that the call makes next, if it makes any.
std::string PrintCall(const Call& call, int first_slot, const SlotNames& names,
                      const Outcome* outcome = nullptr);

// The whole program without outcomes.
std::string PrintText(const Program& program);

// "EPOLLIN|EPOLLET", "0x8000" or "0".
std::string PrintSymbols(const SymbolTable& symbols, uint64_t value);

// "{events=EPOLLIN, data=7}"
std::string PrintEvent(const Event& event);

}  // namespace pollux

#endif  // POLLUX_DIFF_TEXT_FORMAT_H_
