// The symbol tables.

#include "diff/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

#include "core/eventpoll.h"
#include "core/socket.h"
#include "core/timerfd.h"

namespace pollux {
namespace {

#define SYMBOL(name) \
  {#name, static_cast<uint32_t>(name), static_cast<uint32_t>(name)}
#define ENUMERATOR(name) {#name, static_cast<uint32_t>(name), ~0u}

constexpr Symbol kEpollEventSymbols[] = {
    SYMBOL(EPOLLIN),        SYMBOL(EPOLLPRI),    SYMBOL(EPOLLOUT),
    SYMBOL(EPOLLERR),       SYMBOL(EPOLLHUP),    {"EPOLLNVAL", 0x20, 0x20},
    SYMBOL(EPOLLRDNORM),    SYMBOL(EPOLLRDBAND), SYMBOL(EPOLLWRNORM),
    SYMBOL(EPOLLWRBAND),    SYMBOL(EPOLLMSG),    SYMBOL(EPOLLRDHUP),
    SYMBOL(EPOLLEXCLUSIVE), SYMBOL(EPOLLWAKEUP), SYMBOL(EPOLLONESHOT),
    SYMBOL(EPOLLET),
};

constexpr Symbol kPollEventSymbols[] = {
    SYMBOL(POLLIN),     SYMBOL(POLLPRI),    SYMBOL(POLLOUT),
    SYMBOL(POLLERR),    SYMBOL(POLLHUP),    SYMBOL(POLLNVAL),
    SYMBOL(POLLRDNORM), SYMBOL(POLLRDBAND), SYMBOL(POLLWRNORM),
    SYMBOL(POLLWRBAND), SYMBOL(POLLMSG),    SYMBOL(POLLRDHUP),
};

constexpr Symbol kEpollFlagSymbols[] = {SYMBOL(EPOLL_CLOEXEC)};

constexpr Symbol kCtlOpSymbols[] = {ENUMERATOR(EPOLL_CTL_ADD),
                                    ENUMERATOR(EPOLL_CTL_DEL),
                                    ENUMERATOR(EPOLL_CTL_MOD)};

constexpr Symbol kPipeFlagSymbols[] = {SYMBOL(O_NONBLOCK), SYMBOL(O_CLOEXEC),
                                       SYMBOL(O_DIRECT)};

constexpr Symbol kEventfdFlagSymbols[] = {
    SYMBOL(EFD_SEMAPHORE), SYMBOL(EFD_NONBLOCK), SYMBOL(EFD_CLOEXEC)};

constexpr Symbol kDomainSymbols[] = {ENUMERATOR(AF_UNIX), ENUMERATOR(AF_INET),
                                     ENUMERATOR(AF_INET6),
                                     ENUMERATOR(AF_NETLINK)};

constexpr uint32_t kTypeMask = 0xf;
constexpr Symbol kSocketTypeSymbols[] = {
    {"SOCK_STREAM", SOCK_STREAM, kTypeMask},
    {"SOCK_DGRAM", SOCK_DGRAM, kTypeMask},
    {"SOCK_RAW", SOCK_RAW, kTypeMask},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET, kTypeMask},
    SYMBOL(SOCK_NONBLOCK),
    SYMBOL(SOCK_CLOEXEC)};

constexpr Symbol kAcceptFlagSymbols[] = {SYMBOL(SOCK_NONBLOCK),
                                         SYMBOL(SOCK_CLOEXEC)};

constexpr Symbol kMessageFlagSymbols[] = {
    SYMBOL(MSG_OOB),      SYMBOL(MSG_PEEK),    SYMBOL(MSG_TRUNC),
    SYMBOL(MSG_DONTWAIT), SYMBOL(MSG_WAITALL), SYMBOL(MSG_NOSIGNAL)};

constexpr Symbol kRecvFdFlagSymbols[] = {SYMBOL(MSG_PEEK),
                                         SYMBOL(MSG_CMSG_CLOEXEC)};

constexpr Symbol kSocketLevelSymbols[] = {ENUMERATOR(SOL_SOCKET),
                                          ENUMERATOR(SOL_TCP)};

constexpr Symbol kSetOptionSymbols[] = {
    ENUMERATOR(SO_SNDBUF), ENUMERATOR(SO_RCVLOWAT),
    ENUMERATOR(SO_ERROR),  ENUMERATOR(SO_OOBINLINE),
    ENUMERATOR(SO_LINGER), {"TCP_NOTSENT_LOWAT", kTcpNotsentLowat, ~0u}};

constexpr Symbol kGetOptionSymbols[] = {
    ENUMERATOR(SO_ERROR),
    ENUMERATOR(SO_SNDBUF),
    ENUMERATOR(SO_RCVLOWAT),
    ENUMERATOR(SO_TYPE),
    ENUMERATOR(SO_ACCEPTCONN),
    ENUMERATOR(SO_OOBINLINE),
    {"TCP_NOTSENT_LOWAT", kTcpNotsentLowat, ~0u}};

constexpr Symbol kShutdownModeSymbols[] = {
    ENUMERATOR(SHUT_RD), ENUMERATOR(SHUT_WR), ENUMERATOR(SHUT_RDWR)};

// In the order of PlainFile.
constexpr Symbol kDeviceSymbols[] = {{"DEV_NULL", 0, ~0u},
                                     {"DEV_ZERO", 1, ~0u},
                                     {"DEV_FULL", 2, ~0u},
                                     {"DEV_URANDOM", 3, ~0u},
                                     {"FOLDER", 4, ~0u}};

constexpr Symbol kOpenFlagSymbols[] = {{"O_RDONLY", O_RDONLY, O_ACCMODE},
                                       {"O_WRONLY", O_WRONLY, O_ACCMODE},
                                       {"O_RDWR", O_RDWR, O_ACCMODE},
                                       SYMBOL(O_NONBLOCK),
                                       SYMBOL(O_CLOEXEC)};

constexpr Symbol kMemfdFlagSymbols[] = {SYMBOL(MFD_CLOEXEC),
                                        SYMBOL(MFD_ALLOW_SEALING)};

constexpr Symbol kNodeTypeSymbols[] = {ENUMERATOR(S_IFIFO)};

constexpr Symbol kFcntlCommandSymbols[] = {
    ENUMERATOR(F_SETPIPE_SZ), ENUMERATOR(F_GETPIPE_SZ), ENUMERATOR(F_GETFL),
    ENUMERATOR(F_GETFD), ENUMERATOR(F_SETFD)};

constexpr Symbol kFcntlDupCommandSymbols[] = {ENUMERATOR(F_DUPFD),
                                              ENUMERATOR(F_DUPFD_CLOEXEC)};

constexpr Symbol kClockSymbols[] = {ENUMERATOR(CLOCK_REALTIME),
                                    ENUMERATOR(CLOCK_MONOTONIC),
                                    ENUMERATOR(CLOCK_BOOTTIME)};

constexpr Symbol kTimerfdFlagSymbols[] = {SYMBOL(TFD_NONBLOCK),
                                          SYMBOL(TFD_CLOEXEC)};

constexpr Symbol kTimerfdSetFlagSymbols[] = {SYMBOL(TFD_TIMER_ABSTIME)};

// In the order of TimerValue.
constexpr Symbol kTimerValueSymbols[] = {
    {"TIMER_OFF", 0, ~0u}, {"TIMER_NOW", 1, ~0u}, {"TIMER_FAR", 2, ~0u}};

constexpr Symbol kTimerIntervalSymbols[] = {{"TIMER_ONCE", 0, ~0u},
                                            {"TIMER_PERIODIC", 1, ~0u},
                                            {"TIMER_SHORT", 2, ~0u}};

constexpr Symbol kIoctlSymbols[] = {{"TFD_IOC_SET_TICKS", kSetTicks, ~0u},
                                    {"EPIOCSPARAMS", kEpiocsparams, ~0u},
                                    {"EPIOCGPARAMS", kEpiocgparams, ~0u}};

constexpr Symbol kSpliceFlagSymbols[] = {SYMBOL(SPLICE_F_NONBLOCK)};

constexpr Symbol kPidfdFlagSymbols[] = {
    {"PIDFD_NONBLOCK", O_NONBLOCK, O_NONBLOCK}};

// Bit n for Signal n.
constexpr Symbol kSignalSetSymbols[] = {
    {"SIGURG", 1, 1}, {"SIGIO", 2, 2}, {"SIGRTMIN", 4, 4}};

constexpr Symbol kSignalNameSymbols[] = {
    ENUMERATOR(SIGURG), ENUMERATOR(SIGIO), {"SIGRTMIN", 34, ~0u}};

constexpr Symbol kSignalfdFlagSymbols[] = {SYMBOL(SFD_NONBLOCK),
                                           SYMBOL(SFD_CLOEXEC)};

constexpr Symbol kInotifyFlagSymbols[] = {SYMBOL(IN_NONBLOCK),
                                          SYMBOL(IN_CLOEXEC)};

constexpr Symbol kInotifyMaskSymbols[] = {
    SYMBOL(IN_MODIFY),      SYMBOL(IN_ATTRIB),      SYMBOL(IN_CREATE),
    SYMBOL(IN_DELETE),      SYMBOL(IN_DELETE_SELF), SYMBOL(IN_ONLYDIR),
    SYMBOL(IN_MASK_CREATE), SYMBOL(IN_MASK_ADD),    SYMBOL(IN_ONESHOT)};

// In the order of WatchedFile.
constexpr Symbol kWatchedFileSymbols[] = {
    {"FOLDER", 0, ~0u}, {"FILE_A", 1, ~0u}, {"FILE_B", 2, ~0u}};

constexpr Symbol kFileNameSymbols[] = {{"FILE_A", 1, ~0u}, {"FILE_B", 2, ~0u}};

// In the order of FileChange.
constexpr Symbol kFileChangeSymbols[] = {{"CREATE", 0, ~0u},
                                         {"TRUNCATE", 1, ~0u},
                                         {"CHMOD", 2, ~0u},
                                         {"UNLINK", 3, ~0u}};

// Values of Pointer in calls.h.
constexpr Symbol kPointerSymbols[] = {{"NULL", 1, ~0u},
                                      {"UNMAPPED", 2, ~0u},
                                      {"KERNEL", 3, ~0u},
                                      {"READONLY", 4, ~0u},
                                      {"HALF", 5, ~0u}};

constexpr Symbol kDupFlagSymbols[] = {SYMBOL(O_CLOEXEC)};

constexpr Symbol kErrnoSymbols[] = {
    ENUMERATOR(EPERM),           ENUMERATOR(ENOENT),
    ENUMERATOR(EINTR),           ENUMERATOR(EIO),
    ENUMERATOR(EBADF),           ENUMERATOR(EAGAIN),
    ENUMERATOR(ENOMEM),          ENUMERATOR(EACCES),
    ENUMERATOR(EFAULT),          ENUMERATOR(ENXIO),
    ENUMERATOR(ESRCH),           ENUMERATOR(ECHILD),
    ENUMERATOR(EBUSY),           ENUMERATOR(EEXIST),
    ENUMERATOR(ENOTDIR),         ENUMERATOR(EISDIR),
    ENUMERATOR(EINVAL),          ENUMERATOR(ENFILE),
    ENUMERATOR(EMFILE),          ENUMERATOR(ENOTTY),
    ENUMERATOR(ENOSPC),          ENUMERATOR(ESPIPE),
    ENUMERATOR(EPIPE),           ENUMERATOR(ENOSYS),
    ENUMERATOR(ELOOP),           ENUMERATOR(ENOTSOCK),
    ENUMERATOR(EMSGSIZE),        ENUMERATOR(ENOTCONN),
    ENUMERATOR(EOPNOTSUPP),      ENUMERATOR(EAFNOSUPPORT),
    ENUMERATOR(ECONNRESET),      ENUMERATOR(EISCONN),
    ENUMERATOR(ECONNREFUSED),    ENUMERATOR(ECANCELED),
    ENUMERATOR(EPROTONOSUPPORT), ENUMERATOR(ESOCKTNOSUPPORT),
    ENUMERATOR(ENOPROTOOPT),     ENUMERATOR(EADDRINUSE),
    ENUMERATOR(EINPROGRESS),     ENUMERATOR(EALREADY),
    ENUMERATOR(EADDRNOTAVAIL),   ENUMERATOR(EDESTADDRREQ),
    ENUMERATOR(ENOBUFS),         ENUMERATOR(ECONNABORTED),
    ENUMERATOR(ENODATA),         ENUMERATOR(ENOMSG),
    ENUMERATOR(ETOOMANYREFS),
};

#undef SYMBOL
#undef ENUMERATOR

template <size_t N>
constexpr SymbolTable Table(const Symbol (&symbols)[N]) {
  return {symbols, N};
}

}  // namespace

constexpr SymbolTable kEpollEvents = Table(kEpollEventSymbols);
constexpr SymbolTable kPollEvents = Table(kPollEventSymbols);
constexpr SymbolTable kEpollFlags = Table(kEpollFlagSymbols);
constexpr SymbolTable kCtlOps = Table(kCtlOpSymbols);
constexpr SymbolTable kPipeFlags = Table(kPipeFlagSymbols);
constexpr SymbolTable kEventfdFlags = Table(kEventfdFlagSymbols);
constexpr SymbolTable kDomains = Table(kDomainSymbols);
constexpr SymbolTable kSocketTypes = Table(kSocketTypeSymbols);
constexpr SymbolTable kAcceptFlags = Table(kAcceptFlagSymbols);
constexpr SymbolTable kMessageFlags = Table(kMessageFlagSymbols);
constexpr SymbolTable kRecvFdFlags = Table(kRecvFdFlagSymbols);
constexpr SymbolTable kSocketLevels = Table(kSocketLevelSymbols);
constexpr SymbolTable kSetOptions = Table(kSetOptionSymbols);
constexpr SymbolTable kGetOptions = Table(kGetOptionSymbols);
constexpr SymbolTable kShutdownModes = Table(kShutdownModeSymbols);
constexpr SymbolTable kDevices = Table(kDeviceSymbols);
constexpr SymbolTable kOpenFlags = Table(kOpenFlagSymbols);
constexpr SymbolTable kMemfdFlags = Table(kMemfdFlagSymbols);
constexpr SymbolTable kNodeTypes = Table(kNodeTypeSymbols);
constexpr SymbolTable kFcntlCommands = Table(kFcntlCommandSymbols);
constexpr SymbolTable kFcntlDupCommands = Table(kFcntlDupCommandSymbols);
constexpr SymbolTable kClocks = Table(kClockSymbols);
constexpr SymbolTable kTimerfdFlags = Table(kTimerfdFlagSymbols);
constexpr SymbolTable kTimerfdSetFlags = Table(kTimerfdSetFlagSymbols);
constexpr SymbolTable kTimerValues = Table(kTimerValueSymbols);
constexpr SymbolTable kTimerIntervals = Table(kTimerIntervalSymbols);
constexpr SymbolTable kIoctls = Table(kIoctlSymbols);
constexpr SymbolTable kSpliceFlags = Table(kSpliceFlagSymbols);
constexpr SymbolTable kPidfdFlags = Table(kPidfdFlagSymbols);
constexpr SymbolTable kSignalSets = Table(kSignalSetSymbols);
constexpr SymbolTable kSignalNames = Table(kSignalNameSymbols);
constexpr SymbolTable kSignalfdFlags = Table(kSignalfdFlagSymbols);
constexpr SymbolTable kInotifyFlags = Table(kInotifyFlagSymbols);
constexpr SymbolTable kInotifyMasks = Table(kInotifyMaskSymbols);
constexpr SymbolTable kWatchedFileNames = Table(kWatchedFileSymbols);
constexpr SymbolTable kFileNames = Table(kFileNameSymbols);
constexpr SymbolTable kFileChanges = Table(kFileChangeSymbols);
constexpr SymbolTable kPointers = Table(kPointerSymbols);
constexpr SymbolTable kDupFlags = Table(kDupFlagSymbols);
constexpr SymbolTable kErrnos = Table(kErrnoSymbols);

const Symbol* SymbolTable::Find(std::string_view name) const {
  for (const Symbol& symbol : *this) {
    if (symbol.name == name) return &symbol;
  }
  return nullptr;
}

std::string_view ErrnoName(int error) {
  for (const Symbol& symbol : kErrnos) {
    if (symbol.value == static_cast<uint32_t>(error)) return symbol.name;
  }
  return {};
}

}  // namespace pollux
