// What an article says about one divergence, section by section.

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "diff/explainer.h"
#include "diff/headline.h"
#include "diff/kernel_lists.h"
#include "diff/report.h"
#include "diff/text_format.h"
#include "tools/html.h"
#include "tools/topology_svg.h"

namespace pollux {
namespace {

int SlotsBefore(const Program& program, size_t call) {
  int slots = 0;
  for (size_t i = 0; i < call; ++i) {
    slots += Describe(program.calls[i].op).slots_made();
  }
  return slots;
}

// Call `i` as it went.
std::string CallText(const Exhibit& exhibit, const SlotNames& names, size_t i,
                     const Outcome* outcome) {
  return PrintCall(exhibit.program.calls[i], SlotsBefore(exhibit.program, i),
                   names, outcome);
}

std::string Side(std::string_view kind, std::string_view who,
                 std::string_view markup) {
  return absl::StrCat("<div class=\"side ", kind, "\"><span class=\"who\">",
                      EscapeMarkup(who), "</span> <code>", markup,
                      "</code></div>\n");
}

// Both outcomes of the diverging call.
std::string Sides(const Exhibit& exhibit) {
  const SlotNames names(exhibit.program);
  const Divergence& d = exhibit.finding->divergence;
  std::string observed = CallText(exhibit, names, d.call, &d.observed);
  std::string expected = CallText(exhibit, names, d.call, &d.expected);
  const FdNames fds(exhibit.program, exhibit.finding->recording.fds);
  const auto& seen = d.observed_witness;
  const auto& wanted = d.expected_witness;
  for (size_t i = 0; i < seen.polls.size(); ++i) {
    if (seen.polls[i].revents == wanted.polls[i].revents) continue;
    const std::string what =
        absl::StrCat("\nthen poll of ", fds.Of(seen.polls[i].fd), ": ");
    absl::StrAppend(&observed, what,
                    PrintSymbols(kPollEvents, seen.polls[i].revents));
    absl::StrAppend(&expected, what,
                    PrintSymbols(kPollEvents, wanted.polls[i].revents));
  }
  const auto list = [&](const Interest& interest) {
    return absl::StrCat(
        "\nthen interest list of ", fds.Of(interest.epfd), ": ",
        interest.lines.empty()
            ? "empty"
            : absl::StrJoin(interest.lines, ", ",
                            [&](std::string* out, const InterestLine& line) {
                              absl::StrAppend(
                                  out, fds.Of(line.tfd), " ",
                                  PrintEvent({line.events, line.data}));
                            }));
  };
  for (size_t i = 0; i < seen.interests().size(); ++i) {
    if (seen.interests()[i].lines == wanted.interests()[i].lines) continue;
    absl::StrAppend(&observed, list(seen.interests()[i]));
    absl::StrAppend(&expected, list(wanted.interests()[i]));
  }
  if (d.observed.fds != d.expected.fds) {
    absl::StrAppend(&observed, "\ndescriptor +", d.observed.fds[0]);
    absl::StrAppend(&expected, "\ndescriptor +", d.expected.fds[0]);
  }
  const MarkedPair marked = MarkDifference(observed, expected);
  return absl::StrCat("<div class=\"sides\">\n",
                      Side("observed", exhibit.subject, marked.first),
                      Side("expected", "reference", marked.second), "</div>\n");
}

std::string ItemsText(const std::vector<std::string>& items) {
  return items.empty() ? "empty" : absl::StrJoin(items, ", ");
}

// "+ x" where a list only grew at its end, else both states.
std::string ChangeText(const std::vector<std::string>& before,
                       const std::vector<std::string>& after) {
  const auto more = [](const auto& a, const auto& b) {
    return a.size() > b.size() && std::equal(b.begin(), b.end(), a.begin());
  };
  if (!before.empty() && more(after, before)) {
    return absl::StrCat(
        "+ ", Code(ItemsText({after.begin() + before.size(), after.end()})));
  }
  return absl::StrCat(Code(ItemsText(before)),
                      " <span aria-hidden=\"true\">→</span><span "
                      "class=\"hidden\">becomes</span> ",
                      Code(ItemsText(after)));
}

// What a call did to the lists.
std::string ChangesText(const std::vector<KernelList>& before,
                        const std::vector<KernelList>& after) {
  std::string text;
  for (const ListChange& change : ChangesOf(before, after)) {
    if (!change.changed()) continue;
    absl::StrAppend(
        &text, "<p>", EscapeMarkup(change.any().owner), " ", change.any().kind,
        ": ", ChangeText(change.before.items, change.after.items), "</p>");
  }
  return text;
}

// Does the subject do what a reference with these outcomes does, up to the
// diverging call?
bool MatchesObserved(const Exhibit& exhibit,
                     const std::vector<Outcome>& outcomes) {
  const Divergence& d = exhibit.finding->divergence;
  for (size_t i = 0; i <= d.call; ++i) {
    const Outcome& seen =
        i < d.call ? exhibit.finding->recording.outcomes[i] : d.observed;
    if (outcomes[i] != seen) return false;
  }
  return true;
}

bool HasWitness(const Exhibit& exhibit) {
  const DivergenceClass kind = exhibit.finding->divergence.kind;
  return kind == DivergenceClass::kPollMask ||
         kind == DivergenceClass::kInterestList;
}

}  // namespace

std::string DifferenceSection(const Exhibit& exhibit, int level) {
  if (!exhibit.finding) return "";
  return absl::StrCat("<section>\n", Heading(level, "The first difference"),
                      Sides(exhibit), "</section>\n");
}

std::string CauseSection(const Exhibit& exhibit, int level) {
  if (!exhibit.finding) return "";
  const Explanation& explanation = exhibit.finding->explanation;
  const std::string cause =
      explanation.empty()
          ? absl::StrCat(exhibit.Summary(), ".")
          : PrintCause(explanation, absl::StrCat("the ", exhibit.subject));
  std::string text =
      absl::StrCat("<section>\n", Heading(level, "The likely cause"), "<p>",
                   Prose(cause), "</p>\n");
  if (explanation.empty()) {
    return absl::StrCat(
        text,
        "<p>Every known quirk was tried in the reference, and none makes it "
        "agree. If the reference is right, this is a behaviour that nobody has "
        "a name for yet.</p>\n</section>\n");
  }
  absl::StrAppend(&text, "<dl class=\"facts\">\n");
  for (Quirk quirk : explanation.best()) {
    const QuirkInfo& info = Describe(quirk);
    absl::StrAppend(&text, "<dt>Quirk</dt><dd>", Code(info.name),
                    "</dd>\n<dt>What it does</dt><dd>",
                    EscapeMarkup(info.effect), "</dd>\n<dt>Where</dt><dd>",
                    Code(info.function), ", ", LayerName(info.layer),
                    "</dd>\n<dt>In Linux</dt><dd>",
                    EscapeMarkup(RangeText(info)), "</dd>\n");
  }
  if (explanation.sets.size() > 1) {
    std::vector<std::string> others;
    for (size_t i = 1; i < explanation.sets.size(); ++i) {
      for (Quirk quirk : explanation.sets[i].quirks) {
        others.push_back(Code(Describe(quirk).name));
      }
    }
    absl::StrAppend(&text, "<dt>Would explain it, too</dt><dd>",
                    absl::StrJoin(others, ", "), "</dd>\n");
  }
  return absl::StrCat(text, "</dl>\n</section>\n");
}

std::string TopologySection(const Exhibit& exhibit, int level) {
  return absl::StrCat("<section>\n", Heading(level, "Who watches whom"),
                      TopologySvg(exhibit), "</section>\n");
}

std::string TimelineSection(const Exhibit& exhibit, int level) {
  const SlotNames names(exhibit.program);
  const auto lists =
      ListsOverTime(exhibit.program, exhibit.profile, exhibit.machine);
  std::string text =
      absl::StrCat("<section>\n", Heading(level, "What happened, call by call"),
                   "<p>Both sides did the same, but where it says so. Beside "
                   "each call: what "
                   "it changed in the lists of the reference.</p>\n"
                   "<ol class=\"calls\">\n");
  for (size_t i = 0; i < exhibit.program.calls.size(); ++i) {
    const bool differs =
        exhibit.finding && i == exhibit.finding->divergence.call;
    absl::StrAppend(&text, "<li", differs ? " class=\"differs\"" : "",
                    "><span class=\"number\">", i + 1, "</span>\n<div>");
    if (differs) {
      absl::StrAppend(&text, "<span class=\"verdict\">differs</span>\n",
                      Sides(exhibit));
    } else {
      absl::StrAppend(&text,
                      Code(CallText(exhibit, names, i, &exhibit.expected[i])));
    }
    absl::StrAppend(&text, "</div>\n<div class=\"lists\">",
                    ChangesText(lists[i], lists[i + 1]), "</div></li>\n");
  }
  return absl::StrCat(text, "</ol>\n</section>\n");
}

std::string ListsSection(const Exhibit& exhibit, int level) {
  if (!exhibit.finding) return "";
  const Recording& recording = exhibit.finding->recording;
  const FdNames names(exhibit.program, recording.fds);
  const std::vector<ListChange> changes = ChangesOf(
      ListsOf(recording.before, names), ListsOf(recording.after, names));
  if (changes.empty()) return "";
  const size_t call = exhibit.finding->divergence.call + 1;
  std::string text = absl::StrCat(
      "<section>\n",
      Heading(level, absl::StrCat("The kernel's lists around call ", call)),
      "<table class=\"stack lists\">\n<caption>In the reference; what the call "
      "changes there is marked.</caption>\n<thead><tr><th scope=\"col\">List"
      "</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr>"
      "</thead>\n<tbody>\n");
  for (const ListChange& change : changes) {
    absl::StrAppend(
        &text, change.changed() ? "<tr class=\"changed\">" : "<tr>",
        "<th scope=\"row\">", EscapeMarkup(change.any().owner), " ",
        change.any().kind, "</th><td data-label=\"before\">",
        Code(ItemsText(change.before.items)), "</td><td data-label=\"after\">",
        change.changed() ? Code(ItemsText(change.after.items)) : "the same",
        "</td></tr>\n");
  }
  absl::StrAppend(&text, "</tbody>\n</table>\n");
  if (recording.leftovers.empty()) return absl::StrCat(text, "</section>\n");
  absl::StrAppend(&text, "<p>Asked afterwards, a wait ");
  std::vector<std::string> parts;
  for (const Recording::Leftover& left : recording.leftovers) {
    const auto events = [](const std::vector<Event>& list) {
      return Code(
          absl::StrCat("[",
                       absl::StrJoin(list, ", ",
                                     [](std::string* out, const Event& event) {
                                       absl::StrAppend(out, PrintEvent(event));
                                     }),
                       "]"));
    };
    const std::string on = absl::StrCat("on ", Code(names.Of(left.epfd)));
    parts.push_back(
        left.observed == left.expected
            ? absl::StrCat(on, " delivers ", events(left.expected),
                           " on both sides")
            : absl::StrCat(on, " delivers ", events(left.observed), " on the ",
                           EscapeMarkup(exhibit.subject), " and ",
                           events(left.expected), " in the reference"));
  }
  return absl::StrCat(text, absl::StrJoin(parts, "; "), ".</p>\n</section>\n");
}

std::string VersionsSection(const Exhibit& exhibit, int level) {
  const std::vector<VersionSpan> spans =
      SpansOf(exhibit.program, exhibit.machine);
  const SlotNames names(exhibit.program);
  std::string rows;
  for (const VersionSpan& span : spans) {
    const size_t at = std::mismatch(span.outcomes.begin(), span.outcomes.end(),
                                    exhibit.expected.begin())
                          .first -
                      span.outcomes.begin();
    std::string verdict = "as the reference here";
    if (at < span.outcomes.size()) {
      const bool as_seen =
          exhibit.finding && MatchesObserved(exhibit, span.outcomes);
      verdict = absl::StrCat(as_seen ? absl::StrCat("as the ", exhibit.subject)
                                     : std::string("something else"),
                             ": ", "call ", at + 1, " is ",
                             CallText(exhibit, names, at, &span.outcomes[at]));
    }
    absl::StrAppend(&rows, "<tr><th scope=\"row\">",
                    EscapeMarkup(SpanText(span)), "</th><td>",
                    EscapeMarkup(verdict), "</td></tr>\n");
  }
  const bool witness = exhibit.finding && HasWitness(exhibit);
  return absl::StrCat(
      "<section>\n", Heading(level, "On which Linux"),
      "<table>\n<caption>What this program is expected to do, by the history "
      "of Linux that the reference knows",
      witness ? "; the difference seen between calls is not part of it" : "",
      ".</caption>\n<thead><tr><th scope=\"col\">Version</th><th "
      "scope=\"col\">Outcome</th></tr></thead>\n<tbody>\n",
      rows, "</tbody>\n</table>\n</section>\n");
}

std::string ReproducerSection(const Exhibit& exhibit, int level) {
  std::string text = absl::StrCat(
      "<section>\n", Heading(level, "Reproduce it"),
      "<p>Save the program as <code>it.ep</code>; <code>pollux run "
      "it.ep</code> "
      "runs it here, with the outcomes that the reference expects.</p>\n",
      CopyBlock("the program", ExportText(exhibit)));
  const absl::StatusOr<std::string> code = ExportCode(exhibit, CodeStyle::kTap);
  if (!code.ok()) {
    return absl::StrCat(text, "<p>There is no C program of it: ",
                        EscapeMarkup(code.status().message()),
                        ".</p>\n</section>\n");
  }
  return absl::StrCat(
      text,
      "<details><summary>The same as one C file that needs only libc: it exits "
      "1 where the difference shows</summary>\n",
      CopyBlock("the C program", *code), "</details>\n</section>\n");
}

}  // namespace pollux
