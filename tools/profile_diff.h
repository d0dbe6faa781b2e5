// What tells two profiles apart: a search without system calls.
//
// Two references are fuzzed against each other, from nothing. A quirk that one
// of them has and the other has not is *told* by a program if flipping it in
// one of them makes a difference.
//
//   ProfileDiff diff(Profile::Linux(Linux(5, 1)), Profile(), /*seed=*/1);
//   while (!diff.missing().empty() && in time) diff.Try();
//   for (const Telling& telling : diff.Tellings()) ...

#ifndef POLLUX_TOOLS_PROFILE_DIFF_H_
#define POLLUX_TOOLS_PROFILE_DIFF_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/quirks.h"
#include "diff/divergence.h"
#include "diff/oracle.h"
#include "diff/program.h"
#include "fuzz/random.h"

namespace pollux {

// Between which two references a program makes a difference.
enum class Sight {
  kApart,  // the first and the second profile, and the quirk alone explains it
  kFirst,  // the first profile, and the same with the quirk flipped
  kSecond,
};

struct Telling {
  Quirk quirk;
  Sight sight = Sight::kApart;
  Program program;
  Divergence divergence;  // observed: by the second, or by what has the flip
};

class ProfileDiff {
 public:
  ProfileDiff(const Profile& first, const Profile& second, uint64_t seed);

  // Makes one more program and looks what it tells.
  void Try();

  uint64_t programs() const { return programs_; }
  // Quirks that no program has told yet.
  const std::vector<Quirk>& missing() const { return missing_; }
  size_t told() const { return tellings_.size(); }

  // Makes the programs found as small as can be within `seconds` each, and
  // returns them in the order of the quirk table.
  std::vector<Telling> Minimized(double seconds);

 private:
  void NextProgram(Program* program);
  // What `program` tells of `quirk`, if it does.
  std::optional<Divergence> Look(Quirk quirk, Sight sight,
                                 const Program& program) const;
  void Keep(Quirk quirk, Sight sight, const Program& program);

  const Profile first_;
  const Profile second_;
  Random random_;
  std::vector<Program> pool_;
  uint64_t programs_ = 0;
  std::vector<Quirk> missing_;
  std::vector<Telling> tellings_;
};

}  // namespace pollux

#endif  // POLLUX_TOOLS_PROFILE_DIFF_H_
