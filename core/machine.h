// What a Linux machine's configuration lets user space see.
//
// Not a matter of versions (those are quirks) but of settings: the defaults
// are those of a stock x86-64 kernel; diff/host.cc reads the real ones.

#ifndef POLLUX_CORE_MACHINE_H_
#define POLLUX_CORE_MACHINE_H_

#include <cstdint>

namespace pollux {

struct Machine {
  uint32_t page_size = 4096;          // bytes
  uint32_t pipe_buffers = 16;         // slots of a new pipe (PIPE_DEF_BUFFERS)
  uint32_t fifos = 8;                 // that a program can make
  uint32_t unix_sndbuf = 212992;      // bytes (net.core.wmem_default)
  uint32_t wmem_max = 212992;         // bytes (net.core.wmem_max)
  uint32_t unix_max_dgram_qlen = 10;  // messages (net.unix.max_dgram_qlen)
  bool has_inet = true;               // 127.0.0.1 is up
  bool has_inet6 = true;              // ::1 is up
  uint32_t tcp_rmem_max = 6291456;    // bytes (net.ipv4.tcp_rmem)
  uint64_t max_user_watches = ~0ull;  // fs.epoll.max_user_watches
  // EPOLLWAKEUP is stored: CONFIG_PM_SLEEP and CAP_BLOCK_SUSPEND.
  bool keeps_epollwakeup = false;
  bool timerfd_set_ticks = true;  // CONFIG_CHECKPOINT_RESTORE
  bool busy_poll = true;          // CONFIG_NET_RX_BUSY_POLL
  bool net_admin = true;          // CAP_NET_ADMIN
  uint32_t processes = 4;         // that a program can start
  bool private_folder = true;     // there is one, to make files in
  uint32_t inotifies = 1;         // that a program can make
  uint32_t mqueues = 4;           // the same
  bool io_uring = true;           // is permitted
  bool perf_event = true;         // the same
  bool userfaultfd = true;        // the same
  bool memfd_secret = true;       // the same
  // RLIMIT_NOFILE, counted from the first descriptor of a program. The host
  // subject sees to it that no program gets there.
  uint32_t max_fds = 1u << 21;
};

}  // namespace pollux

#endif  // POLLUX_CORE_MACHINE_H_
