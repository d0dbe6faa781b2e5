// What tests of core/ share: short verbs on a World, random operations, and an
// inspection of all its lists.

#ifndef POLLUX_TESTS_WORLD_TESTING_H_
#define POLLUX_TESTS_WORLD_TESTING_H_

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "core/world.h"

namespace pollux {

// For GoogleTest's messages.
void PrintTo(const Event& event, std::ostream* out);

using Events = std::vector<Event>;

// The two ends of a pipe (r, w) or of a socketpair (a, b).
struct Ends {
  union {
    int r, a;
  };
  union {
    int w, b;
  };
};

// A World in which everything that is made is made well.
class TestWorld {
 public:
  explicit TestWorld(const Profile& profile = {}, const Machine& machine = {})
      : world(profile, machine) {}

  int Epoll();
  int Eventfd(unsigned initval = 0, int flags = 0);
  Ends Pipe(int flags = O_NONBLOCK);
  Ends Sockets(int type = SOCK_STREAM);
  int Socket(int type = SOCK_STREAM);
  int Dup(int fd) { return pollux::Dup(world, fd); }
  int Dup2(int oldfd, int newfd) { return pollux::Dup2(world, oldfd, newfd); }
  int Close(int fd) { return pollux::Close(world, fd); }

  int Ctl(int epfd, int op, int fd, uint32_t events, uint64_t data = 0);
  int Add(int epfd, int fd, uint32_t events, uint64_t data = 0) {
    return Ctl(epfd, EPOLL_CTL_ADD, fd, events, data);
  }
  int Mod(int epfd, int fd, uint32_t events, uint64_t data = 0) {
    return Ctl(epfd, EPOLL_CTL_MOD, fd, events, data);
  }
  int Del(int epfd, int fd) {
    return EpollCtl(world, epfd, EPOLL_CTL_DEL, fd, nullptr);
  }

  // The events of one epoll_wait, which must not fail.
  Events Wait(int epfd, int maxevents = 64);
  // The same, data words only.
  std::vector<uint64_t> WaitData(int epfd, int maxevents = 64);

  int64_t Write(int fd, uint64_t length = 8, uint64_t value = 1) {
    return pollux::Write(world, fd, length, value);
  }
  int64_t Read(int fd, uint64_t length = 8) {
    uint64_t value;
    return pollux::Read(world, fd, length, &value);
  }
  // All that poll(2) says of `fd`.
  uint32_t Mask(int fd);

  World world;
};

// Makes one random call in `world`, often a sensible one, and returns all that
// its caller sees. Equal worlds and generators behave equally.
std::string RandomStep(World& world, std::mt19937_64& random);

// What is wrong with the lists, links and counts of `world`; empty: nothing.
std::string Inspect(const World& world);

}  // namespace pollux

#endif  // POLLUX_TESTS_WORLD_TESTING_H_
