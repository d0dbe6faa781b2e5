// Raw system calls; where an architecture lacks an old one, its successor.

#include "diff/raw_epoll.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace pollux {
namespace {

int ResultOf(long result) {
  return result < 0 ? -errno : static_cast<int>(result);
}

}  // namespace

int RawEpollCreate([[maybe_unused]] int size) {
#ifdef SYS_epoll_create
  return ResultOf(syscall(SYS_epoll_create, size));
#else
  return size <= 0 ? -EINVAL : RawEpollCreate1(0);
#endif
}

int RawEpollCreate1(int flags) {
  return ResultOf(syscall(SYS_epoll_create1, flags));
}

int RawEpollCtl(int epfd, int op, int fd, const void* event) {
  return ResultOf(syscall(SYS_epoll_ctl, epfd, op, fd, event));
}

int RawEpollPwait(int epfd, void* buffer, int maxevents, int timeout_ms,
                  const void* sigmask, size_t sigsetsize) {
  return ResultOf(syscall(SYS_epoll_pwait, epfd, buffer, maxevents, timeout_ms,
                          sigmask, sigsetsize));
}

int RawEpollPwait2(int epfd, void* buffer, int maxevents, const void* timespec,
                   const void* sigmask, size_t sigsetsize) {
  return ResultOf(syscall(SYS_epoll_pwait2, epfd, buffer, maxevents, timespec,
                          sigmask, sigsetsize));
}

int RawEpollWait(int epfd, void* buffer, int maxevents, int timeout_ms) {
#ifdef SYS_epoll_wait
  return ResultOf(syscall(SYS_epoll_wait, epfd, buffer, maxevents, timeout_ms));
#else
  return ResultOf(syscall(SYS_epoll_pwait, epfd, buffer, maxevents, timeout_ms,
                          nullptr, 8));
#endif
}

void UnpackEvents(const void* buffer, int count, std::vector<Event>* events) {
  events->resize(count);
  const char* at = static_cast<const char*>(buffer);
  for (Event& event : *events) {
    epoll_event raw;
    memcpy(&raw, at, sizeof(raw));
    event = {raw.events, raw.data.u64};
    at += sizeof(raw);
  }
}

char* MapLow(size_t bytes) {
  void* const hint = reinterpret_cast<void*>(uintptr_t{1} << 32);
  void* memory = mmap(hint, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace pollux
