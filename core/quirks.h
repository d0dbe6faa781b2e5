// Quirks: the named points at which epolls differ, and profiles made of them.
//
// The table is quirks.def. It serves four masters: profiles (a Linux version is
// the set of quirks whose range holds it), explanations ("behaves like Linux
// before 5.14"), mutants that prove that the oracle can see, and a readable
// history of epoll.
//
//   Profile profile = Profile::Linux(Linux(5, 10));
//   profile.Enable(Quirk::kNoRdhup);
//   if (profile.Has(Quirk::kNoRdhup)) ...

#ifndef POLLUX_CORE_QUIRKS_H_
#define POLLUX_CORE_QUIRKS_H_

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pollux {

enum class Quirk {
#define QUIRK(id, name, layer, since, until, function, effect) id,
#include "core/quirks.def"
#undef QUIRK
};

// Where in the kernel's path from a change to an event a quirk sits.
enum class Layer {
  kPollMask,      // a file's poll method: state to mask
  kFile,          // what a file's calls do to its state
  kWakeup,        // who is woken, when, with which key
  kInterestList,  // the items of an epoll: keys, masks, data
  kReadyList,     // queueing, order, delivery
  kErrno,         // which error wins
};

// A Linux version as one number that sorts: major * 1000 + minor.
using LinuxVersion = int;
constexpr LinuxVersion Linux(int major, int minor) {
  return major * 1000 + minor;
}
// The oldest that there is a profile of, 2.6.38.
inline constexpr LinuxVersion kOldest = Linux(2, 6);

// Versions with a profile that is worth a name, oldest first: the three whose
// epoll was described first, and those that many people still run. What lies
// between is Profile::Linux of it.
inline constexpr LinuxVersion kNamedVersions[] = {
    kOldest,     Linux(4, 18), Linux(5, 1),  Linux(5, 4), Linux(5, 10),
    Linux(6, 1), Linux(6, 12), Linux(6, 18), Linux(7, 2)};

// "5.10"; "2.6.38" for the oldest.
std::string VersionText(LinuxVersion version);

// As `since` and `until`: no Linux behaves so.
inline constexpr LinuxVersion kNever = 0;
// As `until`: every later Linux does.
inline constexpr LinuxVersion kStill = 1'000'000;

struct QuirkInfo {
  Quirk id;
  std::string_view name;
  Layer layer;
  LinuxVersion since;         // the first version with the quirk, or kNever
  LinuxVersion until;         // the first without it again, kStill or kNever
  std::string_view function;  // of the kernel, where the difference lies
  std::string_view effect;    // what user space sees

  bool InLinux(LinuxVersion v) const { return since <= v && v < until; }
};

inline constexpr size_t kQuirkCount = 0
#define QUIRK(...) +1
#include "core/quirks.def"
#undef QUIRK
    ;

// The table, in the order of quirks.def.
const std::array<QuirkInfo, kQuirkCount>& AllQuirks();

inline const QuirkInfo& Describe(Quirk quirk) {
  return AllQuirks()[static_cast<size_t>(quirk)];
}

std::string_view LayerName(Layer layer);

// The quirk of that name, or nothing.
std::optional<Quirk> FindQuirk(std::string_view name);

// "5.5 to before 5.14", "before 5.1", "since 7.3" or "never in Linux".
std::string RangeText(const QuirkInfo& quirk);

// Why a quirk shows only where another one is on, too.
struct QuirkNeed {
  Quirk quirk;
  Quirk other;
  std::string_view why;
};

// What `quirk` needs; mostly nothing.
std::vector<QuirkNeed> NeedsOf(Quirk quirk);

// Which epoll the reference is being: a set of quirks.
class Profile {
 public:
  // Linux 6.18: no quirk at all.
  Profile() = default;

  // What `quirk` needs, and nothing else: where it must show, if switched on.
  static Profile BaseOf(Quirk quirk);

  // What the mainline release `version` does.
  static Profile Linux(LinuxVersion version);

  bool Has(Quirk q) const { return set_[static_cast<size_t>(q)]; }
  void Enable(Quirk q) { set_.set(static_cast<size_t>(q)); }
  void Disable(Quirk q) { set_.reset(static_cast<size_t>(q)); }
  void Flip(Quirk q) { set_.flip(static_cast<size_t>(q)); }
  bool operator==(const Profile& other) const { return set_ == other.set_; }

 private:
  std::bitset<kQuirkCount> set_;
};

// The quirk whose name is nearest to `name`.
const QuirkInfo& NearestQuirk(std::string_view name);

}  // namespace pollux

#endif  // POLLUX_CORE_QUIRKS_H_
