// Versions and lists of quirks.

#include "core/quirk_list.h"

#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace pollux {

absl::StatusOr<LinuxVersion> ParseVersion(std::string_view text) {
  // Only major and minor count, and what stable kernels add behind them.
  const std::string_view release = text.substr(0, text.find('-'));
  const std::vector<std::string_view> parts = absl::StrSplit(release, '.');
  std::vector<int> numbers;
  for (std::string_view part : parts) {
    int number = 0;
    if (!absl::SimpleAtoi(part, &number) || number < 0 || number > 999) break;
    numbers.push_back(number);
  }
  if (numbers.size() != parts.size() || numbers.size() < 2 ||
      numbers.size() > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is no version of Linux, like 5.10"));
  }
  const LinuxVersion version = Linux(numbers[0], numbers[1]);
  const bool before_38 =
      version == kOldest && (numbers.size() < 3 || numbers[2] < 38);
  if (version < kOldest || before_38) {
    return absl::InvalidArgumentError(
        absl::StrCat("the oldest Linux known is 2.6.38, not '", text, "'"));
  }
  return version;
}

absl::Status ApplyQuirkList(std::string_view list, Profile* profile) {
  for (std::string_view name : absl::StrSplit(list, ',', absl::SkipEmpty())) {
    const bool off = absl::ConsumePrefix(&name, "-");
    const std::optional<Quirk> quirk = FindQuirk(name);
    if (!quirk) {
      return absl::InvalidArgumentError(
          absl::StrCat("--quirk: there is no quirk '", name, "'; did you mean ",
                       NearestQuirk(name).name, "?"));
    }
    off ? profile->Disable(*quirk) : profile->Enable(*quirk);
  }
  return absl::OkStatus();
}

}  // namespace pollux
