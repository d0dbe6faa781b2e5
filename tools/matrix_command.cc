// pollux matrix: many subjects at once.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "tools/command.h"
#include "tools/matrix.h"

ABSL_DECLARE_FLAG(bool, json);
ABSL_DECLARE_FLAG(std::string, profile);
ABSL_FLAG(std::string, subjects, "host",
          "matrix: the subjects, separated by commas");

namespace pollux {
namespace {

namespace fs = std::filesystem;

// The files, and the programs below the folders.
std::vector<std::string> Expand(const std::vector<std::string>& args) {
  std::vector<std::string> paths;
  for (const std::string& arg : args) {
    if (!fs::is_directory(arg)) {
      paths.push_back(arg);
      continue;
    }
    std::vector<std::string> below;
    for (const auto& entry : fs::recursive_directory_iterator(arg)) {
      if (entry.path().extension() == ".ep") below.push_back(entry.path());
    }
    std::sort(below.begin(), below.end());
    paths.insert(paths.end(), below.begin(), below.end());
  }
  return paths;
}

int RunMatrix(const std::vector<std::string>& args) {
  Matrix matrix;
  std::vector<Program> programs;
  for (const std::string& path : Expand(args)) {
    absl::StatusOr<Trace> trace = LoadProgram(path);
    if (!trace.ok()) {
      Complain(trace.status().message());
      return kExitBadInput;
    }
    matrix.programs.push_back(path);
    programs.push_back(trace->program);
  }
  if (programs.empty()) {
    Complain("matrix: which FILE or DIR? See pollux help matrix.");
    return kExitBadInput;
  }
  std::vector<std::vector<std::string>> behaviours;
  for (std::string_view name :
       absl::StrSplit(absl::GetFlag(FLAGS_subjects), ',')) {
    absl::StatusOr<Contest> contest = MakeContest(name);
    if (!contest.ok()) return ExitCodeOf(contest.status());
    // One judge for all, unless another one was asked for.
    const bool own = !absl::GetFlag(FLAGS_profile).empty() ||
                     !absl::GetFlag(FLAGS_quirk).empty();
    AddColumn(*contest, own ? contest->profile : Profile(), programs, &matrix,
              &behaviours);
  }
  NumberGroups(behaviours, &matrix);
  const std::string text = absl::GetFlag(FLAGS_json)
                               ? MatrixJson(matrix)
                               : PrintMatrix(matrix, isatty(1));
  if (!WriteOutput(text)) return kExitBadInput;
  return matrix.AnyDifference() ? kExitDivergence : kExitSame;
}

}  // namespace

const Command kMatrixCommand = {
    .name = "matrix",
    .synopsis = "pollux matrix [--subjects=A,B,...] [--json] FILE|DIR...",
    .summary = "many programs on many subjects, as a table",
    .help =
        R"(One row a program, one column a subject: whether it does what Linux 6.18 does,
and if not, in which way (the bucket: a quirk of `pollux quirks`, or "new").
Below the table: on how many programs each two subjects do the same.

  --subjects=A,B   as --subject has them: host, uml-6.1, runsc-2024, cmd:COMMAND
  --profile=V      another judge than Linux 6.18
  --nowitnesses    do not look at poll masks and interest lists
  --json           for machines
  --o=OUT          write to a file

Exit code: 0 all the same; 1 differences; 2 a file or argument is bad; 3 a
subject cannot run here.)",
    .run = RunMatrix,
};

}  // namespace pollux
