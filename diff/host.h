// The host's kernel as a Subject: raw calls in this process.
//
// The fast path of the fuzzers. Descriptors are counted from a base below which
// every number is taken, so that the kernel's rule "the lowest free one" gives
// the same numbers in every program and on every machine.

#ifndef POLLUX_DIFF_HOST_H_
#define POLLUX_DIFF_HOST_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/inet_socket.h"
#include "core/machine.h"
#include "core/quirks.h"
#include "diff/frozen_scan.h"
#include "diff/network.h"
#include "diff/private_folder.h"
#include "diff/process.h"
#include "diff/subject.h"
#include "diff/uring.h"
#include "diff/user_memory.h"

namespace pollux {

// How the calls of epoll and poll(2) get into the kernel.
enum class Door {
  kSyscalls,
  kUring,  // those of timeout 0 by io_uring; must be available
};

class Host final : public Subject {
 public:
  // Ignores SIGPIPE and starts the watchdog for this thread.
  explicit Host(Door door = Door::kSyscalls);
  ~Host() override;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // FIFOs that a program can make.
  uint32_t fifos() const { return static_cast<uint32_t>(fifos_.size()); }
  // Is there a folder in which a program can change files?
  bool has_folder() const { return folder_.fd() >= 0; }
  // Inotifies and message queues that a program can make.
  uint32_t inotifies() const { return has_folder() ? 1 : 0; }
  uint32_t mqueues() const { return mqueues_; }
  // What is permitted here.
  bool has_io_uring() const { return io_uring_; }
  bool has_perf_event() const { return perf_event_ >= 0; }
  bool has_memfd_secret() const { return memfd_secret_; }
  // False: Freeze is not permitted here.
  bool can_freeze() const { return frozen_scan_.available(); }

  // Requests that went through the ring.
  uint64_t uring_requests() const {
    return uring_ == nullptr ? 0 : uring_->requests();
  }

  void Begin() override;
  void End() override;
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override;
  int Poll(std::span<PollQuery> queries) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;
  bool Settled() override;

 private:
  // Makes one call: one specialization for each of calls.def.
  template <Op op>
  int64_t Run(const Args& args, Outcome* outcome);

  // The real number of a program's descriptor.
  int Real(int64_t fd) const {
    return static_cast<int>(fd < 0 ? fd : base_ + fd);
  }
  // Turns a system call's result into ours: a value, or -errno.
  static int64_t Result(int64_t result);
  // The same for a result that is a descriptor, or -errno already.
  int64_t FdResult(int64_t result) const;
  // The same for a call that fills `fds`.
  int64_t PairResult(int64_t result, std::array<int32_t, 2>& fds) const;
  // Calls `wait` with the buffer that `pointer` stands for, whose events are
  // taken. kBlocked where it does not end by itself (`endless`).
  template <typename WaitFunction>
  int64_t Wait(WaitFunction wait, int64_t pointer, bool endless,
               Outcome* outcome);
  // Fills the first `count` bytes of write_buffer_ with `value`.
  void FillWriteBuffer(uint64_t count, uint64_t value);
  // Starts a process and opens a pidfd of it.
  int64_t StartProcess(int64_t flags, Processes::Descriptors descriptors);
  // The process that a pidfd refers to, -1 once it is reaped, or -EBADF.
  int64_t PidOf(int64_t pidfd);
  void MakeFifos();
  // Is it a device of random numbers, which are the host's?
  static bool IsRandom(int fd);
  // The signals of programs wait; ForgetSignals ends those that are left.
  void BlockSignals();
  void ForgetSignals();
  // Of a WatchedFile; until the next call.
  const char* FilePath(int64_t file);
  void RemoveFiles();
  static uint32_t FindMqueues();
  static bool FindIoUring();
  // perf_event_open(2) of a counter that counts nothing: a descriptor, or -1.
  static int OpenCounter();
  static bool FindMemfdSecret();
  // Waits for the expiration that a read of a periodic timer brings about.
  void SettleTimer(int fd);
  // Reads as much of the file as fits into `text`, behind which it puts a 0.
  // False if it cannot be opened.
  static bool ReadInto(const char* path, std::vector<char>* text);

  // --- Sockets that are not AF_UNIX (socket_calls.cc)

  int64_t MakeNetworkSocket(int domain, int type, int protocol);
  // Would this connection be one that programs do not make?
  bool RefusesConnect(int fd, int target) const;
  // How many of `count` bytes may be written to `fd`, or -errno; of files that
  // are no such sockets, all. Spend is told what became of them.
  int64_t CutForNetwork(int fd, int64_t count);
  int64_t SpendOnNetwork(int64_t result);
  // Waits until all that the call has sent over the loopback has arrived.
  void Settle(Op op, const Args& args, int cpu);
  // Takes every number below the highest open one, and puts base_ behind.
  void FindBase();

  PrivateFolder folder_;
  std::unique_ptr<Uring> uring_;  // null: no such door
  FrozenScan frozen_scan_;
  std::vector<int> fillers_;  // descriptors that fill holes below base_
  int base_ = 0;
  std::vector<int> fifos_;      // O_PATH, below base_
  bool signalfd_made_ = false;  // by the running program
  Processes processes_;
  size_t fifos_used_ = 0;                // by the running program
  static volatile int signals_handled_;  // by the thread, in waits
  bool sent_signals_ = false;
  bool periodic_timers_ = false;
  bool io_uring_ = false;
  // Open all the time: the kernel changes its code with the first counter of
  // the machine and with the end of the last, which takes long.
  int perf_event_ = -1;
  bool memfd_secret_ = false;
  bool changed_files_ = false;
  uint32_t inotifies_made_ = 0;
  uint32_t mqueues_made_ = 0;
  uint32_t mqueues_ = 0;
  char file_path_[64];
  Network& network_;
  bool uses_network_ = false;  // the running program has made such a socket
  bool settled_ = true;
  int64_t network_since_ms_ = 0;
  bool spends_ = false;  // the running call
  InetBudget inet_budget_;
  std::vector<int> tcp_fds_;  // made by the running program
  UserMemory memory_;
  std::vector<uint64_t> write_buffer_;
  uint64_t written_value_ = 0;  // what it holds,
  uint64_t written_bytes_ = 0;  // and how far
  std::vector<uint64_t> read_buffer_;
  std::vector<char> fdinfo_;
};

#define CALL(id, ...) \
  template <>         \
  int64_t Host::Run<Op::id>(const Args& args, Outcome* outcome);
#include "diff/calls.def"
#undef CALL

// The settings of the machine that programs run on.
Machine HostMachine();

// The version of the running kernel, as it calls itself (uname).
LinuxVersion HostVersion();

// Why programs cannot be judged on this machine, or an empty string.
std::string HostUnsupported();

}  // namespace pollux

#endif  // POLLUX_DIFF_HOST_H_
