// The mute list that the flags ask for.

#ifndef POLLUX_TOOLS_MUTE_FLAG_H_
#define POLLUX_TOOLS_MUTE_FLAG_H_

#include <vector>

#include "absl/status/statusor.h"
#include "diff/mutes.h"

namespace pollux {

// The list of --mute; empty without the flag.
absl::StatusOr<std::vector<Mute>> MutesFromFlag();

// "muted until 2026-12-31: why"
std::string MuteText(const Mute& mute);

}  // namespace pollux

#endif  // POLLUX_TOOLS_MUTE_FLAG_H_
