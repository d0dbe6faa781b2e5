// Short verbs on a World, and random operations.

#include "tests/world_testing.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

// A random call's arguments.
class Dice {
 public:
  Dice(const World& world, std::mt19937_64& random)
      : world_(world), random_(random) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  // A number that is open, or one that may be.
  int Fd() { return static_cast<int>(Below(world_.fds.size() + 2)) - 1; }

  int EpollFd() {
    for (int tries = 0; tries < 8; ++tries) {
      int fd = Fd();
      Index file = FileOf(world_, fd);
      if (file != kNil && world_.files[file].type == FileType::kEventpoll) {
        return fd;
      }
    }
    return Fd();
  }

  uint32_t Mask() {
    uint32_t mask = OneIn(4) ? static_cast<uint32_t>(random_())
                             : EPOLLIN | (OneIn(2) ? EPOLLOUT : 0u);
    mask &= ~EPOLLEXCLUSIVE;
    if (OneIn(8)) mask |= EPOLLEXCLUSIVE;
    if (OneIn(2)) mask |= EPOLLET;
    if (OneIn(4)) mask |= EPOLLONESHOT;
    return mask;
  }

  int Type() {
    constexpr int kTypes[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM,
                              SOCK_SEQPACKET};
    return kTypes[Below(std::size(kTypes))];
  }

  uint64_t Length() {
    constexpr uint64_t kLengths[] = {0, 1, 7, 8, 8, 9, 4096, 5000, 65536};
    return kLengths[Below(std::size(kLengths))];
  }

 private:
  const World& world_;
  std::mt19937_64& random_;
};

std::string Delivered(const World& world, int result) {
  std::string text = absl::StrCat(result);
  for (int i = 0; i < result; ++i) {
    const Event& event = world.scan.delivered[i];
    absl::StrAppend(&text, " ", absl::Hex(event.events), ":", event.data);
  }
  return text;
}

std::string MakeFile(World& world, Dice& dice) {
  int fds[2] = {-1, -1};
  int result = 0;
  switch (dice.Below(6)) {
    case 0:
      result = EpollCreate1(world, 0);
      break;
    case 1:
      result = Eventfd2(world, static_cast<uint32_t>(dice.Below(3)),
                        dice.OneIn(2) ? EFD_SEMAPHORE : 0);
      break;
    case 2:
      result = Pipe2(world, fds, dice.OneIn(4) ? O_DIRECT : O_NONBLOCK);
      break;
    case 3:
      result = Socketpair(world, AF_UNIX, dice.Type(), 0, fds);
      break;
    case 4:
      result = Socket(world, AF_UNIX, dice.Type(), 0);
      break;
    case 5:
      result = Accept4(world, dice.Fd(), 0);
      break;
  }
  return absl::StrCat("make ", result, " ", fds[0], " ", fds[1]);
}

std::string UseSocket(World& world, Dice& dice) {
  const int fd = dice.Fd();
  const int flags = static_cast<int>(dice.Below(4));
  int value = 0;
  switch (dice.Below(7)) {
    case 0:
      return absl::StrCat("bind ", Bind(world, fd));
    case 1:
      return absl::StrCat("listen ", Listen(world, fd, flags));
    case 2:
    case 3:
      return absl::StrCat("connect ", Connect(world, fd, dice.Fd()));
    case 4:
      return absl::StrCat("send ", Send(world, fd, dice.Length(), flags));
    case 5:
      return absl::StrCat("recv ", Recv(world, fd, dice.Length(), flags));
    default: {
      const int result = Getsockopt(world, fd, SO_ERROR, &value);
      return absl::StrCat("getsockopt ", result, " ", value);
    }
  }
}

std::string UseFile(World& world, Dice& dice) {
  uint64_t value = 0;
  uint32_t revents = 0;
  switch (dice.Below(10)) {
    case 8:
      return UseSocket(world, dice);
    case 0:
    case 1: {
      const int fd = dice.Fd();
      const int64_t result = Read(world, fd, dice.Length(), &value);
      return absl::StrCat("read ", result, " ", value);
    }
    case 2:
    case 3:
    case 4: {
      const int fd = dice.Fd();
      const uint64_t length = dice.Length();
      return absl::StrCat("write ", Write(world, fd, length, dice.Below(3)));
    }
    case 5:
      return absl::StrCat("dup ", Dup(world, dice.Fd()));
    case 6: {
      const int fd = dice.Fd();
      return absl::StrCat("shutdown ", Shutdown(world, fd, dice.Below(4)));
    }
    default: {
      const int fd = dice.Fd();
      const int result = Poll(world, fd, dice.Mask(), &revents);
      return absl::StrCat("poll ", result, " ", absl::Hex(revents));
    }
  }
}

}  // namespace

void PrintTo(const Event& event, std::ostream* out) {
  *out << "{0x" << std::hex << event.events << ", " << std::dec << event.data
       << "}";
}

int TestWorld::Epoll() {
  int fd = EpollCreate1(world, 0);
  EXPECT_GE(fd, 0);
  return fd;
}

int TestWorld::Eventfd(unsigned initval, int flags) {
  int fd = Eventfd2(world, initval, flags);
  EXPECT_GE(fd, 0);
  return fd;
}

Ends TestWorld::Pipe(int flags) {
  int fds[2];
  EXPECT_EQ(Pipe2(world, fds, flags), 0);
  return {{fds[0]}, {fds[1]}};
}

int TestWorld::Socket(int type) {
  int fd = pollux::Socket(world, AF_UNIX, type | SOCK_NONBLOCK, 0);
  EXPECT_GE(fd, 0);
  return fd;
}

Ends TestWorld::Sockets(int type) {
  int fds[2];
  EXPECT_EQ(Socketpair(world, AF_UNIX, type | SOCK_NONBLOCK, 0, fds), 0);
  return {{fds[0]}, {fds[1]}};
}

int TestWorld::Ctl(int epfd, int op, int fd, uint32_t events, uint64_t data) {
  const Event event{events, data};
  return EpollCtl(world, epfd, op, fd, &event);
}

Events TestWorld::Wait(int epfd, int maxevents) {
  int result = EpollWait(world, epfd, {.maxevents = maxevents});
  EXPECT_EQ(result, static_cast<int>(world.scan.delivered.size()));
  return world.scan.delivered;
}

std::vector<uint64_t> TestWorld::WaitData(int epfd, int maxevents) {
  std::vector<uint64_t> data;
  for (const Event& event : Wait(epfd, maxevents)) data.push_back(event.data);
  return data;
}

uint32_t TestWorld::Mask(int fd) {
  uint32_t revents;
  Poll(world, fd, 0xffff, &revents);
  return revents;
}

std::string RandomStep(World& world, std::mt19937_64& random) {
  Dice dice(world, random);
  const bool frozen = world.scan.ep != kNil;
  if (frozen && dice.OneIn(3)) return Delivered(world, Thaw(world));
  const uint64_t kind = dice.Below(100);
  if (kind < 8) return MakeFile(world, dice);
  if (kind < 45) {
    // close, dup2 and poll of an epoll would wait for a frozen one.
    return frozen ? absl::StrCat("write ", Write(world, dice.Fd(), 8, 1))
                  : UseFile(world, dice);
  }
  if (frozen) return "";
  if (kind < 48) return absl::StrCat("close ", Close(world, dice.Fd()));
  if (kind < 50) {
    const int oldfd = dice.Fd();
    return absl::StrCat("dup2 ", Dup2(world, oldfd, dice.Fd()));
  }
  const int epfd = dice.EpollFd();
  if (kind < 72) {
    const Event event{dice.Mask(), dice.Below(1000)};
    const int op = static_cast<int>(dice.OneIn(2) ? 1 : dice.Below(5));
    const int fd = dice.Fd();
    return absl::StrCat("ctl ", EpollCtl(world, epfd, op, fd, &event));
  }
  EventBuffer buffer{.maxevents = static_cast<int>(dice.Below(6))};
  if (dice.OneIn(8)) buffer.writable = static_cast<uint32_t>(dice.Below(3));
  if (kind < 76) {
    buffer.writable = ~0u;
    buffer.freeze_at = static_cast<uint32_t>(dice.Below(3));
    return absl::StrCat("freeze ", Freeze(world, epfd, buffer));
  }
  return Delivered(world, EpollWait(world, epfd, buffer));
}

}  // namespace pollux
