// Witnesses: what was seen of the open files between two calls.
//
// A witness is first a list of questions, whose answers are blank, and then,
// once a subject was asked, one with answers.

#ifndef POLLUX_DIFF_WITNESS_H_
#define POLLUX_DIFF_WITNESS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "core/event.h"
#include "diff/subject.h"

namespace pollux {

// The interest list of one epoll.
struct Interest {
  int epfd = -1;
  std::vector<InterestLine> lines;
};

struct Witness {
  std::vector<PollQuery> polls;
  // Those in use; the storage keeps its memory.
  std::span<Interest> interests() { return {storage.data(), used}; }
  std::span<const Interest> interests() const { return {storage.data(), used}; }

  std::vector<Interest> storage;
  size_t used = 0;

  void Clear() {
    polls.clear();
    used = 0;
  }
  void AddPoll(int fd);
  // The new one, with the memory of an old one.
  Interest& AddInterest(int epfd);

  // Asks `subject` for everything that is named here.
  void Ask(Subject* subject);
};

// Are the interest lists the same? Both name the same epolls.
bool SameInterests(const Witness& a, const Witness& b);

}  // namespace pollux

#endif  // POLLUX_DIFF_WITNESS_H_
