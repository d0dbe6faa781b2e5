// Names of flags, masks, constants and errnos, as strace prints them.
//
// One table a set; parser, printer, generator and dictionary all read it.

#ifndef POLLUX_DIFF_SYMBOLS_H_
#define POLLUX_DIFF_SYMBOLS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pollux {

// TFD_IOC_SET_TICKS, which no header that we can include defines.
inline constexpr uint32_t kSetTicks = 0x40085400;

struct Symbol {
  std::string_view name;
  uint32_t value;
  uint32_t mask;  // the bits that say which; those of value, for plain flags
};

// A view of a constexpr array of symbols.
struct SymbolTable {
  const Symbol* first = nullptr;
  size_t count = 0;

  const Symbol* begin() const { return first; }
  const Symbol* end() const { return first + count; }
  bool empty() const { return count == 0; }

  // The symbol of that name, or null.
  const Symbol* Find(std::string_view name) const;
};

extern const SymbolTable kEpollEvents;      // EPOLLIN ...
extern const SymbolTable kPollEvents;       // POLLIN ...
extern const SymbolTable kEpollFlags;       // EPOLL_CLOEXEC
extern const SymbolTable kCtlOps;           // EPOLL_CTL_ADD ...
extern const SymbolTable kPipeFlags;        // O_NONBLOCK ...
extern const SymbolTable kEventfdFlags;     // EFD_SEMAPHORE ...
extern const SymbolTable kDomains;          // AF_UNIX
extern const SymbolTable kSocketTypes;      // SOCK_STREAM, SOCK_NONBLOCK ...
extern const SymbolTable kShutdownModes;    // SHUT_RD ...
extern const SymbolTable kDevices;          // DEV_NULL ...
extern const SymbolTable kOpenFlags;        // O_RDWR ...
extern const SymbolTable kMemfdFlags;       // MFD_CLOEXEC ...
extern const SymbolTable kNodeTypes;        // S_IFIFO
extern const SymbolTable kFcntlCommands;    // F_SETPIPE_SZ ...
extern const SymbolTable kClocks;           // CLOCK_MONOTONIC ...
extern const SymbolTable kTimerfdFlags;     // TFD_NONBLOCK ...
extern const SymbolTable kTimerfdSetFlags;  // TFD_TIMER_ABSTIME
extern const SymbolTable kTimerValues;      // TIMER_NOW ...
extern const SymbolTable kTimerIntervals;   // TIMER_ONCE ...
extern const SymbolTable kIoctls;           // TFD_IOC_SET_TICKS
extern const SymbolTable kSpliceFlags;      // SPLICE_F_NONBLOCK
extern const SymbolTable kPidfdFlags;       // PIDFD_NONBLOCK
extern const SymbolTable kAcceptFlags;      // SOCK_NONBLOCK ...
extern const SymbolTable kMessageFlags;     // MSG_OOB ...
extern const SymbolTable kSocketLevels;     // SOL_SOCKET
extern const SymbolTable kSetOptions;       // SO_SNDBUF ...
extern const SymbolTable kGetOptions;       // SO_ERROR ...
extern const SymbolTable kPointers;         // NULL, UNMAPPED ...
extern const SymbolTable kDupFlags;         // O_CLOEXEC
extern const SymbolTable kErrnos;           // EPERM ...

// The name of an errno, or an empty view.
std::string_view ErrnoName(int error);

}  // namespace pollux

#endif  // POLLUX_DIFF_SYMBOLS_H_
