// --mute.

#include "tools/mute_flag.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "tools/command.h"

ABSL_FLAG(std::string, mute, "",
          "run, explain, triage, report, export: a file of buckets not to be "
          "told of, one `SIGNATURE YYYY-MM-DD REASON` a line, each until its "
          "day");

namespace pollux {

absl::StatusOr<std::vector<Mute>> MutesFromFlag() {
  const std::string path = absl::GetFlag(FLAGS_mute);
  if (path.empty()) return std::vector<Mute>();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<Mute>> mutes = ParseMuteList(*text);
  if (mutes.ok()) return mutes;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", mutes.status().message()));
}

std::string MuteText(const Mute& mute) {
  return absl::StrCat("muted until ", mute.expiry, ": ", mute.reason);
}

}  // namespace pollux
