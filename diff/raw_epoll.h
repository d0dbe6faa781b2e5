// The raw epoll system calls and their packed events.

#ifndef POLLUX_DIFF_RAW_EPOLL_H_
#define POLLUX_DIFF_RAW_EPOLL_H_

#include <sys/epoll.h>

#include <cstddef>
#include <vector>

#include "core/event.h"

namespace pollux {

// Bytes of the kernel's struct epoll_event on this architecture.
inline constexpr size_t kRawEventSize = sizeof(epoll_event);

// Each returns a value >= 0, or -errno.
int RawEpollCreate(int size);
int RawEpollCreate1(int flags);
// `event`: packed, at any address.
int RawEpollCtl(int epfd, int op, int fd, const void* event);
// `buffer`: packed events, at any address.
int RawEpollWait(int epfd, void* buffer, int maxevents, int timeout_ms);

int RawEpollPwait(int epfd, void* buffer, int maxevents, int timeout_ms,
                  const void* sigmask, size_t sigsetsize);
int RawEpollPwait2(int epfd, void* buffer, int maxevents, const void* timespec,
                   const void* sigmask, size_t sigsetsize);

// Reads `count` packed events.
void UnpackEvents(const void* buffer, int count, std::vector<Event>* events);

// Zeroed memory so low in the address space that even the largest array of
// events that starts there is within it: epoll_wait checks the range of all
// `maxevents`. Null on failure.
char* MapLow(size_t bytes);

}  // namespace pollux

#endif  // POLLUX_DIFF_RAW_EPOLL_H_
