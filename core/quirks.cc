// The quirk table and its look-ups.

#include "core/quirks.h"

#include <algorithm>
#include <vector>

namespace pollux {
namespace {

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

std::string VersionText(LinuxVersion v) {
  if (v == kOldest) return "2.6.38";
  return std::to_string(v / 1000) + "." + std::to_string(v % 1000);
}

std::vector<QuirkNeed> NeedsOf(Quirk quirk) {
  static constexpr QuirkNeed kNeeds[] = {
#define QUIRK(...)
#define NEEDS(id, other, why) {Quirk::id, Quirk::other, why},
#include "core/quirks.def"
#undef QUIRK
  };
  std::vector<QuirkNeed> needs;
  for (const QuirkNeed& need : kNeeds) {
    if (need.quirk == quirk) needs.push_back(need);
  }
  return needs;
}

std::optional<Quirk> FindQuirk(std::string_view name) {
  for (const QuirkInfo& quirk : kTable) {
    if (quirk.name == name) return quirk.id;
  }
  return std::nullopt;
}

const QuirkInfo& NearestQuirk(std::string_view name) {
  return *std::min_element(kTable.begin(), kTable.end(),
                           [&](const QuirkInfo& a, const QuirkInfo& b) {
                             return EditDistance(name, a.name) <
                                    EditDistance(name, b.name);
                           });
}

std::string RangeText(const QuirkInfo& quirk) {
  if (quirk.until == kNever) return "never in Linux";
  if (quirk.until == kStill) {
    return "since " + VersionText(quirk.since);
  }
  if (quirk.since == kOldest) {
    return "before " + VersionText(quirk.until);
  }
  return VersionText(quirk.since) + " to before " + VersionText(quirk.until);
}

Profile Profile::BaseOf(Quirk quirk) {
  Profile profile;
  for (const QuirkNeed& need : NeedsOf(quirk)) profile.Enable(need.other);
  return profile;
}

Profile Profile::Linux(LinuxVersion version) {
  Profile profile;
  for (const QuirkInfo& quirk : kTable) {
    if (quirk.InLinux(version)) profile.Enable(quirk.id);
  }
  return profile;
}

}  // namespace pollux
