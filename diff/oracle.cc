// The oracle: comparison of outcomes and witnesses.

#include "diff/oracle.h"

#include <sys/poll.h>

#include <algorithm>
#include <array>
#include <utility>

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

// More are not followed, nor found after so many steps of a search.
constexpr size_t kMostStates = 256;
constexpr size_t kMostNodes = 20000;

const Resumed* FindResumed(const Outcome& outcome, int thread) {
  for (const Resumed& resumed : outcome.resumed) {
    if (resumed.thread == thread) return &resumed;
  }
  return nullptr;
}

// Was `thread`, which was asleep or makes the call, seen to return?
bool HasReturned(const Call& call, const Outcome& outcome, int thread) {
  if (thread == call.thread) return !outcome.blocked && !outcome.skipped;
  return FindResumed(outcome, thread) != nullptr;
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

void Oracle::Begin() {
  executor_.Begin();
  threaded_ = undecided_ = false;
}

bool Oracle::Judge(const Call& call, const Outcome& observed) {
  if (threaded_ || UsesThreads(call)) return JudgeThreads(call, observed);
  executor_.Execute(call, &expected_);
  // How often a timer of a short period has expired is the clock's choice.
  if (world().ticks_by_clock && expected_.has_value && observed.value > 0) {
    expected_.value = observed.value;
  }
  return observed == expected_;
}

// --- Threads

bool Oracle::JudgeThreads(const Call& call, const Outcome& observed) {
  if (!threaded_) worlds_.assign(1, reference_.world());
  threaded_ = true;
  Step step{&call, &observed, observed};
  step.own.resumed.clear();
  step.own.handled = 0;
  next_.clear();
  next_hashes_.clear();
  nodes_ = 0;
  before_ = executor_;
  after_.reset();
  reference_.set_runs_threads(false);
  for (const World& world : worlds_) Follow(step, world, /*called=*/false);
  reference_.set_runs_threads(true);
  executor_ = *before_;
  if (next_.empty()) {
    Expect(call);
    return false;
  }
  executor_ = *after_;
  if (!observed.blocked && !observed.skipped) {
    executor_.NoteReturned(call.thread);
  }
  for (const Resumed& r : observed.resumed) executor_.NoteReturned(r.thread);
  std::swap(worlds_, next_);
  expected_ = observed;
  ++stats_.steps;
  stats_.states += worlds_.size();
  stats_.most_states = std::max(stats_.most_states, worlds_.size());
  return true;
}

void Oracle::Expect(const Call& call) {
  reference_.mutable_world() = worlds_.front();
  reference_.NoteAsleep();
  executor_.Execute(call, &expected_);
  worlds_.assign(1, reference_.world());
}

void Oracle::Follow(const Step& step, World world, bool called) {
  if (++nodes_ > kMostNodes) undecided_ = true;
  if (undecided_) return;
  enum class Kind { kCall, kRun, kTimeOut };
  struct Move {
    Kind kind;
    int thread;
  };
  std::array<Move, 2 * kMaxThreads + 1> moves;
  size_t count = 0;
  bool settled = called;
  if (!called) moves[count++] = {Kind::kCall, 0};
  for (int t = 1; t <= world.highest_thread; ++t) {
    if (CanRun(world, t)) {
      moves[count++] = {Kind::kRun, t};
      settled = false;
    }
    // A timer that fires ends the wait before all is settled again.
    if (CanTimeOut(world, t) && HasReturned(*step.call, *step.observed, t)) {
      moves[count++] = {Kind::kTimeOut, t};
    }
  }
  if (settled && IsAsObserved(step, world)) {
    Keep(count == 0 ? std::move(world) : world);
  }
  for (size_t i = 0; i < count; ++i) {
    World next = i + 1 < count ? world : std::move(world);
    const auto [kind, thread] = moves[i];
    bool possible = true;
    if (kind == Kind::kCall) possible = MakeCall(step, &next);
    if (kind == Kind::kRun) possible = Run(step, &next, thread);
    if (kind == Kind::kTimeOut) FireTimer(next, thread);
    undecided_ |= next.stuck;
    if (!possible || undecided_) continue;
    Follow(step, std::move(next), called || kind == Kind::kCall);
  }
}

bool Oracle::MakeCall(const Step& step, World* world) {
  std::swap(reference_.mutable_world(), *world);
  executor_ = *before_;
  executor_.Execute(*step.call, &expected_);
  std::swap(reference_.mutable_world(), *world);
  // A wait that falls asleep may yet return in this step.
  const bool asleep = expected_.blocked && step.call->thread != 0;
  if (!asleep && expected_ != step.own) return false;
  after_ = executor_;
  return true;
}

bool Oracle::Run(const Step& step, World* world, int thread) {
  RunThread(*world, thread);
  return world->threads[thread].in != Waiting::kNone ||
         ReturnedAsObserved(step, *world, thread);
}

bool Oracle::ReturnedAsObserved(const Step& step, const World& world,
                                int thread) const {
  const Returned returned = ReturnedBy(world, thread);
  if (thread == step.call->thread && !before_->IsAsleep(thread)) {
    Outcome own = returned.outcome;
    own.result = returned.result;
    return own == step.own;
  }
  const Resumed* seen = FindResumed(*step.observed, thread);
  return seen != nullptr && seen->result == returned.result &&
         seen->early == returned.outcome.early &&
         seen->revents == returned.outcome.revents &&
         seen->events == returned.outcome.events;
}

bool Oracle::IsAsObserved(const Step& step, const World& world) const {
  const Outcome& observed = *step.observed;
  size_t resumed = 0;
  uint64_t handled = 0;
  for (int t = 0; t <= world.highest_thread; ++t) {
    const Thread& thread = world.threads[t];
    handled |= uint64_t{thread.handled} << (8 * t);
    const bool asleep = thread.in != Waiting::kNone;
    if (step.call->op == Op::kExpire && asleep &&
        thread.timeout == Timeout::kFinite) {
      return false;
    }
    if (t == step.call->thread && !before_->IsAsleep(t)) {
      if (t != 0 && asleep != observed.blocked) return false;
      continue;
    }
    const bool returned = before_->IsAsleep(t) && !asleep;
    if (returned != (FindResumed(observed, t) != nullptr)) return false;
    if (returned && !ReturnedAsObserved(step, world, t)) return false;
    resumed += returned;
  }
  return resumed == observed.resumed.size() && handled == observed.handled;
}

void Oracle::Keep(World world) {
  for (int t = 0; t <= world.highest_thread; ++t) world.threads[t].handled = 0;
  const uint64_t hash = HashOfChoices(world);
  if (std::find(next_hashes_.begin(), next_hashes_.end(), hash) !=
      next_hashes_.end()) {
    return;
  }
  if (next_.size() == kMostStates) {
    undecided_ = true;
    return;
  }
  next_hashes_.push_back(hash);
  next_.push_back(std::move(world));
}

// --- Witnesses

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
  if (!threaded_) return AskReference(observed);
  // From the last to the first, whose answer is the one that is kept.
  next_.clear();
  for (size_t i = worlds_.size(); i-- > 0;) {
    std::swap(reference_.mutable_world(), worlds_[i]);
    const bool same = AskReference(observed);
    std::swap(reference_.mutable_world(), worlds_[i]);
    if (same) next_.push_back(std::move(worlds_[i]));
  }
  if (next_.empty()) return false;
  std::swap(worlds_, next_);
  expected_witness_ = observed;
  return true;
}

bool Oracle::AskReference(const Witness& observed) {
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
