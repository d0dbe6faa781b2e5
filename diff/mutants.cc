// One lock-step of two references for each quirk.

#include "diff/mutants.h"

namespace pollux {
namespace {

Profile MutantOf(Quirk quirk) {
  Profile profile = Profile::BaseOf(quirk);
  profile.Enable(quirk);
  return profile;
}

}  // namespace

Mutants::Pair::Pair(Quirk quirk, const Machine& machine)
    : mutant(MutantOf(quirk), machine),
      oracle(Profile::BaseOf(quirk), machine),
      lockstep(&mutant, &oracle) {}

Mutants::Mutants(const Machine& machine) {
  for (const QuirkInfo& quirk : AllQuirks()) {
    pairs_.push_back(std::make_unique<Pair>(quirk.id, machine));
  }
}

std::optional<Kill> Mutants::Try(Quirk quirk, const Program& program) {
  Lockstep& lockstep = pairs_[static_cast<size_t>(quirk)]->lockstep;
  if (lockstep.Run(program) != Verdict::kDivergence) return std::nullopt;
  return Kill{quirk, lockstep.divergence()};
}

std::vector<Kill> Mutants::KilledBy(const Program& program) {
  std::vector<Kill> kills;
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (std::optional<Kill> kill = Try(quirk.id, program)) {
      kills.push_back(std::move(*kill));
    }
  }
  return kills;
}

}  // namespace pollux
