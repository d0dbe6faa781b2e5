// Run, record, explain, name.

#include "diff/investigation.h"

#include <utility>
#include <vector>

namespace pollux {

std::optional<Finding> Investigator::Look(const Program& program) {
  Finding finding;
  verdict_ = lockstep_->Run(program, &finding.recording);
  if (verdict_ != Verdict::kDivergence) return std::nullopt;
  finding.divergence = lockstep_->divergence();
  finding.explanation = Explain(program, finding.divergence, finding.recording,
                                profile_, machine_, /*largest=*/1);
  finding.signature = Signature(SymptomOf(program, finding.divergence),
                                finding.explanation.best());
  return finding;
}

Probe Investigator::ProbeFor(const Finding& finding) {
  return
      [this, wanted = finding.signature, quirks = finding.explanation.best()](
          const Program& program) -> std::optional<size_t> {
        // Cheap reasons to say no come first.
        if (lockstep_->Run(program) != Verdict::kDivergence)
          return std::nullopt;
        const size_t call = lockstep_->divergence().call;
        const Symptom symptom = SymptomOf(program, lockstep_->divergence());
        if (Signature(symptom, quirks) != wanted) return std::nullopt;
        const std::optional<Finding> again = Look(program);
        if (!again || again->divergence.call != call) return std::nullopt;
        if (again->signature != wanted) return std::nullopt;
        return call;
      };
}

}  // namespace pollux
