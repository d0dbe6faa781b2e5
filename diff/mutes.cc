// Reading mute lists.

#include "diff/mutes.h"

#include <time.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "diff/signature.h"

namespace pollux {
namespace {

bool IsDate(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : !absl::ascii_isdigit(text[i])) return false;
  }
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8, 2);
  return "01" <= month && month <= "12" && "01" <= day && day <= "31";
}

}  // namespace

absl::StatusOr<std::vector<Mute>> ParseMuteList(std::string_view text) {
  std::vector<Mute> mutes;
  int number = 0;
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() < 3 || !IsSignature(words[0]) || !IsDate(words[1])) {
      return absl::InvalidArgumentError(absl::StrCat(
          number, ": expected SIGNATURE YYYY-MM-DD REASON, found '", line,
          "'"));
    }
    const size_t reason = words[2].data() - line.data();
    mutes.push_back({std::string(words[0]), std::string(words[1]),
                     std::string(line.substr(reason))});
  }
  return mutes;
}

const Mute* FindMute(const std::vector<Mute>& mutes, std::string_view signature,
                     std::string_view today) {
  for (const Mute& mute : mutes) {
    if (mute.signature == signature && today < mute.expiry) return &mute;
  }
  return nullptr;
}

std::string DayOf(int64_t seconds) {
  const time_t time = static_cast<time_t>(seconds);
  tm parts = {};
  gmtime_r(&time, &parts);
  return absl::StrFormat("%04d-%02d-%02d", parts.tm_year + 1900,
                         parts.tm_mon + 1, parts.tm_mday);
}

std::string Today() { return DayOf(time(nullptr)); }

}  // namespace pollux
