// The numbers that the generator draws from.

#ifndef POLLUX_FUZZ_VALUES_H_
#define POLLUX_FUZZ_VALUES_H_

#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstdint>

#include "diff/calls.h"

namespace pollux {

inline constexpr int64_t kCounts[] = {
    1,    1,    1,    2,    3,    8,     8, 8, 16,    100,   192,   193,
    1000, 4095, 4096, 4097, 8192, 36544, 0, 7, 65535, 65536, 70000, kMaxIo};

// Of pipes, in bytes.
inline constexpr int64_t kPipeSizes[] = {0,    1,     4096,  4096,  4097,  8192,
                                         8192, 20000, 65536, 65536, 131072};

// Of a message queue that takes 8 bytes.
inline constexpr int64_t kMessageBytes[] = {8, 8, 8, 8, 8, 0, 1, 7, 9};

inline constexpr int64_t kMaxevents[] = {1, 1, 1, 2, 2, 3, 4, 8, 8, 16, 64, 64};
inline constexpr int64_t kOddMaxevents[] = {
    0, -1, INT_MIN, INT_MAX, INT_MAX / 12, INT_MAX / 12 + 1};

inline constexpr int64_t kOddSeconds[] = {-1, INT64_MIN};
inline constexpr int64_t kNanoseconds[] = {0, 0, 0, 0, 0, 1, -1, 1'000'000'000};

inline constexpr int64_t kValues[] = {1, 1, 1, 2, 5, 0, INT64_MAX, -2, -1};

// Of EPIOCSPARAMS: good ones, too many microseconds, a budget for few, a
// preference that is none, padding.
inline constexpr int64_t kBusyPolls[] = {
    0x0001'0040'0000'0010, 0,
    0x0000'0000'8000'0000, 0x0000'0041'0000'0000,
    0x0002'0000'0000'0000, 0x0100'0000'0000'0000};

inline constexpr int64_t kTypes[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM,
                                     SOCK_SEQPACKET};

inline constexpr int64_t kBuffers[] = {0,    1,     2304,   3000,
                                       5000, 10000, 100000, -1};

inline constexpr uint32_t kMasks[] = {EPOLLIN,
                                      EPOLLIN,
                                      EPOLLIN,
                                      EPOLLOUT,
                                      EPOLLIN | EPOLLOUT,
                                      EPOLLIN | EPOLLOUT,
                                      EPOLLIN | EPOLLRDHUP,
                                      EPOLLIN | EPOLLOUT | EPOLLRDHUP,
                                      EPOLLRDHUP,
                                      EPOLLPRI,
                                      EPOLLRDNORM,
                                      EPOLLWRNORM,
                                      EPOLLRDBAND | EPOLLWRBAND,
                                      EPOLLHUP,
                                      0};

}  // namespace pollux

#endif  // POLLUX_FUZZ_VALUES_H_
