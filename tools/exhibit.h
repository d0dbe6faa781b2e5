// An exhibit: a program with all that is known about it, ready to be shown.

#ifndef POLLUX_TOOLS_EXHIBIT_H_
#define POLLUX_TOOLS_EXHIBIT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "diff/investigation.h"
#include "diff/outcome.h"
#include "diff/program.h"
#include "tools/bench.h"

namespace pollux {

struct Exhibit {
  std::string path;  // of the file that it came from
  Program program;   // ends with the diverging call, if there is one
  int line = 1;      // of the diverging call in that file, if it is text
  std::vector<Outcome> expected;   // of the reference, one a call
  std::optional<Finding> finding;  // nothing: no divergence
  bool skipped = false;            // the subject could not run it
  std::string muted;               // until when and why, if its bucket is
  std::string subject;             // "host"
  Profile profile;                 // of the reference
  Machine machine;

  // The signature, or "no-divergence".
  std::string signature() const {
    return finding ? finding->signature : "no-divergence";
  }
  // One line that tells the cause.
  std::string Summary() const;
};

// Runs and judges a program. `subject`: what to call the investigator's.
Exhibit ExhibitOf(Investigator& investigator, const Program& program,
                  std::string_view subject);

// The same for the program of `path`.
absl::StatusOr<Exhibit> MakeExhibit(Bench& bench, const std::string& path);

// --- Exports -----------------------------------------------------------------

enum class CodeStyle { kTap, kGtest, kKselftest };

// A self-contained C file (or the body of a test) that expects what the
// reference does. An error if the difference is one that it could not show.
absl::StatusOr<std::string> ExportCode(const Exhibit& exhibit, CodeStyle style);

// The schema is in the help of `pollux export`.
std::string ExportJson(const Exhibit& exhibit, const Machine& machine);
std::string ExportSarif(const std::vector<Exhibit>& exhibits);
std::string ExportJunit(const std::vector<Exhibit>& exhibits);
// The program as text with its story above it and the expected outcomes.
std::string ExportText(const Exhibit& exhibit);

// A line of the index of a page: a bucket with its programs.
struct BucketRow {
  static constexpr size_t kNoExhibit = ~size_t{0};

  std::string signature;        // or the state
  std::string state;            // "new", "known", "flaky", "fixed"; or of
                                // programs that are no crashes, "same" or
                                // "skipped"
  std::vector<int64_t> times;   // of its programs, in seconds since 1970
  size_t exhibit = kNoExhibit;  // the shortest of them, where there is one
  std::string note;             // why it is known
  bool muted = false;
};

// One page: of one exhibit, if there are no rows, else of all with an index.
std::string ExportHtml(const std::vector<Exhibit>& exhibits,
                       const std::vector<BucketRow>& rows);

}  // namespace pollux

#endif  // POLLUX_TOOLS_EXHIBIT_H_
