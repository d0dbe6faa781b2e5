// The calls on sockets: the host's answers and the reference's.
//
// A socket that a program names in place of an address has the address that
// getsockname(2) tells; the kernel picks it (autobind), so that no two
// programs meet.

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "diff/host.h"
#include "diff/reference.h"

namespace pollux {

// ----------------------------------------------------------------------------
// The host

template <>
int64_t Host::Run<Op::kSocket>(const Args& a, Outcome*) {
  return FdResult(Result(syscall(SYS_socket, a[0], a[1], a[2])));
}

template <>
int64_t Host::Run<Op::kSocketpair>(const Args& a, Outcome* outcome) {
  auto& fds = outcome->fds;
  return PairResult(syscall(SYS_socketpair, a[0], a[1], a[2], fds.data()), fds);
}

template <>
int64_t Host::Run<Op::kBind>(const Args& a, Outcome*) {
  sockaddr address = {};
  address.sa_family = AF_UNIX;
  return Result(bind(Real(a[0]), &address, sizeof(address.sa_family)));
}

template <>
int64_t Host::Run<Op::kConnect>(const Args& a, Outcome*) {
  sockaddr_storage address = {};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  if (getsockname(Real(a[1]), generic, &size) != 0) return -errno;
  return Result(connect(Real(a[0]), generic, size));
}

template <>
int64_t Host::Run<Op::kListen>(const Args& a, Outcome*) {
  return Result(listen(Real(a[0]), static_cast<int>(a[1])));
}

template <>
int64_t Host::Run<Op::kAccept4>(const Args& a, Outcome*) {
  return FdResult(
      Result(syscall(SYS_accept4, Real(a[0]), nullptr, nullptr, a[1])));
}

template <>
int64_t Host::Run<Op::kShutdown>(const Args& a, Outcome*) {
  return Result(syscall(SYS_shutdown, Real(a[0]), a[1]));
}

template <>
int64_t Host::Run<Op::kSend>(const Args& a, Outcome*) {
  const int64_t count = std::min(a[1], kMaxIo);
  FillWriteBuffer(count, 1);
  return Result(
      send(Real(a[0]), write_buffer_.data(), count, static_cast<int>(a[2])));
}

template <>
int64_t Host::Run<Op::kRecv>(const Args& a, Outcome*) {
  const int64_t count = std::min(a[1], kMaxIo);
  return Result(
      recv(Real(a[0]), read_buffer_.data(), count, static_cast<int>(a[2])));
}

template <>
int64_t Host::Run<Op::kSetsockopt>(const Args& a, Outcome*) {
  const int value = static_cast<int>(a[3]);
  return Result(setsockopt(Real(a[0]), static_cast<int>(a[1]),
                           static_cast<int>(a[2]), &value, sizeof(value)));
}

template <>
int64_t Host::Run<Op::kGetsockopt>(const Args& a, Outcome* outcome) {
  int value = 0;
  socklen_t size = sizeof(value);
  const int result = getsockopt(Real(a[0]), static_cast<int>(a[1]),
                                static_cast<int>(a[2]), &value, &size);
  if (result == 0) outcome->value = static_cast<uint32_t>(value);
  return Result(result);
}

// ----------------------------------------------------------------------------
// The reference

template <>
int64_t Reference::Run<Op::kSocket>(const Args& a, Outcome*) {
  return Socket(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kSocketpair>(const Args& a, Outcome* outcome) {
  return Socketpair(world_, static_cast<int>(a[0]), static_cast<int>(a[1]),
                    static_cast<int>(a[2]), outcome->fds.data());
}

template <>
int64_t Reference::Run<Op::kBind>(const Args& a, Outcome*) {
  return Bind(world_, static_cast<int>(a[0]));
}

template <>
int64_t Reference::Run<Op::kConnect>(const Args& a, Outcome*) {
  return Connect(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kListen>(const Args& a, Outcome*) {
  return Listen(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kAccept4>(const Args& a, Outcome*) {
  return Accept4(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kShutdown>(const Args& a, Outcome*) {
  return Shutdown(world_, static_cast<int>(a[0]), static_cast<int>(a[1]));
}

template <>
int64_t Reference::Run<Op::kSend>(const Args& a, Outcome*) {
  return Send(world_, static_cast<int>(a[0]), a[1], static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kRecv>(const Args& a, Outcome*) {
  return Recv(world_, static_cast<int>(a[0]), a[1], static_cast<int>(a[2]));
}

template <>
int64_t Reference::Run<Op::kSetsockopt>(const Args& a, Outcome*) {
  return Setsockopt(world_, static_cast<int>(a[0]), static_cast<int>(a[2]),
                    static_cast<int>(a[3]));
}

template <>
int64_t Reference::Run<Op::kGetsockopt>(const Args& a, Outcome* outcome) {
  int value = 0;
  const int result = Getsockopt(world_, static_cast<int>(a[0]),
                                static_cast<int>(a[2]), &value);
  if (result == 0) outcome->value = static_cast<uint32_t>(value);
  return result;
}

}  // namespace pollux
