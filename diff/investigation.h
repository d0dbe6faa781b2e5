// Investigations: everything there is to know about a program that diverges.
//
// Runs it with a recording, explains it and names its bucket. Where several
// quirks would explain it, small changes of the program are run as experiments
// that tell them apart.
//
//   Investigator investigator(&host, profile, machine, options);
//   if (std::optional<Finding> f = investigator.Look(program)) {
//     Minimized m = investigator.Minimize(program, *f);
//   }

#ifndef POLLUX_DIFF_INVESTIGATION_H_
#define POLLUX_DIFF_INVESTIGATION_H_

#include <optional>
#include <string>
#include <vector>

#include "diff/explainer.h"
#include "diff/lockstep.h"
#include "diff/minimizer.h"
#include "diff/signature.h"

namespace pollux {

struct Finding {
  Divergence divergence;
  Recording recording;
  Explanation explanation;
  std::string signature;  // by single quirks only
};

class Investigator {
 public:
  // `subject` must outlive the investigator. The profile and the machine are
  // those of the reference that judges it.
  Investigator(Subject* subject, const Profile& profile, const Machine& machine,
               LockstepOptions options = {})
      : subject_(subject),
        profile_(profile),
        machine_(machine),
        options_(options),
        oracle_(profile, machine),
        lockstep_(subject, &oracle_, options) {}

  // Nothing if the program does not diverge; verdict() says why, and
  // `recording`, if given, holds what happened.
  std::optional<Finding> Look(const Program& program,
                              Recording* recording = nullptr);

  // Of the last run.
  Verdict verdict() const { return verdict_; }

  // The smallest program that has the signature of `finding`, in which
  // `program` resulted.
  Minimized Minimize(const Program& program, const Finding& finding,
                     const MinimizeOptions& options = {});

  const Profile& profile() const { return profile_; }
  const Machine& machine() const { return machine_; }

 private:
  // Runs, records and explains, but makes no experiments.
  std::optional<Finding> Glance(const Program& program,
                                Recording* recording = nullptr);

  // Removes the explanations that experiments rule out.
  void TellApart(const Program& program, size_t call, Explanation* explanation);

  // A probe for the signature. Unless `strict`, other quirks may explain what
  // is left just as well.
  Probe ProbeFor(const Finding& finding, bool strict);

  Subject* subject_;
  const Profile profile_;
  const Machine machine_;
  const LockstepOptions options_;
  Oracle oracle_;
  Lockstep lockstep_;
  Verdict verdict_ = Verdict::kSame;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_INVESTIGATION_H_
