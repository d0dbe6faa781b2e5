// Setting up subject and reference.

#include "tools/bench.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "tools/command.h"
#include "tools/mute_flag.h"
#include "tools/subject_flags.h"

namespace pollux {

std::unique_ptr<Bench> Bench::FromFlags(int* exit_code) {
  const absl::StatusOr<Profile> profile = ReferenceProfile();
  if (!profile.ok()) {
    Complain(profile.status().message());
    *exit_code = kExitBadInput;
    return nullptr;
  }
  absl::StatusOr<std::vector<Mute>> mutes = MutesFromFlag();
  if (!mutes.ok()) {
    Complain(mutes.status().message());
    *exit_code = kExitBadInput;
    return nullptr;
  }
  std::unique_ptr<Bench> bench(new Bench);
  bench->mutes_ = *std::move(mutes);
  bench->profile_ = *profile;
  LockstepOptions options{.witnesses = absl::GetFlag(FLAGS_witnesses)};
  Subject* subject;
  if (absl::GetFlag(FLAGS_model)) {
    bench->model_ =
        std::make_unique<Reference>(*BaseProfile(), bench->machine_);
    subject = bench->model_.get();
  } else if (std::string reason = HostUnsupported(); !reason.empty()) {
    Complain(absl::StrCat("cannot run here: ", reason));
    *exit_code = kExitCannotRun;
    return nullptr;
  } else {
    const absl::StatusOr<Door> door = HostDoor();
    if (!door.ok()) {
      Complain(door.status().message());
      *exit_code =
          absl::IsUnavailable(door.status()) ? kExitCannotRun : kExitBadInput;
      return nullptr;
    }
    bench->machine_ = HostMachine();
    bench->host_ = std::make_unique<Host>(*door);
    options.can_freeze = bench->host_->can_freeze();
    subject = bench->host_.get();
  }
  bench->investigator_ = std::make_unique<Investigator>(
      subject, bench->profile_, bench->machine_, options);
  return bench;
}

}  // namespace pollux
