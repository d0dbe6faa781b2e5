// A subject behind an agent: another kernel, an emulation, a translated binary.
//
//   absl::StatusOr<std::unique_ptr<Remote>> remote =
//       Remote::Start({.command = "runsc do pollux_agent"});
//   Oracle oracle(profile, (*remote)->hello().machine);
//   Lockstep lockstep(remote->get(), &oracle);
//
// The command may be anything that speaks the agent's protocol on its standard
// input and output. It may die, hang or talk nonsense: that is a finding about
// the program that was running, and the command is started again. To know which
// program it was, those that had no answer are run once more, one by one.

#ifndef POLLUX_DIFF_REMOTE_H_
#define POLLUX_DIFF_REMOTE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "diff/agent_messages.h"
#include "diff/child.h"
#include "diff/frame.h"
#include "diff/subject.h"

namespace pollux {

struct RemoteOptions {
  std::string command;       // for /bin/sh
  int start_seconds = 180;   // until it says hello
  int silence_seconds = 60;  // after which a running one counts as hung
};

class Remote final : public Subject {
 public:
  // Starts the command and waits for its hello. An error says what it did
  // instead.
  static absl::StatusOr<std::unique_ptr<Remote>> Start(RemoteOptions options);
  ~Remote() override;

  const Hello& hello() const { return hello_; }
  // Calls that are not to be made although the agent could, or the reverse.
  void set_missing(const Ops& missing) { hello_.missing = missing; }

  // How often it was started after the first time, and how often a death could
  // not be laid to a program, because none of those that ran did it again.
  uint64_t restarts() const { return restarts_; }
  uint64_t unexplained_deaths() const { return unexplained_deaths_; }

  bool Supports(Op op) const override;
  bool wants_scripts() const override { return true; }
  void Prepare(std::span<const Script> scripts) override;
  Fault fault() const override { return fault_; }
  std::string_view fault_story() const override { return story_; }

  void Begin() override;
  void End() override {}
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override;
  int Poll(std::span<PollQuery> queries) override;
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override;

 private:
  explicit Remote(RemoteOptions options) : options_(std::move(options)) {}

  absl::Status Connect();
  bool EnsureConnected();
  // Runs the scripts until all have their playback, or one has a fault that is
  // not the agent's to tell. Returns how many have.
  size_t Fly(std::span<const Script> scripts, std::span<Playback> playbacks,
             bool eager);
  // Adds the frame to what is to be sent, and clears it.
  void Queue(std::vector<uint8_t>* frame);
  // Sends and receives until there is a frame. False: see trouble_.
  bool NextFrame(FrameType* type, std::span<const uint8_t>* payload,
                 int seconds);
  // The agent is lost: ends it, and notes what is known.
  void Lose(Fault fault, std::string story);
  // Runs again, one by one, those of the scripts that had no answer.
  void FindCulprit(std::span<const Script> scripts,
                   std::span<Playback> playbacks);

  const RemoteOptions options_;
  Hello hello_;
  Child child_;
  FrameReader reader_;
  std::vector<uint8_t> to_send_;
  size_t sent_ = 0;  // of to_send_
  uint64_t next_id_ = 0;
  Fault trouble_ = Fault::kNone;  // how the agent was lost
  std::string trouble_story_;
  uint64_t restarts_ = 0;
  uint64_t unexplained_deaths_ = 0;

  std::vector<Playback> playbacks_;
  size_t next_playback_ = 0;
  const Playback* playback_ = nullptr;  // of the running program
  size_t next_step_ = 0;
  Fault fault_ = Fault::kNone;
  std::string_view story_;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_REMOTE_H_
