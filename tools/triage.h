// Sorting crash files into buckets.
//
//   DIR/new/SIGNATURE/       divergences that nobody has looked at
//   DIR/known/SIGNATURE/     muted, or kept as a regression
//   DIR/flaky/               diverge in some runs only, or not the same way
//   DIR/fixed/               do not diverge
//
// Each bucket holds its crash files and minimal.ep, the smallest program that
// shows it. Crash files are moved by rename, and everything else follows from
// where they are and when they were last modified: a run that was interrupted
// is completed by the next, and a run after a run changes nothing.

#ifndef POLLUX_TOOLS_TRIAGE_H_
#define POLLUX_TOOLS_TRIAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "diff/investigation.h"
#include "diff/mutes.h"

namespace pollux {

struct Bucket {
  std::string state;  // "new", "known", ...
  size_t files = 0;
  size_t fewest_calls = 0;
  int64_t first_seen = 0;  // seconds since 1970, by the files' times
  int64_t last_seen = 0;
  std::string note;  // why it is known
};

struct TriageOptions {
  int runs = 3;         // of each file, which must agree
  double seconds = 10;  // to minimise one bucket
  std::vector<Mute> mutes;
  std::string today;             // "2026-01-31"
  std::string regressions = "";  // folder with SIGNATURE.ep of what is known
  // Called after each file that was judged; may be null.
  void (*progress)(size_t done, size_t all) = nullptr;
};

struct TriageSummary {
  std::map<std::string, Bucket> buckets;  // by signature, "flaky" or "fixed"
  size_t muted = 0;                       // files
  size_t skipped = 0;                     // cannot run here; left in place
  size_t bad = 0;                         // cannot be read; left in place
};

absl::StatusOr<TriageSummary> Triage(Investigator& investigator,
                                     const std::string& folder,
                                     const TriageOptions& options);

}  // namespace pollux

#endif  // POLLUX_TOOLS_TRIAGE_H_
