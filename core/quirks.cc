// The quirk table and its look-ups.

#include "core/quirks.h"

#include "absl/strings/str_cat.h"

namespace pollux {
namespace {

constexpr LinuxVersion kOldest = Linux(2, 6);

constexpr std::array<QuirkInfo, kQuirkCount> MakeTable() {
  using enum Layer;
  return {{
#define QUIRK(id, name, layer, since, until, function, effect) \
  {Quirk::id, name, layer, since, until, function, effect},
#include "core/quirks.def"
#undef QUIRK
  }};
}

constexpr std::array<QuirkInfo, kQuirkCount> kTable = MakeTable();

std::string VersionText(LinuxVersion v) {
  return absl::StrCat(v / 1000, ".", v % 1000);
}

}  // namespace

const std::array<QuirkInfo, kQuirkCount>& AllQuirks() { return kTable; }

std::string_view LayerName(Layer layer) {
  switch (layer) {
    case Layer::kPollMask:
      return "poll mask";
    case Layer::kFile:
      return "file state";
    case Layer::kWakeup:
      return "wake-up";
    case Layer::kInterestList:
      return "interest list";
    case Layer::kReadyList:
      return "ready list";
    case Layer::kErrno:
      return "errno";
  }
  return "?";
}

std::optional<Quirk> FindQuirk(std::string_view name) {
  for (const QuirkInfo& quirk : kTable) {
    if (quirk.name == name) return quirk.id;
  }
  return std::nullopt;
}

std::string RangeText(const QuirkInfo& quirk) {
  if (quirk.until == kNever) return "never in Linux";
  if (quirk.since == kOldest) {
    return absl::StrCat("before ", VersionText(quirk.until));
  }
  return absl::StrCat(VersionText(quirk.since), " to before ",
                      VersionText(quirk.until));
}

Profile Profile::Linux(LinuxVersion version) {
  Profile profile;
  for (const QuirkInfo& quirk : kTable) {
    if (quirk.InLinux(version)) profile.Enable(quirk.id);
  }
  return profile;
}

}  // namespace pollux
