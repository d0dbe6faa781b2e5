// Calls on POSIX message queues, by the host and by the reference.

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// That a program can make: the kernel has few for all its users.
constexpr uint32_t kMqueues = 4;

// Of a queue, between its making and the end of its name: one that nobody else
// has.
const char* PrivateName() {
  static char name[32];
  uint64_t number = 0;
  [[maybe_unused]] ssize_t n = getrandom(&number, sizeof(number), 0);
  snprintf(name, sizeof(name), "pollux-%016llx",
           static_cast<unsigned long long>(number));
  return name;
}

// A new queue that has lost its name already: its descriptor, or -errno.
int64_t OpenNameless(int64_t flags, int64_t capacity) {
  static const char* const name = PrivateName();
  mq_attr attributes = {};
  attributes.mq_maxmsg = capacity;
  attributes.mq_msgsize = Mqueue::kMessageBytes;
  const int64_t fd =
      syscall(SYS_mq_open, name, flags | O_CREAT | O_EXCL, 0600, &attributes);
  if (fd < 0) return -errno;
  syscall(SYS_mq_unlink, name);
  return fd;
}

}  // namespace

uint32_t Host::FindMqueues() {
  const int64_t fd = OpenNameless(O_RDWR, Mqueue::kMostMessages);
  if (fd < 0) return 0;
  close(static_cast<int>(fd));
  return kMqueues;
}

template <>
int64_t Host::Run<Op::kMqOpen>(const Args& a, Outcome*) {
  if (mqueues_made_ >= mqueues_) return -ENOSPC;
  const int64_t fd = OpenNameless(a[0], a[1]);
  if (fd >= 0) ++mqueues_made_;
  return FdResult(fd);
}

template <>
int64_t Reference::Run<Op::kMqOpen>(const Args& a, Outcome*) {
  return MqOpen(world_, static_cast<int>(a[0]), static_cast<uint32_t>(a[1]));
}

template <>
int64_t Host::Run<Op::kMqSend>(const Args& a, Outcome*) {
  const timespec past = {};
  return Result(syscall(SYS_mq_timedsend, Real(a[0]), write_buffer_.data(),
                        a[1], 0, &past));
}

template <>
int64_t Reference::Run<Op::kMqSend>(const Args& a, Outcome*) {
  return MqSend(world_, static_cast<int>(a[0]), static_cast<uint32_t>(a[1]));
}

template <>
int64_t Host::Run<Op::kMqReceive>(const Args& a, Outcome*) {
  const timespec past = {};
  return Result(syscall(SYS_mq_timedreceive, Real(a[0]), read_buffer_.data(),
                        a[1], nullptr, &past));
}

template <>
int64_t Reference::Run<Op::kMqReceive>(const Args& a, Outcome*) {
  return MqReceive(world_, static_cast<int>(a[0]), static_cast<uint32_t>(a[1]));
}

}  // namespace pollux
