// pollux profiles: which Linux has which quirk.

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/quirks.h"
#include "diff/probes.h"
#include "nlohmann/json.hpp"
#include "tools/command.h"

ABSL_DECLARE_FLAG(bool, json);

namespace pollux {
namespace {

using Json = nlohmann::ordered_json;

bool IsHistory(const QuirkInfo& quirk) { return quirk.until != kNever; }

void PrintTable() {
  absl::PrintF("%-28s", "");
  for (LinuxVersion version : kNamedVersions) {
    absl::PrintF(" %6s", VersionText(version));
  }
  absl::PrintF("   host  kernel function\n");
  int rows = 0;
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (!IsHistory(quirk)) continue;
    ++rows;
    absl::PrintF("%-28s", quirk.name);
    for (LinuxVersion version : kNamedVersions) {
      absl::PrintF(" %6s", quirk.InLinux(version) ? "x" : ".");
    }
    absl::PrintF(" %6s  %s\n", HostProfile().Has(quirk.id) ? "x" : ".",
                 quirk.function);
  }
  absl::PrintF(
      "%d quirks of Linux's history; %d more are no Linux's (pollux quirks)\n",
      rows, kQuirkCount - rows);
}

void PrintTableAsJson() {
  Json versions = Json::array();
  for (LinuxVersion version : kNamedVersions) {
    versions.push_back(VersionText(version));
  }
  Json quirks = Json::array();
  for (const QuirkInfo& quirk : AllQuirks()) {
    if (!IsHistory(quirk)) continue;
    Json having = Json::array();
    for (LinuxVersion version : kNamedVersions) {
      if (quirk.InLinux(version)) having.push_back(VersionText(version));
    }
    const bool still = quirk.until == kStill;
    quirks.push_back(
        {{"name", quirk.name},
         {"layer", LayerName(quirk.layer)},
         {"function", quirk.function},
         {"effect", quirk.effect},
         {"since", VersionText(quirk.since)},
         {"until", still ? Json(nullptr) : Json(VersionText(quirk.until))},
         {"versions", having},
         {"host", HostProfile().Has(quirk.id)}});
  }
  const Json all = {{"versions", versions}, {"quirks", quirks}};
  absl::PrintF("%s\n", all.dump(2));
}

int Run(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("profiles: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  absl::GetFlag(FLAGS_json) ? PrintTableAsJson() : PrintTable();
  return kExitSame;
}

}  // namespace

const Command kProfilesCommand = {
    .name = "profiles",
    .synopsis = "pollux profiles [--json]",
    .summary = "which Linux has which quirk",
    .help =
        R"(A profile is the set of quirks that one Linux has. The reference can be any of
them, and what lies between:

  pollux run --profile=5.1 FILE             this kernel against Linux 5.1
  pollux run --model --profile=5.1 FILE     what Linux 5.1 does
  pollux diff-profiles 5.1 6.18             what tells the two apart

The column `host` is what probes found on this machine (pollux doctor): stable
kernels carry changes back.

  --json    the table with ranges and effects)",
    .run = Run,
};

}  // namespace pollux
