// Mutants: the reference with one quirk, which a corpus should notice.
//
// A program kills a mutant if the reference with the quirk does something else
// than the reference without. No system call is made. The share of the mutants
// that a corpus kills is a measure of what it would see on a real epoll.
//
//   Mutants mutants{Machine()};
//   for (const Kill& kill : mutants.KilledBy(program)) ...

#ifndef POLLUX_DIFF_MUTANTS_H_
#define POLLUX_DIFF_MUTANTS_H_

#include <memory>
#include <optional>
#include <vector>

#include "core/machine.h"
#include "core/quirks.h"
#include "diff/divergence.h"
#include "diff/lockstep.h"
#include "diff/program.h"
#include "diff/reference.h"

namespace pollux {

struct Kill {
  Quirk quirk;
  Divergence divergence;  // the mutant is the subject
};

class Mutants {
 public:
  // One of each quirk, on a Linux that has what the quirk needs to show.
  explicit Mutants(const Machine& machine);
  Mutants(const Mutants&) = delete;
  Mutants& operator=(const Mutants&) = delete;

  // By outcomes, poll masks and interest lists; at the first difference.
  std::vector<Kill> KilledBy(const Program& program);
  std::optional<Kill> Try(Quirk quirk, const Program& program);

 private:
  struct Pair {
    Pair(Quirk quirk, const Machine& machine);

    Reference mutant;
    Oracle oracle;
    Lockstep lockstep;
  };

  std::vector<std::unique_ptr<Pair>> pairs_;  // by Quirk
};

}  // namespace pollux

#endif  // POLLUX_DIFF_MUTANTS_H_
