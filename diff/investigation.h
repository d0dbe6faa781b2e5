// Investigations: everything there is to know about a program that diverges.
//
// Runs it, runs it again with a recording, explains it and names its bucket.
//
//   Investigator investigator(&lockstep, profile, machine);
//   if (std::optional<Finding> f = investigator.Look(program)) {
//     Minimize(program, investigator.ProbeFor(*f));
//   }

#ifndef POLLUX_DIFF_INVESTIGATION_H_
#define POLLUX_DIFF_INVESTIGATION_H_

#include <optional>
#include <string>

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
  // `lockstep` must outlive the investigator; its oracle has this profile and
  // this machine.
  Investigator(Lockstep* lockstep, const Profile& profile,
               const Machine& machine)
      : lockstep_(lockstep), profile_(profile), machine_(machine) {}

  // Nothing if the program does not diverge; verdict() says why.
  std::optional<Finding> Look(const Program& program);

  // Of the last run of Look.
  Verdict verdict() const { return verdict_; }

  // A probe for programs whose divergence has this signature. It must not
  // outlive the investigator.
  Probe ProbeFor(const Finding& finding);

  const Profile& profile() const { return profile_; }
  const Machine& machine() const { return machine_; }

 private:
  Lockstep* lockstep_;
  Profile profile_;
  Machine machine_;
  Verdict verdict_ = Verdict::kSame;
};

}  // namespace pollux

#endif  // POLLUX_DIFF_INVESTIGATION_H_
