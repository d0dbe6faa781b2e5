// pollux export: divergences in the notations of others.

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "tools/command.h"
#include "tools/exhibit.h"

ABSL_FLAG(bool, c, false, "export: one C file that needs nothing but libc");
ABSL_FLAG(bool, gtest, false, "export: a GoogleTest TEST");
ABSL_FLAG(bool, kselftest, false, "export: a kernel selftest");
ABSL_FLAG(bool, text, false, "export: a text program with its story");
ABSL_FLAG(bool, json, false,
          "export, profiles, mutants, diff-profiles, doctor: JSON");
ABSL_FLAG(bool, sarif, false, "export: SARIF 2.1.0");
ABSL_FLAG(bool, junit, false, "export: JUnit XML");

namespace pollux {
namespace {

int ExportAsCode(const Exhibit& exhibit, CodeStyle style) {
  const absl::StatusOr<std::string> code = ExportCode(exhibit, style);
  if (!code.ok()) {
    Complain(absl::StrCat(exhibit.path, ": ", code.status().message()));
    return kExitBadInput;
  }
  return WriteOutput(*code) ? kExitSame : kExitBadInput;
}

int Export(const std::vector<std::string>& args) {
  const bool many = absl::GetFlag(FLAGS_sarif) || absl::GetFlag(FLAGS_junit);
  const int formats = absl::GetFlag(FLAGS_c) + absl::GetFlag(FLAGS_gtest) +
                      absl::GetFlag(FLAGS_kselftest) +
                      absl::GetFlag(FLAGS_text) + absl::GetFlag(FLAGS_json) +
                      absl::GetFlag(FLAGS_sarif) + absl::GetFlag(FLAGS_junit);
  if (formats != 1 || args.empty() || (args.size() > 1 && !many)) {
    Complain(
        "export: give one of --c, --gtest, --kselftest, --text, --json, "
        "--sarif, --junit, and one FILE (many for the last two)");
    return kExitBadInput;
  }
  int exit_code;
  const std::unique_ptr<Bench> bench = Bench::FromFlags(&exit_code);
  if (bench == nullptr) return exit_code;
  std::vector<Exhibit> exhibits;
  for (const std::string& path : args) {
    absl::StatusOr<Exhibit> exhibit = MakeExhibit(*bench, path);
    if (!exhibit.ok()) {
      Complain(exhibit.status().message());
      return kExitBadInput;
    }
    exhibits.push_back(*std::move(exhibit));
  }
  if (absl::GetFlag(FLAGS_c)) return ExportAsCode(exhibits[0], CodeStyle::kTap);
  if (absl::GetFlag(FLAGS_gtest)) {
    return ExportAsCode(exhibits[0], CodeStyle::kGtest);
  }
  if (absl::GetFlag(FLAGS_kselftest)) {
    return ExportAsCode(exhibits[0], CodeStyle::kKselftest);
  }
  std::string content;
  if (absl::GetFlag(FLAGS_sarif)) {
    content = ExportSarif(exhibits);
  } else if (absl::GetFlag(FLAGS_junit)) {
    content = ExportJunit(exhibits);
  } else if (absl::GetFlag(FLAGS_json)) {
    content = ExportJson(exhibits[0], bench->machine());
  } else {
    content = ExportText(exhibits[0]);
  }
  return WriteOutput(content) ? kExitSame : kExitBadInput;
}

}  // namespace

const Command kExportCommand = {
    .name = "export",
    .synopsis =
        "pollux export --c|--gtest|--kselftest|--text|--json|--sarif|--junit "
        "[--o=OUT] FILE...",
    .summary = "write a divergence as C, as a test, or for other tools",
    .help =
        R"(All of them expect what the reference does, so what they show is what the
host does differently.

  --c          one C file that needs nothing but libc (with -pthread, where the
               program freezes a scan). It prints TAP, exits 1 at the first
               difference, 0 if there is none, and 4 where userfaultfd(2) is not
               permitted but needed
  --gtest      the same as a TEST of GoogleTest
  --kselftest  the same for the kernel's kselftest_harness.h
  --text       a text program with its story and the expected outcomes
  --json       everything that is known: an object by the schema of
               tools/divergence.schema.json, with
                 schema      "pollux-divergence-1"
                 file, subject, signature, headline, summary, muted   strings
                 layer       where it seems to lie
                 divergence  null, or {call: from 1, class: "outcome",
                             "poll-mask", "interest-list" or "hang"}
                 quirks      [{name, layer, linux, function, effect,
                             switched: "on" or "off"}], the likeliest first
                 program     its text
                 calls       [{text, name, expected, observed}]; an outcome is
                             {blocked: true} or {result, value, revents,
                             events: [{events, data}]}
                 versions    [{linux, as_expected: true or false}]
  --sarif      SARIF 2.1.0, for many FILEs at once
  --junit      JUnit XML, for many FILEs at once

Of buckets that --mute=FILE lists, SARIF has suppressed results, JUnit skipped
cases and JSON the reason.

Calls behind the diverging one are left out. Exit code: 0 it was written; 2 a
FILE or argument is bad, or a test cannot show the difference; 3
cannot run here.)",
    .run = Export,
};

}  // namespace pollux
