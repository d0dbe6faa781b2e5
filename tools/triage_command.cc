// pollux triage: crash files into buckets, buckets into the corpus.

#include <stdio.h>
#include <unistd.h>

#include <filesystem>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/explainer.h"
#include "diff/probes.h"
#include "tools/command.h"
#include "tools/exhibit.h"
#include "tools/triage.h"

ABSL_DECLARE_FLAG(double, seconds);
ABSL_FLAG(std::string, keep, "",
          "triage: the signature of a bucket whose minimal program becomes a "
          "regression of the corpus");
ABSL_FLAG(std::string, regressions, "corpus/regressions",
          "triage: the folder of the regressions");
ABSL_FLAG(int, runs, 3, "triage: how often each file runs");

namespace pollux {
namespace {

namespace fs = std::filesystem;

void Print(const TriageSummary& summary) {
  for (const char* state : {"new", "known", "flaky", "fixed"}) {
    for (const auto& [signature, bucket] : summary.buckets) {
      if (bucket.state != state) continue;
      absl::PrintF("%-5s %-52s %5d files, %s to %s%s%s\n", state,
                   signature == state ? "" : signature, bucket.files,
                   DayOf(bucket.first_seen), DayOf(bucket.last_seen),
                   bucket.note.empty() ? "" : "; ", bucket.note);
    }
  }
  absl::PrintF("%d files muted, %d skipped, %d bad\n", summary.muted,
               summary.skipped, summary.bad);
}

// Copies the minimal program of a bucket, with what Linux does, to the corpus.
int Keep(Bench& bench, const std::string& folder,
         const std::string& signature) {
  const std::string name = absl::StrCat(signature, ".ep");
  for (const char* state : {"new", "known"}) {
    const fs::path minimal =
        fs::path(folder) / state / signature / "minimal.ep";
    if (!IsSignature(signature) || !fs::exists(minimal)) continue;
    absl::StatusOr<Exhibit> exhibit = MakeExhibit(bench, minimal);
    absl::Status status = exhibit.status();
    const fs::path target = fs::path(absl::GetFlag(FLAGS_regressions)) / name;
    if (status.ok()) {
      std::error_code ignored;
      fs::create_directories(target.parent_path(), ignored);
      // A mutant found it, perhaps, but what is kept is what Linux does.
      exhibit->expected =
          ExpectedOutcomes(exhibit->program, HostProfile(), bench.machine());
      status = WriteFile(target, ExportText(*exhibit));
    }
    if (!status.ok()) {
      Complain(status.message());
      return kExitBadInput;
    }
    absl::PrintF("kept as %s\n", target.string());
    return kExitSame;
  }
  Complain(
      absl::StrCat("--keep: ", folder, " has no bucket '", signature, "'"));
  return kExitBadInput;
}

int RunTriage(const std::vector<std::string>& args) {
  if (args.size() != 1) {
    Complain("triage: give one DIR. See pollux help triage.");
    return kExitBadInput;
  }
  int exit_code;
  const std::unique_ptr<Bench> bench = Bench::FromFlags(&exit_code);
  if (bench == nullptr) return exit_code;
  const std::string keep = absl::GetFlag(FLAGS_keep);
  if (!keep.empty()) return Keep(*bench, args[0], keep);

  const auto progress = [](size_t done, size_t all) {
    if (done % 100 == 0 || done == all) {
      absl::FPrintF(stderr, "\r%d of %d files%s", done, all,
                    done == all ? "\n" : " ");
    }
  };
  const TriageOptions options{
      .runs = std::max(1, absl::GetFlag(FLAGS_runs)),
      .seconds = absl::GetFlag(FLAGS_seconds),
      .mutes = bench->mutes(),
      .today = bench->today(),
      .regressions = absl::GetFlag(FLAGS_regressions),
      .progress = isatty(STDERR_FILENO) ? +progress : nullptr};
  const absl::StatusOr<TriageSummary> summary =
      Triage(bench->investigator(), args[0], options);
  if (!summary.ok()) {
    Complain(summary.status().message());
    return kExitBadInput;
  }
  Print(*summary);
  if (summary->bad > 0) return kExitBadInput;
  for (const auto& [signature, bucket] : summary->buckets) {
    if (bucket.state == "new") return kExitDivergence;
  }
  return kExitSame;
}

}  // namespace

const Command kTriageCommand = {
    .name = "triage",
    .synopsis = "pollux triage [--mute=FILE] [--keep=BUCKET] [--runs=N] DIR",
    .summary = "sort a folder of crash files into buckets",
    .help =
        R"(Runs every file below DIR and moves it to where it belongs:

  DIR/new/SIGNATURE/    divergences; minimal.ep is the smallest program
  DIR/known/SIGNATURE/  the same, muted or kept as a regression
  DIR/flaky/            diverges in some of N runs only, or in several ways
  DIR/fixed/            does not diverge

First and last seen are the times of the files. Running it again changes
nothing, and it may be interrupted at any time. What cannot run here, or cannot
be read, stays where it is and is counted.

  --mute=FILE         buckets that are known, one a line:
                      SIGNATURE YYYY-MM-DD REASON; from that day on new again
  --keep=BUCKET       write the minimal program of the bucket, with what Linux
                      does, to corpus/regressions/BUCKET.ep, and nothing else
  --regressions=DIR   another folder than corpus/regressions
  --runs=N            runs of each file (3)

Exit code: 0 nothing new; 1 a new bucket; 2 a file or argument is bad; 3 cannot
run here.)",
    .run = RunTriage,
};

}  // namespace pollux
