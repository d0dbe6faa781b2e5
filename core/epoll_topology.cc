// Loops, nesting depth and wake-up path counts.

#include "core/epoll_topology.h"

#include <algorithm>
#include <array>

#include "core/world.h"

namespace pollux {
namespace {

constexpr int kMaxNests = 4;  // kernel: EP_MAX_NESTS

// Paths allowed from one file, by the number of epoll-to-epoll links in them;
// direct watchers (0 links) are not limited. Kernel: path_limits.
constexpr std::array<int, kMaxNests + 1> kPathLimits = {1000, 500, 100, 50, 10};
using PathCounts = std::array<int, kMaxNests + 1>;

bool IsEpoll(const World& world, Index file) {
  return world.files[file].type == FileType::kEventpoll;
}

// The longest chain of epolls below `ep`, cut off above the limit; more than
// the limit as well if `inserting_into` is met. Visits each epoll once. Kernel:
// ep_loop_check_proc.
int DepthBelow(World& world, Index ep, Index inserting_into, int limit) {
  Eventpoll& e = world.eventpolls[ep];
  if (e.check_generation == world.check_generation) return e.check_depth;
  e.check_generation = world.check_generation;
  int result = 0;
  for (Index i = e.items.head; i != kNil; i = world.epitems[i].ep_link.next) {
    Index file = world.epitems[i].file;
    if (!IsEpoll(world, file)) {
      world.checked_files.push_back(file);
      continue;
    }
    Index below = world.files[file].object;
    if (below == inserting_into) {
      result = limit + 1;
    } else {
      int depth = DepthBelow(world, below, inserting_into, limit) + 1;
      result = std::max(result, depth);
    }
    if (result > limit) break;
  }
  return e.check_depth = result;
}

// The longest chain of epolls above `ep`. Kernel: ep_get_upwards_depth_proc.
int DepthAbove(const World& world, Index ep, int depth) {
  if (depth > kMaxNests) return 0;
  const File& file = world.files[world.eventpolls[ep].file];
  int result = 0;
  for (Index i = file.watchers.head; i != kNil;
       i = world.epitems[i].file_link.next) {
    int above = DepthAbove(world, world.epitems[i].ep, depth + 1) + 1;
    result = std::max(result, above);
  }
  return result;
}

// Counts the paths from `file` up to epolls that nobody watches. False as soon
// as there are too many. Kernel: reverse_path_check_proc.
bool CountPaths(const World& world, Index file, int links, PathCounts& counts) {
  if (links > kMaxNests) return false;
  for (Index i = world.files[file].watchers.head; i != kNil;
       i = world.epitems[i].file_link.next) {
    Index outer = world.eventpolls[world.epitems[i].ep].file;
    if (!world.files[outer].watchers.empty()) {
      if (!CountPaths(world, outer, links + 1, counts)) return false;
    } else if (links > 0 && ++counts[links] > kPathLimits[links]) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool LoopCheck(World& world, Index ep, Index target) {
  ++world.check_generation;
  world.checked_files.clear();
  if (world.Has(Quirk::kDepthFiveDown)) {
    return DepthBelow(world, target, ep, kMaxNests) <= kMaxNests;
  }
  if (world.Has(Quirk::kDepthSixDown)) {
    return DepthBelow(world, target, ep, kMaxNests + 1) <= kMaxNests + 1;
  }
  int below = DepthBelow(world, target, ep, kMaxNests);
  if (below > kMaxNests) return false;
  return below + 1 + DepthAbove(world, ep, 0) <= kMaxNests;
}

bool ReversePathCheck(World& world, Index file) {
  if (world.Has(Quirk::kNoPathLimits)) return true;
  if (!IsEpoll(world, file)) {
    world.checked_files.assign(1, file);
  }
  auto& files = world.checked_files;
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return std::all_of(files.begin(), files.end(), [&](Index f) {
    PathCounts counts = {};
    return CountPaths(world, f, 0, counts);
  });
}

}  // namespace pollux
