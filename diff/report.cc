// Printing divergences.

#include "diff/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "diff/text_format.h"

namespace pollux {
namespace {

// Prints things of one recorded run with the program's own names.
class Printer {
 public:
  Printer(const Program& program, const Recording& recording)
      : names_(program), recording_(recording) {}

  // The name behind a descriptor: of the slot that was given it last.
  std::string NameOf(int fd) const {
    const auto& fds = recording_.fds;
    auto last = std::find(fds.rbegin(), fds.rend(), fd);
    if (last == fds.rend()) return absl::StrCat("#", fd);
    return std::string(names_.Of(fds.rend() - last - 1));
  }

  std::string Item(const World& world, Index index) const {
    const Epitem& item = world.epitems[index];
    const bool ghost = FileOf(world, item.fd) != item.file;
    return absl::StrCat(NameOf(item.fd), ghost ? " (ghost)" : "", " ",
                        PrintEvent({item.events, item.data}));
  }

  std::string ReadyList(const World& world, const Eventpoll& ep) const {
    std::vector<std::string> items;
    for (Index i = ep.ready.head; i != kNil;
         i = ReadyList::Next(world.epitems, i)) {
      items.push_back(Item(world, i));
    }
    return items.empty() ? "empty" : absl::StrJoin(items, ", ");
  }

  // The overflow list is kept newest first; oldest first reads better.
  std::string Ovflist(const World& world, const Eventpoll& ep) const {
    std::vector<std::string> items;
    for (Index i = ep.ovflist; i != kNil; i = world.epitems[i].ovf_next) {
      items.push_back(Item(world, i));
    }
    std::reverse(items.begin(), items.end());
    return absl::StrJoin(items, ", ");
  }

  std::string Lists(std::string_view when, const World& world) const {
    std::string text;
    for (size_t fd = 0; fd < world.fds.size(); ++fd) {
      if (world.fds[fd] == kNil) continue;
      const File& file = world.files[world.fds[fd]];
      if (file.type != FileType::kEventpoll) continue;
      const Eventpoll& ep = world.eventpolls[file.object];
      absl::StrAppend(&text, "  ", when, "  ", NameOf(fd), ": ",
                      ReadyList(world, ep), "\n");
      const std::string sleepers =
          absl::StrCat(Sleepers(world, ep.wq), Sleepers(world, ep.poll_wait));
      if (!sleepers.empty()) {
        absl::StrAppend(&text, "  ", when, "  ", NameOf(fd),
                        ": asleep:", sleepers, "\n");
      }
      if (ep.scanning) {
        absl::StrAppend(&text, "  ", when, "  ", NameOf(fd),
                        " is frozen in a scan; overflow list: ",
                        ep.ovflist == kNil ? "empty" : Ovflist(world, ep),
                        "\n");
      }
    }
    return text;
  }

  std::string Leftovers(std::string_view subject) const {
    std::string text;
    for (const Recording::Leftover& left : recording_.leftovers) {
      absl::StrAppend(&text, "  after it, a wait on ", NameOf(left.epfd),
                      " delivers\n", Events(subject, left.observed),
                      Events("reference", left.expected));
    }
    return text;
  }

  std::string Witnesses(const Divergence& d, std::string_view subject) const {
    std::string text;
    const Witness& seen = d.observed_witness;
    const Witness& wanted = d.expected_witness;
    for (size_t i = 0; i < seen.polls.size(); ++i) {
      if (seen.polls[i].revents == wanted.polls[i].revents) continue;
      absl::StrAppend(
          &text, "  poll mask of ", NameOf(seen.polls[i].fd), " after it\n",
          Row(subject, PrintSymbols(kPollEvents, seen.polls[i].revents)),
          Row("reference", PrintSymbols(kPollEvents, wanted.polls[i].revents)));
    }
    for (size_t i = 0; i < seen.interests().size(); ++i) {
      if (seen.interests()[i].lines == wanted.interests()[i].lines) continue;
      absl::StrAppend(&text, "  interest list of ",
                      NameOf(seen.interests()[i].epfd), " after it\n",
                      Row(subject, InterestOf(seen.interests()[i])),
                      Row("reference", InterestOf(wanted.interests()[i])));
    }
    return text;
  }

  // Further lines of `what` stand below its first.
  static std::string Row(std::string_view who, std::string_view what) {
    return absl::StrFormat(
        "    %-10s %s\n", absl::StrCat(who, ":"),
        absl::StrReplaceAll(what, {{"\n", "\n               "}}));
  }

  // The threads that sleep in epoll_wait on `ep`, or in poll, the next to be
  // woken first.
  std::string Sleepers(const World& world, Index queue) const {
    std::string text;
    if (queue == kNil) return text;
    Index i = world.wait_queues[queue].entries.head;
    for (; i != kNil; i = world.wait_entries[i].link.next) {
      const int thread = world.wait_entries[i].thread;
      if (thread >= 0) absl::StrAppend(&text, " t", thread);
    }
    return text;
  }

 private:
  static std::string Events(std::string_view who,
                            const std::vector<Event>& events) {
    std::vector<std::string> parts;
    for (const Event& event : events) parts.push_back(PrintEvent(event));
    return Row(who, absl::StrCat("[", absl::StrJoin(parts, ", "), "]"));
  }

  std::string InterestOf(const Interest& interest) const {
    std::vector<std::string> parts;
    for (const InterestLine& line : interest.lines) {
      parts.push_back(absl::StrCat(NameOf(line.tfd), " ",
                                   PrintEvent({line.events, line.data})));
    }
    return parts.empty() ? "empty" : absl::StrJoin(parts, ", ");
  }

  SlotNames names_;
  const Recording& recording_;
};

std::string_view ClassText(DivergenceClass kind) {
  switch (kind) {
    case DivergenceClass::kOutcome:
      return "the outcome differs";
    case DivergenceClass::kPollMask:
      return "a poll mask differs after the call";
    case DivergenceClass::kInterestList:
      return "an interest list differs after the call";
    case DivergenceClass::kHang:
      return "a call does not return";
  }
  return "";
}

// A descriptor's number is part of the outcome; it is shown where it differs.
std::string Numbers(const Outcome& outcome, bool show) {
  if (!show || outcome.fds[0] < 0) return "";
  return absl::StrCat(
      "   descriptors +", outcome.fds[0],
      outcome.fds[1] < 0 ? "" : absl::StrCat(", +", outcome.fds[1]));
}

}  // namespace

std::string PrintTrace(const Program& program,
                       const std::vector<Outcome>& outcomes) {
  SlotNames names(program);
  std::string text;
  int slot = 0;
  for (size_t i = 0; i < program.calls.size(); ++i) {
    const Call& call = program.calls[i];
    absl::StrAppend(&text,
                    PrintCall(call, slot, names,
                              i < outcomes.size() ? &outcomes[i] : nullptr),
                    "\n");
    slot += Describe(call.op).slots_made();
  }
  return text;
}

std::string PrintDivergence(const Program& program,
                            const Divergence& divergence,
                            const Recording& recording,
                            std::string_view subject) {
  SlotNames names(program);
  Printer printer(program, recording);
  std::string text = absl::StrCat("DIVERGENCE at call ", divergence.call + 1,
                                  " of ", program.calls.size(), ": ",
                                  ClassText(divergence.kind), "\n\n");
  int slot = 0;
  for (size_t i = 0; i < divergence.call; ++i) {
    const Outcome* outcome =
        i < recording.outcomes.size() ? &recording.outcomes[i] : nullptr;
    absl::StrAppendFormat(
        &text, "%5d  %s\n", i + 1,
        absl::StrReplaceAll(PrintCall(program.calls[i], slot, names, outcome),
                            {{"\n", "\n       "}}));
    slot += Describe(program.calls[i].op).slots_made();
  }
  const Call& call = program.calls[divergence.call];
  const bool numbers = divergence.observed.fds != divergence.expected.fds;
  absl::StrAppendFormat(&text, "> %3d  %s\n", divergence.call + 1,
                        PrintCall(call, slot, names));
  absl::StrAppend(
      &text,
      Printer::Row(
          subject,
          absl::StrCat(PrintCall(call, slot, names, &divergence.observed),
                       Numbers(divergence.observed, numbers))),
      Printer::Row(
          "reference",
          absl::StrCat(PrintCall(call, slot, names, &divergence.expected),
                       Numbers(divergence.expected, numbers))),
      printer.Witnesses(divergence, subject));
  if (!divergence.whereabouts.empty()) {
    absl::StrAppend(&text, Printer::Row("asleep", divergence.whereabouts));
  }
  absl::StrAppend(&text, "\nReady lists of the reference\n",
                  printer.Lists("before", recording.before),
                  printer.Lists("after ", recording.after));
  if (!recording.leftovers.empty()) {
    absl::StrAppend(&text, "What is left on both sides\n",
                    printer.Leftovers(subject));
  }
  return text;
}

}  // namespace pollux
