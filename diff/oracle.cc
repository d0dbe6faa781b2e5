// The oracle: comparison of outcomes and witnesses.

#include "diff/oracle.h"

#include <sys/poll.h>

#include <algorithm>

namespace pollux {
namespace {

constexpr uint32_t kAllPollEvents = POLLIN | POLLPRI | POLLOUT | POLLRDNORM |
                                    POLLRDBAND | POLLWRNORM | POLLWRBAND |
                                    POLLMSG | POLLRDHUP;

// Does polling this file change nothing that a later call could see?
bool PollIsFree(const World& world, Index file) {
  const FileOps& ops = OpsOf(world.files[file].type);
  return ops.poll_changes == nullptr || !ops.poll_changes(world, file);
}

// Which interest lists may a call change?
enum class Changes { kNone, kFirstArgument, kAny };

Changes InterestChanges(Op op) {
  switch (op) {
    case Op::kEpollCtl:
    case Op::kEpollWait:
    case Op::kEpollPwait:
    case Op::kEpollPwait2:
      return Changes::kFirstArgument;
    case Op::kClose:
    case Op::kChildClose:
    case Op::kChildEpollCtl:
    case Op::kPidfdKill:
    case Op::kRecvFd:
    case Op::kDup2:
    case Op::kDup3:
    case Op::kThaw:
      return Changes::kAny;
    default:
      return Changes::kNone;
  }
}

}  // namespace

bool SameInterests(const Witness& a, const Witness& b) {
  return std::equal(
      a.interests().begin(), a.interests().end(), b.interests().begin(),
      [](const Interest& x, const Interest& y) { return x.lines == y.lines; });
}

void Witness::Ask(Subject* subject) {
  if (!polls.empty()) subject->Poll(polls);
  for (Interest& interest : interests()) {
    subject->Fdinfo(interest.epfd, &interest.lines);
  }
}

bool Oracle::Judge(const Call& call, const Outcome& observed) {
  executor_.Execute(call, &expected_);
  // How often a timer of a short period has expired is the clock's choice.
  if (world().ticks_by_clock && expected_.has_value && observed.value > 0) {
    expected_.value = observed.value;
  }
  return observed == expected_;
}

void Oracle::PlanWitness(const Call& call, bool last, Witness* witness) const {
  const World& w = world();
  const Changes changes = last ? Changes::kAny : InterestChanges(call.op);
  const int first =
      changes == Changes::kFirstArgument ? executor_.FdOf(call.args[0]) : -1;
  witness->polls.clear();
  witness->used = 0;
  const bool frozen = w.scan.ep != kNil;
  for (int fd = 0; fd < static_cast<int>(w.fds.size()) && !frozen; ++fd) {
    if (w.fds[fd] == kNil) continue;
    const File& file = w.files[w.fds[fd]];
    if (last || PollIsFree(w, w.fds[fd])) {
      witness->polls.push_back({fd, kAllPollEvents, 0});
    }
    const bool look = changes == Changes::kAny || fd == first;
    if (file.type == FileType::kEventpoll && look) {
      if (witness->used == witness->storage.size()) {
        witness->storage.emplace_back();
      }
      witness->storage[witness->used++].epfd = fd;
    }
  }
}

bool Oracle::JudgeWitness(const Witness& observed) {
  expected_witness_ = observed;
  expected_witness_.Ask(&reference_);
  return std::equal(observed.polls.begin(), observed.polls.end(),
                    expected_witness_.polls.begin(),
                    [](const PollQuery& a, const PollQuery& b) {
                      return a.revents == b.revents;
                    }) &&
         SameInterests(observed, expected_witness_);
}

}  // namespace pollux
