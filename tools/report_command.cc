// pollux report: divergences as a page.

#include <algorithm>
#include <filesystem>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/command.h"
#include "tools/exhibit.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

// More make no page that anyone reads.
constexpr size_t kMostPrograms = 500;

// The file itself; or, in a folder that triage has sorted, the minimal programs
// of its buckets; or all files below the folder.
std::vector<std::string> FilesOf(const std::string& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<std::string> minimal;
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    all.push_back(entry.path());
    if (entry.path().filename() == "minimal.ep") minimal.push_back(all.back());
  }
  std::vector<std::string>& files = minimal.empty() ? all : minimal;
  std::sort(files.begin(), files.end());
  return files;
}

int RunReport(const std::vector<std::string>& args) {
  if (args.size() != 1) {
    Complain("report: give one FILE or DIR. See pollux help report.");
    return kExitBadInput;
  }
  int exit_code;
  const std::unique_ptr<Bench> bench = Bench::FromFlags(&exit_code);
  if (bench == nullptr) return exit_code;
  std::vector<Exhibit> exhibits;
  size_t bad = 0;
  const std::vector<std::string> files = FilesOf(args[0]);
  for (const std::string& path : files) {
    if (exhibits.size() == kMostPrograms) {
      Complain(absl::StrCat("report: only the first ", kMostPrograms, " of ",
                            files.size(), " files are shown"));
      break;
    }
    absl::StatusOr<Exhibit> exhibit = MakeExhibit(*bench, path);
    if (!exhibit.ok()) {
      Complain(exhibit.status().message());
      ++bad;
    } else {
      exhibits.push_back(*std::move(exhibit));
    }
  }
  if (exhibits.empty()) {
    if (bad == 0) Complain(absl::StrCat(args[0], ": no program to report"));
    return kExitBadInput;
  }
  if (!WriteOutput(ExportHtml(exhibits, bench->machine())) || bad > 0) {
    return kExitBadInput;
  }
  const bool diverges =
      std::any_of(exhibits.begin(), exhibits.end(),
                  [](const Exhibit& e) { return e.finding.has_value(); });
  return diverges ? kExitDivergence : kExitSame;
}

}  // namespace

const Command kReportCommand = {
    .name = "report",
    .synopsis = "pollux report [--quirk=NAME,...] [--o=OUT.html] FILE|DIR",
    .summary = "show divergences as one HTML page",
    .help =
        R"(The page needs no network and no script: who watches whom, every call with both
outcomes and the ready lists after it, the likely cause, the Linux versions that
differ, and programs to copy. Of a folder that `pollux triage` has sorted it
shows each bucket by its minimal program; of another folder, all programs.

Exit code: 0 nothing diverges; 1 something does; 2 a FILE or argument is bad; 3
cannot run here.)",
    .run = RunReport,
};

}  // namespace pollux
