// Witnesses: asking and comparing.

#include "diff/witness.h"

#include <sys/poll.h>

#include <algorithm>

namespace pollux {
namespace {

constexpr uint32_t kAllPollEvents = POLLIN | POLLPRI | POLLOUT | POLLRDNORM |
                                    POLLRDBAND | POLLWRNORM | POLLWRBAND |
                                    POLLMSG | POLLRDHUP;

}  // namespace

bool SameInterests(const Witness& a, const Witness& b) {
  return std::equal(
      a.interests().begin(), a.interests().end(), b.interests().begin(),
      [](const Interest& x, const Interest& y) { return x.lines == y.lines; });
}

void Witness::Ask(Subject* subject) {
  if (!polls.empty()) subject->Poll(polls);
  for (Interest& interest : interests()) {
    subject->Fdinfo(interest.epfd, &interest.lines);
  }
}

void Witness::AddPoll(int fd) { polls.push_back({fd, kAllPollEvents, 0}); }

Interest& Witness::AddInterest(int epfd) {
  if (used == storage.size()) storage.emplace_back();
  storage[used].epfd = epfd;
  return storage[used++];
}

}  // namespace pollux
