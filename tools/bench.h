// The workbench of the commands that look into divergences: the subject and
// the reference that the flags ask for, ready to run.

#ifndef POLLUX_TOOLS_BENCH_H_
#define POLLUX_TOOLS_BENCH_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "diff/host.h"
#include "diff/investigation.h"
#include "diff/mutes.h"
#include "diff/reference.h"
#include "diff/subject.h"

namespace pollux {

class Bench {
 public:
  // By --quirk, --witnesses, --model and --mute. Null, with a complaint, if
  // that cannot be; then `exit_code` says why.
  static std::unique_ptr<Bench> FromFlags(int* exit_code);

  Investigator& investigator() { return *investigator_; }

  // The profile of the reference, with the quirks of --quirk.
  const Profile& profile() const { return profile_; }
  const Machine& machine() const { return machine_; }

  // The mute that holds today for what was found, or null.
  const Mute* MuteOf(const std::string& signature) const {
    return FindMute(mutes_, signature, today_);
  }
  const std::vector<Mute>& mutes() const { return mutes_; }
  const std::string& today() const { return today_; }

  // "host", or "model".
  std::string_view subject_name() const {
    return host_ == nullptr ? "model" : "host";
  }

  // What to say of a program that cannot run.
  static constexpr std::string_view kSkippedReason =
      "skipped: userfaultfd is not permitted here, so no scan can be frozen";
  // And of one that has no verdict.
  static constexpr std::string_view kUndecidedReason =
      "undecided: the network did not settle in time, or the program took too "
      "long";

 private:
  Bench() = default;

  Profile profile_;
  Machine machine_;
  std::vector<Mute> mutes_;
  const std::string today_ = Today();
  std::unique_ptr<Host> host_;
  std::unique_ptr<Reference> model_;
  std::unique_ptr<Investigator> investigator_;
};

}  // namespace pollux

#endif  // POLLUX_TOOLS_BENCH_H_
