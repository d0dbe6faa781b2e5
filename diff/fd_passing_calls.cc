// Calls that pass descriptors through sockets, by the host and by the
// reference.

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {
namespace {

// A message of one byte, with room for one descriptor.
struct Message {
  Message() {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
  }

  char byte = 1;
  iovec part = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};
};

bool IsUnixSocket(int fd) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         domain == AF_UNIX;
}

}  // namespace

template <>
int64_t Host::Run<Op::kSendFd>(const Args& a, Outcome*) {
  const int fd = Real(a[1]);
  if (IsUnixSocket(fd)) return -EOPNOTSUPP;
  Message message;
  cmsghdr* const control = CMSG_FIRSTHDR(&message.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(fd));
  memcpy(CMSG_DATA(control), &fd, sizeof(fd));
  return Result(sendmsg(Real(a[0]), &message.header, 0));
}

template <>
int64_t Reference::Run<Op::kSendFd>(const Args& a, Outcome*) {
  return SendFd(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Host::Run<Op::kRecvFd>(const Args& a, Outcome*) {
  Message message;
  const int64_t result =
      Result(recvmsg(Real(a[0]), &message.header, static_cast<int>(a[1])));
  if (result < 0) return result;
  const cmsghdr* const control = CMSG_FIRSTHDR(&message.header);
  if (control == nullptr) return -ENOMSG;
  int fd;
  memcpy(&fd, CMSG_DATA(control), sizeof(fd));
  return FdResult(fd);
}

template <>
int64_t Reference::Run<Op::kRecvFd>(const Args& a, Outcome*) {
  return RecvFd(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

}  // namespace pollux
