// Drawing the graph of epolls and files.

#include "tools/topology_svg.h"

#include <sys/epoll.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "diff/oracle.h"
#include "diff/text_format.h"
#include "tools/html.h"

namespace pollux {
namespace {

constexpr int kColumn = 370;  // pixels
constexpr int kRow = 62;
constexpr int kWidth = 150;
constexpr int kHeight = 44;
constexpr int kLabel = 150;  // of an arrow
constexpr int kMostDepth = 7;

// An open file.
struct Node {
  Index file = kNil;
  std::vector<std::string> names;  // of its descriptors
  std::string_view kind;
  bool is_epoll = false;
  bool about = false;  // the last call names it
  int depth = 0;       // how far from plain files; loops end somewhere
  int x = 0;
  int y = 0;

  std::string Name() const {
    return names.empty() ? "(closed)" : absl::StrJoin(names, " = ");
  }
};

// An item: one node watches another.
struct Watching {
  size_t watched = 0;
  size_t watcher = 0;
  uint32_t events = 0;
  int ready = 0;  // its place on the ready list, from 1; 0: it is not there
};

// "IN|OUT, edge" for what user space asked for.
std::string Label(const Watching& edge) {
  const uint32_t flags = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;
  std::string text = absl::StrReplaceAll(
      PrintSymbols(kEpollEvents,
                   edge.events & ~flags & ~uint32_t{EPOLLERR | EPOLLHUP}),
      {{"EPOLL", ""}});
  if ((edge.events & ~flags) == 0) text = "disarmed";
  absl::StrAppend(&text, edge.events & EPOLLET ? ", edge" : ", level");
  if (edge.events & EPOLLONESHOT) absl::StrAppend(&text, ", oneshot");
  if (edge.events & EPOLLEXCLUSIVE) absl::StrAppend(&text, ", exclusive");
  if (edge.ready > 0) absl::StrAppend(&text, "; ready #", edge.ready);
  return text;
}

// The files and items of a World.
class Graph {
 public:
  explicit Graph(const Exhibit& exhibit) {
    Oracle oracle(exhibit.profile, exhibit.machine);
    oracle.Begin();
    const Program& program = exhibit.program;
    const SlotNames slots(program);
    const size_t calls = program.calls.size();
    // A divergence is of the last call: the state that it met.
    const size_t shown = exhibit.finding && calls > 0 ? calls - 1 : calls;
    std::map<int, std::string> names;
    int slot = 0;
    for (size_t i = 0; i < shown; ++i) {
      oracle.Judge(program.calls[i], Outcome());
      for (int n = 0; n < Describe(program.calls[i].op).slots_made(); ++n) {
        names[oracle.expected().fds[n]] = std::string(slots.Of(slot++));
      }
    }
    Read(oracle.world(), names);
    if (shown < calls) MarkSubjects(program.calls[shown], slots);
    FindDepths();
  }

  std::vector<Node> nodes;
  std::vector<Watching> edges;

 private:
  size_t NodeOf(const World& world, Index file) {
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].file == file) return i;
    }
    Node node;
    node.file = file;
    node.kind = OpsOf(world.files[file].type).name;
    node.is_epoll = world.files[file].type == FileType::kEventpoll;
    nodes.push_back(std::move(node));
    return nodes.size() - 1;
  }

  void Read(const World& world, const std::map<int, std::string>& names) {
    for (size_t fd = 0; fd < world.fds.size(); ++fd) {
      if (world.fds[fd] == kNil) continue;
      const auto name = names.find(static_cast<int>(fd));
      nodes[NodeOf(world, world.fds[fd])].names.push_back(
          name == names.end() ? absl::StrCat("#", fd) : name->second);
    }
    const size_t open = nodes.size();
    for (size_t i = 0; i < open; ++i) {
      if (nodes[i].is_epoll) ReadItems(world, i);
    }
  }

  void ReadItems(const World& world, size_t watcher) {
    const File& file = world.files[nodes[watcher].file];
    const Eventpoll& ep = world.eventpolls[file.object];
    using Items = decltype(ep.items);
    for (Index i = ep.items.head; i != kNil;
         i = Items::Next(world.epitems, i)) {
      const Epitem& item = world.epitems[i];
      Watching edge;
      edge.watched = NodeOf(world, item.file);
      edge.watcher = watcher;
      edge.events = item.events;
      int place = 0;
      for (Index r = ep.ready.head; r != kNil;
           r = ReadyList::Next(world.epitems, r)) {
        ++place;
        if (r == i) edge.ready = place;
      }
      edges.push_back(edge);
    }
  }

  void MarkSubjects(const Call& call, const SlotNames& slots) {
    ForEachSlotWord(call, [&](int64_t slot, size_t) {
      if (slot < 0) return;
      for (Node& node : nodes) {
        node.about |= std::count(node.names.begin(), node.names.end(),
                                 slots.Of(slot)) > 0;
      }
    });
  }

  void FindDepths() {
    for (Node& node : nodes) node.depth = node.is_epoll;
    for (int round = 0; round < kMostDepth; ++round) {
      for (const Watching& edge : edges) {
        int& depth = nodes[edge.watcher].depth;
        depth = std::clamp(nodes[edge.watched].depth + 1, depth, kMostDepth);
      }
    }
  }
};

// Gives every node a place; the size of the picture.
std::pair<int, int> Lay(std::vector<Node>& nodes) {
  std::vector<int> used(kMostDepth + 1, 0);
  int columns = 0;
  for (Node& node : nodes) {
    node.x = 8 + node.depth * kColumn;
    node.y = 8 + kRow * used[node.depth]++;
    columns = std::max(columns, node.depth);
  }
  const int rows = *std::max_element(used.begin(), used.end());
  return {columns * kColumn + kWidth + 16, rows * kRow + 4};
}

std::string Arrow(const Watching& edge, const Node& from, const Node& to,
                  int port, int ports) {
  const int x1 = from.x + kWidth;
  const int y1 = from.y + kHeight / 2;
  const int x2 = to.x;
  const int y2 = to.y + kHeight * (port + 1) / (ports + 1);
  const std::string_view ready = edge.ready > 0 ? " ready" : "";
  // The label stands above the first part, which is straight.
  const int straight = x1 + kLabel;
  return absl::StrFormat(
      "<path class=\"edge%s\" d=\"M%d %dH%dC%d %d %d %d %d %d\"/>"
      "<path class=\"head%s\" d=\"M%d %dl-9 -5v10z\"/>"
      "<text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n",
      ready, x1, y1, straight, straight + 30, y1, x2 - 45, y2, x2 - 8, y2,
      ready, x2, y2, x1 + 8, y1 - 5, EscapeMarkup(Label(edge)));
}

std::string Box(const Node& node) {
  const int middle = node.x + kWidth / 2;
  return absl::StrFormat(
      "<rect class=\"box%s%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
      "rx=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>"
      "<text class=\"soft\" x=\"%d\" y=\"%d\" "
      "text-anchor=\"middle\">%s</text>\n",
      node.is_epoll ? " epoll" : "", node.about ? " about" : "", node.x, node.y,
      kWidth, kHeight, node.is_epoll ? 22 : 6, middle, node.y + 19,
      EscapeMarkup(node.Name()), middle, node.y + 35, EscapeMarkup(node.kind));
}

// Both ends of a pipe, or of a pair: made by one call, one below the other.
bool AreTwins(const Node& a, const Node& b) {
  if (a.names.empty() || b.names.empty() || a.depth != b.depth) return false;
  const std::string& x = a.names[0];
  const std::string& y = b.names[0];
  const size_t dot = x.rfind('.');
  return dot != std::string::npos && x.size() == y.size() && x != y &&
         x.compare(0, dot + 1, y, 0, dot + 1) == 0;
}

std::string Shapes(const Graph& graph) {
  std::string shapes;
  for (size_t i = 0; i + 1 < graph.nodes.size(); ++i) {
    const Node& a = graph.nodes[i];
    if (!AreTwins(a, graph.nodes[i + 1])) continue;
    absl::StrAppendFormat(&shapes, "<path class=\"twin\" d=\"M%d %dv%d\"/>\n",
                          a.x + kWidth / 2, a.y + kHeight, kRow - kHeight);
  }
  std::vector<int> ports(graph.nodes.size(), 0);
  for (const Watching& edge : graph.edges) ++ports[edge.watcher];
  std::vector<int> used(graph.nodes.size(), 0);
  for (const Watching& edge : graph.edges) {
    absl::StrAppend(&shapes, Arrow(edge, graph.nodes[edge.watched],
                                   graph.nodes[edge.watcher],
                                   used[edge.watcher]++, ports[edge.watcher]));
  }
  for (const Node& node : graph.nodes) absl::StrAppend(&shapes, Box(node));
  return shapes;
}

}  // namespace

std::string TopologySvg(const Exhibit& exhibit) {
  Graph graph(exhibit);
  if (graph.nodes.empty()) return "<p>Nothing is open.</p>\n";
  const auto [width, height] = Lay(graph.nodes);
  std::vector<std::string> sentences;
  for (const Watching& edge : graph.edges) {
    sentences.push_back(
        absl::StrCat(graph.nodes[edge.watcher].Name(), " watches ",
                     graph.nodes[edge.watched].Name(), " (", Label(edge), ")"));
  }
  const std::string words =
      sentences.empty() ? "Nothing is watched" : absl::StrJoin(sentences, "; ");
  return absl::StrCat(
      "<figure><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
      "aria-label=\"Picture of who watches whom\"><svg role=\"img\" "
      "viewBox=\"0 "
      "0 ",
      width, " ", height, "\" width=\"", width, "\" height=\"", height,
      "\" aria-label=\"", EscapeMarkup(words), "\">\n", Shapes(graph),
      "</svg></div>\n<figcaption>",
      exhibit.finding ? "Before the call that differs. " : "At the end. ",
      EscapeMarkup(words), ".</figcaption></figure>\n");
}

}  // namespace pollux
