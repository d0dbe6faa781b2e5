// What an epoll tells of itself beside its events: ioctl(2) and kcmp(2).

#include <errno.h>

#include "core/eventpoll.h"
#include "core/world.h"

namespace pollux {
namespace {

// The most busy polling that anybody may ask for. Kernel: NAPI_POLL_WEIGHT.
constexpr uint16_t kMostBudget = 64;

// Kernel: ep_eventpoll_bp_ioctl.
int SetBusyPoll(World& world, Eventpoll& e, uint64_t bytes) {
  const EpollParams params(bytes);
  if (params.pad != 0 && !world.Has(Quirk::kEpiocPadUnchecked)) return -EINVAL;
  if (params.usecs > INT32_MAX || params.prefer > 1) return -EINVAL;
  if (params.budget > kMostBudget && !world.machine.net_admin) return -EPERM;
  e.busy_poll = bytes & ~(uint64_t{0xff} << 56);
  return 0;
}

}  // namespace

int EventpollIoctl(World& world, Index file, uint32_t request,
                   uint64_t* argument) {
  if (world.Has(Quirk::kEpollIoctlNotty)) return -ENOTTY;
  if (request != kEpiocsparams && request != kEpiocgparams) return -EINVAL;
  if (!world.machine.busy_poll) return -EOPNOTSUPP;
  if (argument == nullptr) return -EFAULT;
  Eventpoll& e = world.eventpolls[world.files[file].object];
  if (request == kEpiocsparams) return SetBusyPoll(world, e, *argument);
  *argument = e.busy_poll;
  return 0;
}

int KcmpEpollTfd(const World& world, int fd, int epfd, int tfd, uint32_t toff) {
  const Index file = RawFileOf(world, fd);
  const Index epoll_file = RawFileOf(world, epfd);
  if (file == kNil || epoll_file == kNil) return -EBADF;
  if (world.files[epoll_file].type != FileType::kEventpoll) return -EINVAL;
  const Eventpoll& e = world.eventpolls[world.files[epoll_file].object];
  uint32_t count = 0;
  bool same = false;
  for (Index i = e.items.head; i != kNil; i = world.epitems[i].ep_link.next) {
    if (world.epitems[i].fd != tfd) continue;
    ++count;
    same |= world.epitems[i].file == file;
  }
  if (count == 0) return -ENOENT;
  if (toff >= count && !world.Has(Quirk::kKcmpIgnoresOffset)) return -ENOENT;
  return same ? 0 : 1;
}

}  // namespace pollux
