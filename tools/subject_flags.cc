// Flags that choose what is compared with what.

#include "tools/subject_flags.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "diff/host.h"

ABSL_FLAG(std::vector<std::string>, quirk, {},
          "quirks to switch on in the reference, by name, separated by commas "
          "(`pollux quirks` lists them)");
ABSL_FLAG(bool, witnesses, true,
          "also compare poll masks and interest lists after each call");

namespace pollux {
namespace {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

std::string_view NearestQuirk(std::string_view name) {
  const auto& quirks = AllQuirks();
  return std::min_element(quirks.begin(), quirks.end(),
                          [&](const QuirkInfo& a, const QuirkInfo& b) {
                            return EditDistance(name, a.name) <
                                   EditDistance(name, b.name);
                          })
      ->name;
}

}  // namespace

absl::StatusOr<Profile> ReferenceProfile() {
  Profile profile = HostProfile();
  for (const std::string& name : absl::GetFlag(FLAGS_quirk)) {
    std::optional<Quirk> quirk = FindQuirk(name);
    if (!quirk) {
      return absl::InvalidArgumentError(
          absl::StrCat("--quirk: there is no quirk '", name, "'; did you mean ",
                       NearestQuirk(name), "?"));
    }
    profile.Enable(*quirk);
  }
  return profile;
}

}  // namespace pollux
