// pollux report: divergences as a page.

#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/command.h"
#include "tools/exhibit.h"
#include "tools/mute_flag.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

// More make no page that anyone reads.
constexpr size_t kMostPrograms = 500;

constexpr std::string_view kMinimalName = "minimal.ep";

int64_t TimeOf(const fs::path& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? status.st_mtime : 0;
}

// What becomes one page.
class Report {
 public:
  explicit Report(Bench& bench) : bench_(bench) {}

  // A folder that triage has sorted: a bucket is a folder in new/ or known/
  // with its crash files and a minimal program; flaky/ and fixed/ hold files.
  void AddSorted(const fs::path& folder) {
    for (const char* state : {"new", "known"}) {
      for (const fs::path& bucket : EntriesOf(folder / state)) {
        if (!fs::is_directory(bucket)) continue;
        BucketRow row;
        row.signature = bucket.filename();
        row.state = state;
        for (const fs::path& file : EntriesOf(bucket)) {
          if (file.filename() == kMinimalName) {
            row.exhibit = Add(file);
          } else {
            row.times.push_back(TimeOf(file));
          }
        }
        rows_.push_back(std::move(row));
      }
    }
    for (const char* state : {"flaky", "fixed"}) {
      BucketRow row;
      row.signature = row.state = state;
      for (const fs::path& file : EntriesOf(folder / state)) {
        row.times.push_back(TimeOf(file));
      }
      if (!row.times.empty()) rows_.push_back(std::move(row));
    }
    NoteMutes();
  }

  // Any other folder: its programs, sorted here by what they do.
  void AddAll(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::map<std::string, BucketRow> rows;
    for (const fs::path& file : files) {
      const size_t index = Add(file);
      if (index == kNone) continue;
      const Exhibit& exhibit = exhibits_[index];
      const std::string state = exhibit.skipped   ? "skipped"
                                : exhibit.finding ? "new"
                                                  : "same";
      BucketRow& row = rows[exhibit.finding ? exhibit.signature()
                                            : absl::StrCat("~", state)];
      row.signature = exhibit.finding ? exhibit.signature() : state;
      row.state = state;
      row.times.push_back(TimeOf(file));
      if (row.exhibit == kNone ||
          exhibit.program.calls.size() <
              exhibits_[row.exhibit].program.calls.size()) {
        row.exhibit = index;
      }
    }
    for (auto& [key, row] : rows) rows_.push_back(std::move(row));
    NoteMutes();
  }

  // The index of the exhibit, or kNone, with a complaint.
  size_t Add(const fs::path& file) {
    if (exhibits_.size() == kMostPrograms) {
      if (left_out_++ == 0) {
        Complain(absl::StrCat("report: only ", kMostPrograms,
                              " programs are shown; `pollux triage` finds one "
                              "for each bucket"));
      }
      return kNone;
    }
    absl::StatusOr<Exhibit> exhibit = MakeExhibit(bench_, file);
    if (!exhibit.ok()) {
      Complain(exhibit.status().message());
      ++bad_;
      return kNone;
    }
    exhibits_.push_back(*std::move(exhibit));
    return exhibits_.size() - 1;
  }

  bool empty() const { return exhibits_.empty() && rows_.empty(); }
  size_t bad() const { return bad_; }
  std::string Html() const { return ExportHtml(exhibits_, rows_); }

  // Is there a divergence that is not muted?
  bool diverges() const {
    if (rows_.empty()) return exhibits_[0].finding.has_value();
    return std::any_of(rows_.begin(), rows_.end(), [](const BucketRow& row) {
      return !row.muted && (row.state == "new" || row.state == "known");
    });
  }

  // "3 buckets, 17 programs, 2 muted"
  std::string Summary() const {
    size_t programs = 0;
    size_t muted = 0;
    for (const BucketRow& row : rows_) {
      programs += row.times.size();
      if (row.muted) muted += row.times.size();
    }
    return absl::StrCat(rows_.size(), " buckets, ", programs, " programs, ",
                        muted, " muted, ", left_out_, " left out, ", bad_,
                        " bad");
  }

 private:
  static constexpr size_t kNone = BucketRow::kNoExhibit;

  static std::vector<fs::path> EntriesOf(const fs::path& folder) {
    std::vector<fs::path> entries;
    if (!fs::is_directory(folder)) return entries;
    for (const auto& entry : fs::directory_iterator(folder)) {
      entries.push_back(entry.path());
    }
    std::sort(entries.begin(), entries.end());
    return entries;
  }

  void NoteMutes() {
    for (BucketRow& row : rows_) {
      const Mute* mute = bench_.MuteOf(row.signature);
      if (mute == nullptr) continue;
      row.muted = true;
      row.state = "known";
      row.note = MuteText(*mute);
    }
  }

  Bench& bench_;
  std::vector<Exhibit> exhibits_;
  std::vector<BucketRow> rows_;
  size_t bad_ = 0;
  size_t left_out_ = 0;
};

int RunReport(const std::vector<std::string>& args) {
  if (args.size() != 1) {
    Complain("report: give one FILE or DIR. See pollux help report.");
    return kExitBadInput;
  }
  int exit_code;
  const std::unique_ptr<Bench> bench = Bench::FromFlags(&exit_code);
  if (bench == nullptr) return exit_code;
  Report report(*bench);
  const fs::path path = args[0];
  if (!fs::is_directory(path)) {
    report.Add(path);
  } else if (fs::is_directory(path / "new") ||
             fs::is_directory(path / "known")) {
    report.AddSorted(path);
  } else {
    report.AddAll(path);
  }
  if (report.empty()) {
    if (report.bad() == 0) {
      Complain(absl::StrCat(args[0], ": no program to report"));
    }
    return kExitBadInput;
  }
  if (!WriteOutput(report.Html()) || report.bad() > 0) return kExitBadInput;
  if (fs::is_directory(path)) {
    absl::FPrintF(stderr, "%s\n", report.Summary());
  }
  return report.diverges() ? kExitDivergence : kExitSame;
}

}  // namespace

const Command kReportCommand = {
    .name = "report",
    .synopsis =
        "pollux report [--quirk=NAME,...] [--mute=FILE] [--o=OUT.html] "
        "FILE|DIR",
    .summary = "show divergences as one HTML page",
    .help =
        R"(One file that needs no network, and no script to be read: the difference in one
sentence, both outcomes, the likely cause, who watches whom, every call with
what it changes in the kernel's lists, the Linux versions that differ, and
programs to copy. It reads on a phone, on paper, in the dark, by keyboard and
by screen reader.

Of a folder it has an index: buckets, counts, and a trend by the days of the
files. Of a folder that `pollux triage` has sorted it shows each bucket by its
minimal program; of another folder, all programs (500 at most).

  --mute=FILE       buckets that are known, one a line: SIGNATURE YYYY-MM-DD
                    REASON; they are shown as known, and counted
  --quirk=NAME,...  make the reference a mutant
  --model           let the reference without --quirk stand in for the host

Exit code: 0 nothing diverges, or all is muted; 1 something does; 2 a FILE or
argument is bad; 3 cannot run here.)",
    .run = RunReport,
};

}  // namespace pollux
