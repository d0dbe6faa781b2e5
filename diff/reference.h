// The reference as a Syscalls: a World that answers a program's calls.

#ifndef POLLUX_DIFF_REFERENCE_H_
#define POLLUX_DIFF_REFERENCE_H_

#include <span>
#include <vector>

#include "core/world.h"
#include "diff/syscalls.h"

namespace pollux {

class Reference final : public Syscalls {
 public:
  Reference(const Profile& profile, const Machine& machine)
      : world_(profile, machine) {}

  const World& world() const { return world_; }

  void Begin() override { world_.Reset(); }
  void End() override {}
  int EpollCreate(int size) override;
  int EpollCreate1(int flags) override;
  int EpollCtl(int epfd, int op, int fd, const Event* event) override;
  int EpollWait(int epfd, const EventBuffer& buffer, int timeout_ms,
                std::vector<Event>* events) override;
  int Freeze(int epfd, const EventBuffer& buffer) override;
  int Thaw(std::vector<Event>* events) override;
  int Close(int fd) override;
  int Dup(int fd) override;
  int Dup2(int oldfd, int newfd) override;
  int64_t Read(int fd, uint64_t count, uint64_t* value) override;
  int64_t Write(int fd, uint64_t count, uint64_t value) override;
  int Poll(std::span<PollQuery> queries) override;
  int Pipe2(int fds[2], int flags) override;
  int Eventfd2(unsigned initval, int flags) override;
  int Socketpair(int domain, int type, int protocol, int fds[2]) override;
  int Shutdown(int fd, int how) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;

 private:
  // Hands out what the last scan delivered.
  int Deliver(int result, std::vector<Event>* events);

  World world_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_REFERENCE_H_
