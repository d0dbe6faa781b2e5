// Subjects: whatever answers the calls of a program.
//
// The host's kernel (host.h) is one, and the reference (reference.h) is
// another; an agent in another kernel or a library can be. One Executor runs
// programs through this interface.
//
// Descriptors are counted from the lowest that a program can have: the first
// one that a program makes is 0.

#ifndef POLLUX_DIFF_SUBJECT_H_
#define POLLUX_DIFF_SUBJECT_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/event.h"
#include "diff/calls.h"
#include "diff/outcome.h"
#include "diff/program.h"

namespace pollux {

// The words of a call, with descriptors in place of slots.
using Args = std::array<int64_t, Call::kMaxWords>;

// Returned by Execute where the call would not have returned by itself.
inline constexpr int64_t kBlocked = INT64_MIN;

// One row of poll(2).
struct PollQuery {
  int fd = -1;
  uint32_t events = 0;
  uint32_t revents = 0;
};

class Subject {
 public:
  virtual ~Subject() = default;

  // Called before and after every program; after End nothing of it is left.
  virtual void Begin() = 0;
  virtual void End() = 0;

  // Makes the call. Returns what it returns: a value >= 0 (of a call that makes
  // one descriptor, that), -errno, or kBlocked. The rest of what the caller
  // sees goes into `outcome`, which is clear: a pair of descriptors, events, a
  // mask; `value` is the first eight bytes that were read.
  virtual int64_t Execute(Op op, const Args& args, Outcome* outcome) = 0;

  // poll(2) with timeout 0.
  virtual int Poll(std::span<PollQuery> queries) = 0;

  // The interest list of `epfd` as /proc/self/fdinfo shows it, sorted: 0, or
  // -errno.
  virtual int Fdinfo(int epfd, std::vector<InterestLine>* lines) = 0;

  // False: something that a call began may not have ended before it returned
  // (a segment was under way, a timer ran), so that the program cannot be
  // judged. Asked before End.
  virtual bool Settled() { return true; }
};

// The buffer that a call's words describe.
inline EventBuffer BufferOf(int64_t pointer, int64_t maxevents,
                            int64_t freeze_at = ~0u) {
  EventBuffer buffer{.maxevents = static_cast<int>(maxevents),
                     .in_user_space = pointer != kKernelPointer,
                     .freeze_at = static_cast<uint32_t>(freeze_at)};
  if (!IsGood(pointer)) buffer.writable = SlotsOf(pointer);
  buffer.cut = pointer >= kCutPointer;
  return buffer;
}

// A timeout of epoll_pwait2, which has three words from `words` on.
struct WaitTime {
  // A longer wait that gets no event counts as one that never returns.
  static constexpr int64_t kLongestNs = 100'000'000;

  int64_t pointer;
  int64_t seconds;
  int64_t nanoseconds;

  explicit WaitTime(const int64_t* words)
      : pointer(words[0]), seconds(words[1]), nanoseconds(words[2]) {}

  bool endless() const {
    return pointer == kNullPointer || seconds > 0 || nanoseconds > kLongestNs;
  }
};

}  // namespace pollux

#endif  // POLLUX_DIFF_SUBJECT_H_
