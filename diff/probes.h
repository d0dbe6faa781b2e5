// Probes: which quirks a subject has, found out by asking it.
//
// A version number does not tell what a kernel does: stable kernels carry
// changes back, and sandboxes take calls away. A probe is a program that a
// kernel with a quirk and one without it answer differently. It is run on the
// subject, and on two references; the one that answers the same is right.
//
//   Host host;
//   ProbeReport report =
//       RunProbes(RunnerOf(&host), Profile::Linux(HostVersion()), machine);
//   Oracle oracle(report.profile, machine);
//
// A subject in another machine needs no more than a ProgramRunner.

#ifndef POLLUX_DIFF_PROBES_H_
#define POLLUX_DIFF_PROBES_H_

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/machine.h"
#include "core/quirks.h"
#include "diff/outcome.h"
#include "diff/program.h"
#include "diff/subject.h"

namespace pollux {

// A program that a quirk changes, as text with the outcomes of a Linux that
// does not have it. It shows in the last outcome.
struct QuirkProgram {
  Quirk quirk;
  std::string_view text;
};

// One for each quirk of Linux's history that a program can see.
std::span<const QuirkProgram> ProbePrograms();

// Runs a program and returns what each of its calls gave; nothing if that
// cannot be.
using ProgramRunner =
    std::function<std::optional<std::vector<Outcome>>(const Program&)>;

// Runs programs on `subject`, which must outlive the runner. `can_freeze`: of
// the subject.
ProgramRunner RunnerOf(Subject* subject, bool can_freeze = true);

enum class ProbeAnswer {
  kYes,      // the subject has the quirk
  kNo,       // it does not
  kNeither,  // it did what no reference does: worth a look
  kHidden,   // both references do the same, because of another quirk
  kNotRun,   // the subject cannot run the program
};

struct ProbeResult {
  Quirk quirk;
  ProbeAnswer answer;
  bool assumed;  // of the profile that the probes began with
};

struct ProbeReport {
  Profile profile;                   // the assumed one, corrected
  std::vector<ProbeResult> results;  // one for each of ProbePrograms
};

// Corrects `assumed`, the profile of the subject's version, by all probes.
ProbeReport RunProbes(const ProgramRunner& run, const Profile& assumed,
                      const Machine& machine);

// The probes of the running kernel. Asks it once, and takes milliseconds.
const ProbeReport& HostProbes();

// The profile of the running kernel: that of its version, corrected.
inline const Profile& HostProfile() { return HostProbes().profile; }

}  // namespace pollux

#endif  // POLLUX_DIFF_PROBES_H_
