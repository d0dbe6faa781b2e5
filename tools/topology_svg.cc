// Drawing the graph of epolls and files.

#include "tools/topology_svg.h"

#include <sys/epoll.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "diff/oracle.h"
#include "diff/text_format.h"

namespace pollux {
namespace {

constexpr int kColumn = 190;  // pixels
constexpr int kRow = 48;
constexpr int kWidth = 120;
constexpr int kHeight = 30;

// An item: `watcher` watches `watched`, both slots.
struct Watching {
  int64_t watched;
  int64_t watcher;
  uint32_t events;
  auto operator<=>(const Watching&) const = default;
};

// As the program's ADDs and MODs say, whether they succeed or not.
std::set<Watching> EdgesOf(const Program& program) {
  std::map<std::pair<int64_t, int64_t>, uint32_t> items;
  for (const Call& call : program.calls) {
    if (call.op != Op::kEpollCtl || call.args[1] == EPOLL_CTL_DEL) continue;
    if (call.args[0] < 0 || call.args[2] < 0) continue;
    items[{call.args[2], call.args[0]}] = static_cast<uint32_t>(call.args[4]);
  }
  std::set<Watching> edges;
  for (const auto& [key, events] : items) {
    edges.insert({key.first, key.second, events});
  }
  return edges;
}

// How far from plain files each slot stands; loops end somewhere.
std::vector<int> DepthsOf(const std::set<Watching>& edges, int slots) {
  std::vector<int> depths(slots, 0);
  for (int round = 0; round < slots && round < 8; ++round) {
    for (const Watching& edge : edges) {
      if (edge.watched == edge.watcher) continue;
      depths[edge.watcher] =
          std::clamp(depths[edge.watched] + 1, depths[edge.watcher], 8);
    }
  }
  return depths;
}

std::string Label(uint32_t events) {
  std::string text = events & EPOLLET ? "edge" : "level";
  if (events & EPOLLONESHOT) text += ", once";
  if (events & EPOLLEXCLUSIVE) text += ", excl.";
  return text;
}

struct Place {
  int x = 0;
  int y = 0;
};

std::string Arrow(const Watching& edge, const Place& from, const Place& to) {
  const int x1 = from.x + kWidth;
  const int y1 = from.y + kHeight / 2;
  const int x2 = to.x;
  const int y2 = to.y + kHeight / 2;
  return absl::StrFormat(
      "<path d=\"M%d %dL%d %d\"/><path class=\"head\" "
      "d=\"M%d %dl-8 -5v10z\"/><text x=\"%d\" y=\"%d\" "
      "text-anchor=\"middle\">%s</text>\n",
      x1, y1, x2 - 8, y2, x2, y2, (x1 + x2) / 2, (y1 + y2) / 2 - 5,
      Label(edge.events));
}

}  // namespace

std::string TopologySvg(const Exhibit& exhibit) {
  const SlotNames names(exhibit.program);
  const std::set<Watching> edges = EdgesOf(exhibit.program);
  const int slots = CountSlots(exhibit.program);
  if (slots == 0) return "<p>Nothing is made.</p>\n";
  const std::vector<int> depths = DepthsOf(edges, slots);
  std::vector<int> used(10, 0);
  std::vector<Place> places(slots);
  for (int slot = 0; slot < slots; ++slot) {
    places[slot] = {10 + depths[slot] * kColumn,
                    10 + kRow * used[depths[slot]]++};
  }
  const int columns = *std::max_element(depths.begin(), depths.end()) + 1;
  const int rows = *std::max_element(used.begin(), used.end());
  std::vector<std::string> sentences;
  std::string shapes;
  for (const Watching& edge : edges) {
    sentences.push_back(absl::StrCat(names.Of(edge.watcher), " watches ",
                                     names.Of(edge.watched), " (",
                                     Label(edge.events), ")"));
    absl::StrAppend(&shapes,
                    Arrow(edge, places[edge.watched], places[edge.watcher]));
  }
  for (int slot = 0; slot < slots; ++slot) {
    absl::StrAppendFormat(
        &shapes,
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>"
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
        places[slot].x, places[slot].y, kWidth, kHeight,
        places[slot].x + kWidth / 2, places[slot].y + 20,
        EscapeMarkup(names.Of(slot)));
  }
  const std::string words =
      sentences.empty() ? "Nothing is watched" : absl::StrJoin(sentences, "; ");
  const int width = columns * kColumn - kColumn + kWidth + 20;
  const int height = rows * kRow + 10;
  return absl::StrCat("<svg role=\"img\" viewBox=\"0 0 ", width, " ", height,
                      "\" width=\"", width, "\" height=\"", height,
                      "\" aria-label=\"", EscapeMarkup(words), "\">\n", shapes,
                      "</svg>\n<p>", EscapeMarkup(words), ".</p>\n");
}

std::vector<std::string> ReadyListsAfter(const Exhibit& exhibit) {
  std::vector<std::string> lists;
  const SlotNames names(exhibit.program);
  std::map<int, std::string> name_of;  // by descriptor
  Oracle oracle(exhibit.profile, exhibit.machine);
  oracle.Begin();
  int slot = 0;
  for (const Call& call : exhibit.program.calls) {
    oracle.Judge(call, Outcome());
    for (int i = 0; i < Describe(call.op).slots_made(); ++i, ++slot) {
      name_of[oracle.expected().fds[i]] = std::string(names.Of(slot));
    }
    std::vector<std::string> parts;
    const World& w = oracle.world();
    for (size_t fd = 0; fd < w.fds.size(); ++fd) {
      if (w.fds[fd] == kNil) continue;
      const File& file = w.files[w.fds[fd]];
      if (file.type != FileType::kEventpoll) continue;
      std::vector<std::string> ready;
      const Eventpoll& ep = w.eventpolls[file.object];
      for (Index i = ep.ready.head; i != kNil;
           i = ReadyList::Next(w.epitems, i)) {
        ready.push_back(name_of[w.epitems[i].fd]);
      }
      parts.push_back(
          absl::StrCat(name_of[fd], ": ",
                       ready.empty() ? "empty" : absl::StrJoin(ready, ", ")));
    }
    lists.push_back(absl::StrJoin(parts, "; "));
  }
  return lists;
}

}  // namespace pollux
