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

// Runs and judges the program of `path`.
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

// One page, or one that is an index of several.
std::string ExportHtml(const std::vector<Exhibit>& exhibits,
                       const Machine& machine);

// For text in XML and HTML.
std::string EscapeMarkup(std::string_view text);

}  // namespace pollux

#endif  // POLLUX_TOOLS_EXHIBIT_H_
