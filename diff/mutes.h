// Mutes: buckets that nobody wants to be told of, for a while.
//
// A mute list is text, one mute a line; # starts a comment:
//
//   # SIGNATURE               until       why
//   edge-as-level.epoll_wait  2026-12-31  emulator's issue 17
//
// From its day on a mute is void. What is muted is counted wherever it is met.

#ifndef POLLUX_DIFF_MUTES_H_
#define POLLUX_DIFF_MUTES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pollux {

struct Mute {
  std::string signature;
  std::string expiry;  // "2026-12-31"
  std::string reason;
};

// An error says "LINE: what is wrong" (InvalidArgument).
absl::StatusOr<std::vector<Mute>> ParseMuteList(std::string_view text);

// The mute that holds for `signature` on the day `today` ("2026-01-31"), or
// null.
const Mute* FindMute(const std::vector<Mute>& mutes, std::string_view signature,
                     std::string_view today);

// The day in UTC of a time in seconds since 1970: "2026-01-31".
std::string DayOf(int64_t seconds);
std::string Today();

}  // namespace pollux

#endif  // POLLUX_DIFF_MUTES_H_
