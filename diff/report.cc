// Printing divergences.

#include "diff/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "diff/headline.h"
#include "diff/kernel_lists.h"
#include "diff/text_format.h"
#include "diff/wrap.h"

namespace pollux {
namespace {

constexpr int kColumnsFrom = 100;

enum class Ink { kPlain, kBold, kDim, kBad, kGood };

std::string_view ClassText(DivergenceClass kind) {
  switch (kind) {
    case DivergenceClass::kOutcome:
      return "the outcome differs";
    case DivergenceClass::kPollMask:
      return "a poll mask differs after the call";
    case DivergenceClass::kInterestList:
      return "an interest list differs after the call";
    case DivergenceClass::kHang:
      return "the call hangs";
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

// Prints the story of one recorded run.
class Printer {
 public:
  Printer(const Program& program, const Divergence& divergence,
          const Recording& recording, std::string_view subject,
          const ReportStyle& style)
      : program_(program),
        d_(divergence),
        recording_(recording),
        subject_(subject),
        style_(style),
        slot_names_(program),
        names_(program, recording.fds) {}

  std::string Print() {
    absl::StrAppend(
        &text_,
        Paint(Ink::kBold,
              absl::StrCat("DIVERGENCE at call ", d_.call + 1, " of ",
                           program_.calls.size(), ": ", ClassText(d_.kind))),
        "\n");
    absl::StrAppend(
        &text_, WrapText(Headline(program_, d_, subject_), style_.width), "\n");
    if (style_.width >= kColumnsFrom) {
      SideBySide();
    } else {
      OneBelowTheOther();
    }
    Witnesses();
    Lists();
    Leftovers();
    return std::move(text_);
  }

 private:
  std::string Paint(Ink ink, std::string_view text) const {
    if (!style_.color || ink == Ink::kPlain) return std::string(text);
    constexpr std::string_view kCodes[] = {"", "1", "2", "1;31", "1;32"};
    return absl::StrCat("\33[", kCodes[static_cast<int>(ink)], "m", text,
                        "\33[m");
  }

  void Row(std::string_view who, std::string_view what, Ink ink) {
    absl::StrAppend(&text_,
                    Paint(ink, absl::StrFormat("    %-10s %s",
                                               absl::StrCat(who, ":"), what)),
                    "\n");
  }

  // The diverging call as it went on one side.
  std::string Differing(int slot, const Outcome& outcome) const {
    return absl::StrCat(
        PrintCall(program_.calls[d_.call], slot, slot_names_, &outcome),
        Numbers(outcome, d_.observed.fds != d_.expected.fds));
  }

  // Calls `print(call, slot)` for each call before the diverging one; the slot
  // that comes next.
  template <typename Print>
  int ForEachCallBefore(Print print) const {
    int slot = 0;
    for (size_t i = 0; i < d_.call; ++i) {
      print(i, slot);
      slot += Describe(program_.calls[i].op).slots_made();
    }
    return slot;
  }

  std::string CallBefore(size_t i, int slot) const {
    const Outcome* outcome =
        i < recording_.outcomes.size() ? &recording_.outcomes[i] : nullptr;
    return PrintCall(program_.calls[i], slot, slot_names_, outcome);
  }

  void OneBelowTheOther() {
    const int slot = ForEachCallBefore([&](size_t i, int s) {
      absl::StrAppendFormat(&text_, "%5d  %s\n", i + 1, CallBefore(i, s));
    });
    absl::StrAppend(
        &text_,
        Paint(Ink::kBold, absl::StrFormat("> %3d  %s", d_.call + 1,
                                          PrintCall(program_.calls[d_.call],
                                                    slot, slot_names_))),
        "\n");
    const std::string observed = Differing(slot, d_.observed);
    const std::string expected = Differing(slot, d_.expected);
    Row(subject_, observed, Ink::kBad);
    Row("reference", expected, Ink::kGood);
    const size_t same = std::mismatch(observed.begin(), observed.end(),
                                      expected.begin(), expected.end())
                            .first -
                        observed.begin();
    if (observed != expected) {
      absl::StrAppend(&text_, std::string(15 + same, ' '), "^\n");
    }
  }

  // Two columns, one a side; what is the same is dim on the right.
  void SideBySide() {
    const size_t width = (style_.width - 5 - 2 - 4) / 2;
    Columns("", {std::string(subject_)}, "    ", {"reference"}, width,
            Ink::kBold, Ink::kBold);
    const int slot = ForEachCallBefore([&](size_t i, int s) {
      const std::vector<std::string> lines = Wrap(CallBefore(i, s), width);
      Columns(absl::StrFormat("%5d", i + 1), lines, "  | ", lines, width,
              Ink::kPlain, Ink::kDim);
    });
    Columns(absl::StrFormat("> %3d", d_.call + 1),
            Wrap(Differing(slot, d_.observed), width), " <> ",
            Wrap(Differing(slot, d_.expected), width), width, Ink::kBad,
            Ink::kGood);
  }

  void Columns(std::string_view number, const std::vector<std::string>& left,
               std::string_view gutter, const std::vector<std::string>& right,
               size_t width, Ink left_ink, Ink right_ink) {
    for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      const std::string a = i < left.size() ? left[i] : "";
      const std::string b = i < right.size() ? right[i] : "";
      absl::StrAppendFormat(
          &text_, "%5s  %s%s%s%s\n", i == 0 ? number : "", Paint(left_ink, a),
          std::string(width - a.size(), ' '), gutter, Paint(right_ink, b));
    }
  }

  void Witnesses() {
    const Witness& seen = d_.observed_witness;
    const Witness& wanted = d_.expected_witness;
    for (size_t i = 0; i < seen.polls.size(); ++i) {
      if (seen.polls[i].revents == wanted.polls[i].revents) continue;
      absl::StrAppend(&text_, "  poll mask of ", names_.Of(seen.polls[i].fd),
                      " after it\n");
      Row(subject_, PrintSymbols(kPollEvents, seen.polls[i].revents),
          Ink::kBad);
      Row("reference", PrintSymbols(kPollEvents, wanted.polls[i].revents),
          Ink::kGood);
    }
    for (size_t i = 0; i < seen.interests().size(); ++i) {
      if (seen.interests()[i].lines == wanted.interests()[i].lines) continue;
      absl::StrAppend(&text_, "  interest list of ",
                      names_.Of(seen.interests()[i].epfd), " after it\n");
      Row(subject_, InterestOf(seen.interests()[i]), Ink::kBad);
      Row("reference", InterestOf(wanted.interests()[i]), Ink::kGood);
    }
  }

  std::string InterestOf(const Interest& interest) const {
    std::vector<std::string> parts;
    for (const InterestLine& line : interest.lines) {
      parts.push_back(absl::StrCat(names_.Of(line.tfd), " ",
                                   PrintEvent({line.events, line.data})));
    }
    return parts.empty() ? "empty" : absl::StrJoin(parts, ", ");
  }

  void Lists() {
    const std::vector<ListChange> changes = ChangesOf(
        ListsOf(recording_.before, names_), ListsOf(recording_.after, names_));
    if (changes.empty()) return;
    absl::StrAppend(
        &text_, "\n",
        Paint(Ink::kBold, absl::StrCat("Lists in the reference, before call ",
                                       d_.call + 1, " (-> and after it)")),
        "\n");
    for (const ListChange& change : changes) {
      ListLine(absl::StrCat(change.any().owner, " ", change.any().kind),
               change.before.items, Ink::kPlain);
      if (change.changed()) {
        ListLine("                    ->", change.after.items, Ink::kBold);
      }
    }
  }

  void ListLine(std::string_view label, const std::vector<std::string>& items,
                Ink ink) {
    constexpr int kLabel = 24;
    const std::string all =
        items.empty() ? "empty" : absl::StrJoin(items, ", ");
    const size_t width = std::max(style_.width - kLabel, 30);
    bool first = true;
    for (const std::string& line : Wrap(all, width)) {
      absl::StrAppendFormat(&text_, "%-*s%s\n", kLabel,
                            first ? absl::StrCat("  ", label, " ") : "",
                            Paint(ink, line));
      first = false;
    }
  }

  void Leftovers() {
    if (recording_.leftovers.empty()) return;
    absl::StrAppend(&text_, Paint(Ink::kBold, "What is left on both sides"),
                    "\n");
    for (const Recording::Leftover& left : recording_.leftovers) {
      const bool same = left.observed == left.expected;
      absl::StrAppend(&text_, "  after it, a wait on ", names_.Of(left.epfd),
                      " delivers", same ? " on both sides\n" : "\n");
      if (same) {
        Row("both", Events(left.observed), Ink::kPlain);
        continue;
      }
      Row(subject_, Events(left.observed), Ink::kBad);
      Row("reference", Events(left.expected), Ink::kGood);
    }
  }

  static std::string Events(const std::vector<Event>& events) {
    std::vector<std::string> parts;
    for (const Event& event : events) parts.push_back(PrintEvent(event));
    return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
  }

  const Program& program_;
  const Divergence& d_;
  const Recording& recording_;
  const std::string_view subject_;
  const ReportStyle style_;
  const SlotNames slot_names_;
  const FdNames names_;
  std::string text_;
};

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
                            std::string_view subject,
                            const ReportStyle& style) {
  return Printer(program, divergence, recording, subject, style).Print();
}

}  // namespace pollux
