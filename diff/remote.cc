// Remote subjects: the stream, losses, playback.

#include "diff/remote.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pollux {
namespace {

using Clock = std::chrono::steady_clock;

// Scripts under way are at most so many bytes, or one: a terminal holds 4095
// bytes that nobody has read, and what is more may get lost there.
constexpr size_t kMostInFlightBytes = 3500;
constexpr size_t kMostInFlight = 64;      // scripts
constexpr uint64_t kMostNoise = 4 << 20;  // bytes, before it counts as nonsense
// What the agent's own watchdog writes before it gives up.
constexpr char kWatchdogWords[] = "class hang";

// The end of a noise, made fit to print.
std::string Quote(std::string_view noise) {
  constexpr size_t kMost = 400;
  if (noise.size() > kMost) noise.remove_prefix(noise.size() - kMost);
  return absl::CHexEscape(noise);
}

}  // namespace

// --- The stream

absl::StatusOr<std::unique_ptr<Remote>> Remote::Start(RemoteOptions options) {
  std::unique_ptr<Remote> remote(new Remote(std::move(options)));
  absl::Status status = remote->Connect();
  if (!status.ok()) return status;
  return remote;
}

Remote::~Remote() {
  if (!child_.running()) return;
  // A machine that is switched off saves nobody time, but some clean up.
  std::vector<uint8_t> bye;
  PutFrame(FrameType::kBye, {}, &bye);
  [[maybe_unused]] ssize_t n = write(child_.in(), bye.data(), bye.size());
  child_.Story();
}

absl::Status Remote::Connect() {
  reader_ = FrameReader();
  to_send_.clear();
  sent_ = 0;
  trouble_ = Fault::kNone;
  if (!child_.Start(options_.command)) {
    return absl::ErrnoToStatus(errno, "cannot start a process");
  }
  FrameType type;
  std::span<const uint8_t> payload;
  if (!NextFrame(&type, &payload, options_.start_seconds)) {
    return absl::UnavailableError(
        absl::StrCat("no agent answers: the command ", trouble_story_));
  }
  const Ops missing = hello_.missing;
  if (type == FrameType::kHello && DecodeHello(payload, &hello_)) {
    if (restarts_ > 0) hello_.missing = missing;
    return absl::OkStatus();
  }
  Lose(Fault::kProtocol, "");
  return absl::UnavailableError(
      "the agent is of another version: build it from the same source");
}

bool Remote::EnsureConnected() {
  if (child_.running()) return true;
  ++restarts_;
  const absl::Status status = Connect();
  if (!status.ok()) trouble_story_ = std::string(status.message());
  return status.ok();
}

void Remote::Lose(Fault fault, std::string story) {
  trouble_ = fault;
  const std::string end = child_.Story();
  if (absl::StrContains(end, kWatchdogWords)) trouble_ = Fault::kHang;
  trouble_story_ = story.empty() ? end : absl::StrCat(story, "; it ", end);
  if (reader_.skipped() > 0) {
    absl::StrAppend(&trouble_story_,
                    "; its output ends with: ", Quote(reader_.noise()));
  }
}

bool Remote::NextFrame(FrameType* type, std::span<const uint8_t>* payload,
                       int seconds) {
  const auto deadline = Clock::now() + std::chrono::seconds(seconds);
  while (!reader_.Next(type, payload)) {
    if (reader_.skipped() > kMostNoise) {
      Lose(Fault::kProtocol, "talks nonsense");
      return false;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    const bool sends = sent_ < to_send_.size();
    pollfd fds[2] = {{child_.out(), POLLIN, 0},
                     {sends ? child_.in() : -1, POLLOUT, 0}};
    const int ready =
        poll(fds, 2, static_cast<int>(std::max<int64_t>(0, left.count())));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      Lose(Fault::kHang, absl::StrCat("was silent for ", seconds, " s"));
      return false;
    }
    if (fds[1].revents != 0) {
      const ssize_t n =
          write(child_.in(), to_send_.data() + sent_, to_send_.size() - sent_);
      if (n > 0) sent_ += n;
      // An end that no longer reads may have answers under way.
      if (n < 0 && errno != EAGAIN) sent_ = to_send_.size();
    }
    if (fds[0].revents == 0) continue;
    uint8_t chunk[1 << 16];
    const ssize_t n = read(child_.out(), chunk, sizeof(chunk));
    if (n > 0) {
      reader_.Append({chunk, static_cast<size_t>(n)});
    } else if (n == 0 || errno != EAGAIN) {
      const bool greeted = next_id_ > 0;
      Lose(greeted || reader_.skipped() == 0 ? Fault::kCrash : Fault::kProtocol,
           "");
      return false;
    }
  }
  return true;
}

// --- Flights

bool Remote::Supports(Op op) const {
  if (op == Op::kFreeze && !hello_.can_freeze) return false;
  return !hello_.missing[static_cast<size_t>(op)];
}

size_t Remote::Fly(std::span<const Script> scripts,
                   std::span<Playback> playbacks, bool eager) {
  const uint64_t first_id = next_id_;
  size_t launched = 0;
  size_t landed = 0;
  std::deque<size_t> sizes;  // of the frames under way
  size_t in_flight = 0;      // their sum
  std::vector<uint8_t> payload;
  std::vector<uint8_t> frame;  // the next one, if it has been made
  while (landed < scripts.size()) {
    while (launched < scripts.size() && sizes.size() < kMostInFlight) {
      if (frame.empty()) {
        payload.clear();
        EncodeRun({next_id_++, eager, scripts[launched]}, &payload);
        PutFrame(FrameType::kRun, payload, &frame);
      }
      const bool fits = in_flight + frame.size() <= kMostInFlightBytes;
      if (!fits && !sizes.empty()) break;
      ++launched;
      sizes.push_back(frame.size());
      in_flight += frame.size();
      Queue(&frame);
    }
    FrameType type;
    std::span<const uint8_t> answer;
    if (!NextFrame(&type, &answer, options_.silence_seconds)) return landed;
    StepsMessage head;
    Playback& playback = playbacks[landed];
    const bool good =
        type == FrameType::kSteps &&
        DecodeSteps(answer, scripts[landed], &head, &playback.steps) &&
        head.id == first_id + landed;
    if (!good) {
      Lose(Fault::kProtocol,
           type == FrameType::kComplaint
               ? absl::StrCat("complains: ",
                              std::string(answer.begin(), answer.end()))
               : "answers what was not asked");
      return landed;
    }
    if (!head.done) continue;
    playback.fault = head.fault;
    if (head.fault == Fault::kHang) playback.story = "had to be interrupted";
    in_flight -= sizes.front();
    sizes.pop_front();
    ++landed;
  }
  return landed;
}

void Remote::Queue(std::vector<uint8_t>* frame) {
  if (sent_ == to_send_.size()) {
    to_send_.clear();
    sent_ = 0;
  }
  to_send_.insert(to_send_.end(), frame->begin(), frame->end());
  frame->clear();
}

void Remote::FindCulprit(std::span<const Script> scripts,
                         std::span<Playback> playbacks) {
  for (size_t i = 0; i < scripts.size(); ++i) {
    playbacks[i] = {};
    const auto playback = playbacks.subspan(i, 1);
    if (EnsureConnected() && Fly(scripts.subspan(i, 1), playback, true) == 1) {
      continue;
    }
    playbacks[i].fault = trouble_ == Fault::kNone ? Fault::kCrash : trouble_;
    playbacks[i].story = trouble_story_;
    return;
  }
  ++unexplained_deaths_;
}

void Remote::Prepare(std::span<const Script> scripts) {
  playbacks_.assign(scripts.size(), {});
  next_playback_ = 0;
  const std::span<Playback> playbacks(playbacks_);
  size_t done = 0;
  while (done < scripts.size()) {
    const auto rest = scripts.subspan(done);
    const auto answers = playbacks.subspan(done);
    if (EnsureConnected()) done += Fly(rest, answers, false);
    if (done == scripts.size()) return;
    // One of those that were under way has done it, if it does it again.
    const size_t suspects = std::min(kMostInFlight, scripts.size() - done);
    FindCulprit(scripts.subspan(done, suspects),
                playbacks.subspan(done, suspects));
    while (done < scripts.size() && (playbacks_[done].fault != Fault::kNone ||
                                     !playbacks_[done].steps.empty() ||
                                     scripts[done].program.calls.empty())) {
      ++done;
    }
  }
}

// --- Playback

void Remote::Begin() {
  fault_ = Fault::kNone;
  story_ = "";
  next_step_ = 0;
  playback_ = next_playback_ < playbacks_.size() ? &playbacks_[next_playback_++]
                                                 : nullptr;
}

int64_t Remote::Execute(Op op, const Args&, Outcome* outcome) {
  if (playback_ == nullptr || next_step_ >= playback_->steps.size()) {
    const bool told = playback_ && playback_->fault != Fault::kNone;
    fault_ = told ? playback_->fault : Fault::kProtocol;
    story_ = told ? std::string_view(playback_->story)
                  : "has answered fewer calls than there are";
    return -EIO;
  }
  const Step& step = playback_->steps[next_step_++];
  const bool last = next_step_ == playback_->steps.size();
  if (last && playback_->fault == Fault::kHang) {
    fault_ = Fault::kHang;
    story_ = playback_->story;
  }
  *outcome = step.outcome;
  if (step.outcome.blocked) return kBlocked;
  const bool one =
      Describe(op).makes == Makes::kOne || op == Op::kDup2 || op == Op::kDup3;
  return one && step.outcome.result == 0 ? step.outcome.fds[0]
                                         : step.outcome.result;
}

int Remote::Poll(std::span<PollQuery> queries) {
  if (next_step_ == 0) return -EIO;
  const Witness& seen = playback_->steps[next_step_ - 1].witness;
  for (PollQuery& query : queries) {
    const auto answer =
        std::find_if(seen.polls.begin(), seen.polls.end(),
                     [&](const PollQuery& p) { return p.fd == query.fd; });
    if (answer != seen.polls.end()) query.revents = answer->revents;
  }
  return static_cast<int>(queries.size());
}

int Remote::Fdinfo(int epfd, std::vector<InterestLine>* lines) {
  lines->clear();
  if (next_step_ == 0) return -EIO;
  for (const Interest& seen :
       playback_->steps[next_step_ - 1].witness.interests()) {
    if (seen.epfd == epfd) *lines = seen.lines;
  }
  return 0;
}

}  // namespace pollux
