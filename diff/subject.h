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
};

// The buffer that a call's words describe.
inline EventBuffer BufferOf(int64_t pointer, int64_t maxevents,
                            int64_t freeze_at = ~0u) {
  return {.maxevents = static_cast<int>(maxevents),
          .writable = pointer == kNullPointer ? 0u : ~0u,
          .freeze_at = static_cast<uint32_t>(freeze_at)};
}

}  // namespace pollux

#endif  // POLLUX_DIFF_SUBJECT_H_
