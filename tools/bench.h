// The workbench of the commands that look into divergences: the subject and
// the reference that the flags ask for, ready to run.

#ifndef POLLUX_TOOLS_BENCH_H_
#define POLLUX_TOOLS_BENCH_H_

#include <memory>
#include <string>
#include <string_view>

#include "diff/investigation.h"
#include "tools/subject_flags.h"

namespace pollux {

class Bench {
 public:
  // By --subject, --profile, --quirk, --witnesses and --model. Null, with a
  // complaint, if that cannot be; then `exit_code` says why.
  static std::unique_ptr<Bench> FromFlags(int* exit_code);

  Investigator& investigator() { return investigator_; }

  // The profile of the reference, with the quirks of --quirk.
  const Profile& profile() const { return contest_.profile; }
  const Machine& machine() const { return contest_.machine; }

  // "host", "model", "uml-6.1", ...
  std::string_view subject_name() const { return contest_.name; }

  // What to say of a program that cannot run.
  static constexpr std::string_view kSkippedReason =
      "skipped: the subject cannot make one of its calls; where that is "
      "`freeze`, userfaultfd is not permitted here";

 private:
  explicit Bench(Contest contest);

  Contest contest_;
  Investigator investigator_;
};

}  // namespace pollux

#endif  // POLLUX_TOOLS_BENCH_H_
