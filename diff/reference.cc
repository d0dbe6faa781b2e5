// The reference's answers: each call is one of core/.

#include "diff/reference.h"

#include <algorithm>

namespace pollux {

int Reference::EpollCreate(int size) {
  return pollux::EpollCreate(world_, size);
}

int Reference::EpollCreate1(int flags) {
  return pollux::EpollCreate1(world_, flags);
}

int Reference::EpollCtl(int epfd, int op, int fd, const Event* event) {
  return pollux::EpollCtl(world_, epfd, op, fd, event);
}

int Reference::Deliver(int result, std::vector<Event>* events) {
  if (result > 0) *events = world_.scan.delivered;
  return result;
}

int Reference::EpollWait(int epfd, const EventBuffer& buffer, int timeout_ms,
                         std::vector<Event>* events) {
  int result = Deliver(pollux::EpollWait(world_, epfd, buffer), events);
  return result == 0 && timeout_ms < 0 ? kBlocked : result;
}

int Reference::Freeze(int epfd, const EventBuffer& buffer) {
  return pollux::Freeze(world_, epfd, buffer);
}

int Reference::Thaw(std::vector<Event>* events) {
  return Deliver(pollux::Thaw(world_), events);
}

int Reference::Close(int fd) { return pollux::Close(world_, fd); }

int Reference::Dup(int fd) { return pollux::Dup(world_, fd); }

int Reference::Dup2(int oldfd, int newfd) {
  return pollux::Dup2(world_, oldfd, newfd);
}

int64_t Reference::Read(int fd, uint64_t count, uint64_t* value) {
  return pollux::Read(world_, fd, count, value);
}

int64_t Reference::Write(int fd, uint64_t count, uint64_t value) {
  return pollux::Write(world_, fd, count, value);
}

int Reference::Poll(std::span<PollQuery> queries) {
  int ready = 0;
  for (PollQuery& query : queries) {
    ready += pollux::Poll(world_, query.fd, query.events, &query.revents);
  }
  return ready;
}

int Reference::Pipe2(int fds[2], int flags) {
  return pollux::Pipe2(world_, fds, flags);
}

int Reference::Eventfd2(unsigned initval, int flags) {
  return pollux::Eventfd2(world_, initval, flags);
}

int Reference::Socketpair(int domain, int type, int protocol, int fds[2]) {
  return pollux::Socketpair(world_, domain, type, protocol, fds);
}

int Reference::Shutdown(int fd, int how) {
  return pollux::Shutdown(world_, fd, how);
}

int Reference::Fdinfo(int epfd, std::vector<InterestLine>* lines) {
  int result = pollux::Fdinfo(world_, epfd, lines);
  std::sort(lines->begin(), lines->end());
  return result;
}

}  // namespace pollux
