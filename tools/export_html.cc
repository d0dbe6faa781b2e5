// Divergences as one HTML page: no script, no network.

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "diff/explainer.h"
#include "diff/report.h"
#include "diff/text_format.h"
#include "tools/exhibit.h"
#include "tools/topology_svg.h"

namespace pollux {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a;
  --paper: #fff; --panel: #f3f5f7; --line: #d0d7de; --bad: #b3261e;
  --good: #1a6b35; --mark: #fff1c9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #a5afb9;
  --paper: #14171a; --panel: #1e2328; --line: #3a424a; --bad: #ff8a80;
  --good: #7ed99a; --mark: #4a3d10; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 72rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2rem; overflow-wrap: anywhere; }
a { color: inherit; }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%%; }
caption { text-align: left; color: var(--soft); padding: .3rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem;
  border-bottom: 1px solid var(--line); }
td.code, code, pre { font: .9rem/1.45 ui-monospace, monospace; }
pre { background: var(--panel); padding: .8rem; overflow-x: auto; }
tr.differs { background: var(--mark); }
.observed { color: var(--bad); } .expected { color: var(--good); }
svg { max-width: 100%%; height: auto; }
svg rect { fill: var(--panel); stroke: var(--soft); }
svg text { fill: var(--ink); font: 13px ui-monospace, monospace; }
svg path { stroke: var(--soft); fill: none; }
svg .head { fill: var(--soft); }
@media print { body { max-width: none; } .scroll, pre { overflow: visible; }
  pre { white-space: pre-wrap; } h2 { break-after: avoid; } }
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<main id="main">
)";

std::string Code(std::string_view text) {
  return absl::StrCat("<code>", EscapeMarkup(text), "</code>");
}

// The call as it went, without the arguments: "[...] = 1".
std::string OutcomeOf(const Exhibit& exhibit, const SlotNames& names,
                      size_t call, int slot, const Outcome& outcome) {
  return Code(PrintCall(exhibit.program.calls[call], slot, names, &outcome));
}

std::string Timeline(const Exhibit& exhibit) {
  const SlotNames names(exhibit.program);
  std::string text = absl::StrCat(
      "<h2>What happened</h2>\n<div class=\"scroll\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Timeline\">\n<table>\n<caption>Calls "
      "in order. Ready lists are those of the reference after the call."
      "</caption>\n<thead><tr><th scope=\"col\">#</th><th "
      "scope=\"col\">Reference expects</th><th scope=\"col\">",
      EscapeMarkup(exhibit.subject),
      "</th><th scope=\"col\">Ready lists</th></tr></thead>\n<tbody>\n");
  const std::vector<std::string> lists = ReadyListsAfter(exhibit);
  int slot = 0;
  for (size_t i = 0; i < exhibit.program.calls.size(); ++i) {
    const bool differs =
        exhibit.finding && i == exhibit.finding->divergence.call;
    const Outcome* observed = nullptr;
    if (exhibit.finding && i < exhibit.finding->recording.outcomes.size()) {
      observed = &exhibit.finding->recording.outcomes[i];
    }
    absl::StrAppend(&text, "<tr", differs ? " class=\"differs\"" : "",
                    "><th scope=\"row\">", i + 1,
                    differs ? " <strong>differs</strong>" : "",
                    "</th><td class=\"code expected\">",
                    OutcomeOf(exhibit, names, i, slot, exhibit.expected[i]),
                    "</td><td class=\"code", differs ? " observed\">" : "\">");
    if (observed != nullptr) {
      absl::StrAppend(&text, differs
                                 ? OutcomeOf(exhibit, names, i, slot, *observed)
                                 : std::string("the same"));
    }
    absl::StrAppend(&text, "</td><td class=\"code\">", EscapeMarkup(lists[i]),
                    "</td></tr>\n");
    slot += Describe(exhibit.program.calls[i].op).slots_made();
  }
  return absl::StrCat(text, "</tbody>\n</table>\n</div>\n");
}

std::string Versions(const Exhibit& exhibit, const Machine& machine) {
  std::string text =
      "<h2>Versions</h2>\n<table>\n<caption>On which Linux the program is "
      "expected to do what is expected here.</caption>\n<thead><tr><th "
      "scope=\"col\">Linux</th><th scope=\"col\">Outcome</th></tr></thead>\n"
      "<tbody>\n";
  for (const VersionSpan& span : SpansOf(exhibit.program, machine)) {
    absl::StrAppend(
        &text, "<tr><th scope=\"row\">", EscapeMarkup(SpanText(span)),
        "</th><td>",
        span.outcomes == exhibit.expected ? "as expected here" : "different",
        "</td></tr>\n");
  }
  return absl::StrCat(text, "</tbody>\n</table>\n");
}

std::string Causes(const Exhibit& exhibit) {
  if (!exhibit.finding) return "";
  std::string text = "<h2>Cause</h2>\n<pre>";
  absl::StrAppend(
      &text,
      EscapeMarkup(PrintExplanation(
          exhibit.program, exhibit.finding->divergence,
          exhibit.finding->explanation, absl::StrCat("the ", exhibit.subject))),
      EscapeMarkup(PrintDivergence(exhibit.program, exhibit.finding->divergence,
                                   exhibit.finding->recording,
                                   exhibit.subject)));
  return absl::StrCat(text, "</pre>\n");
}

std::string Reproducer(const Exhibit& exhibit) {
  std::string text = absl::StrCat(
      "<h2>Reproducer</h2>\n<p>For <code>pollux run FILE.ep</code>; <code>"
      "pollux export --c FILE.ep</code> makes a C program of it.</p>\n<pre>",
      EscapeMarkup(ExportText(exhibit)), "</pre>\n");
  const absl::StatusOr<std::string> code = ExportCode(exhibit, CodeStyle::kTap);
  if (!code.ok()) return text;
  return absl::StrCat(text, "<details><summary>The C program</summary>\n<pre>",
                      EscapeMarkup(*code), "</pre>\n</details>\n");
}

std::string Article(const Exhibit& exhibit, const Machine& machine,
                    size_t number) {
  return absl::StrCat(
      "<article id=\"d", number, "\">\n<h1>", EscapeMarkup(exhibit.signature()),
      "</h1>\n<p>", EscapeMarkup(exhibit.Summary()), ".</p>\n<p>From ",
      Code(exhibit.path), "</p>\n<h2>Who watches whom</h2>\n",
      TopologySvg(exhibit), Timeline(exhibit), Causes(exhibit),
      Versions(exhibit, machine), Reproducer(exhibit), "</article>\n");
}

// The buckets of several exhibits.
std::string IndexTable(const std::vector<Exhibit>& exhibits) {
  std::map<std::string, std::vector<size_t>> buckets;
  for (size_t i = 0; i < exhibits.size(); ++i) {
    buckets[exhibits[i].signature()].push_back(i);
  }
  std::string text = absl::StrCat(
      "<h1>Pollux: ", exhibits.size(), " programs, ", buckets.size(),
      " buckets</h1>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Buckets\">\n<table>\n<caption>Each links to its shortest "
      "program.</caption>\n<thead><tr><th scope=\"col\">Bucket</th><th "
      "scope=\"col\">Programs</th><th scope=\"col\">Cause</th></tr></thead>\n"
      "<tbody>\n");
  for (const auto& [signature, members] : buckets) {
    const size_t shortest = *std::min_element(
        members.begin(), members.end(), [&](size_t a, size_t b) {
          return exhibits[a].program.calls.size() <
                 exhibits[b].program.calls.size();
        });
    absl::StrAppend(&text, "<tr><th scope=\"row\"><a href=\"#d", shortest,
                    "\">", EscapeMarkup(signature), "</a></th><td>",
                    members.size(), "</td><td>",
                    EscapeMarkup(exhibits[shortest].Summary()), "</td></tr>\n");
  }
  return absl::StrCat(text, "</tbody>\n</table>\n</div>\n");
}

}  // namespace

std::string ExportHtml(const std::vector<Exhibit>& exhibits,
                       const Machine& machine) {
  const bool many = exhibits.size() != 1;
  std::string text = absl::StrFormat(
      kHead,
      EscapeMarkup(many ? "Pollux: divergences"
                        : absl::StrCat("Pollux: ", exhibits[0].signature())));
  if (many) absl::StrAppend(&text, IndexTable(exhibits));
  for (size_t i = 0; i < exhibits.size(); ++i) {
    std::string article = Article(exhibits[i], machine, i);
    if (many) {
      // One level down, below the heading of the index.
      article = absl::StrReplaceAll(article, {{"<h2>", "<h3>"},
                                              {"</h2>", "</h3>"},
                                              {"<h1>", "<h2>"},
                                              {"</h1>", "</h2>"}});
    }
    absl::StrAppend(&text, article);
  }
  return absl::StrCat(text, "</main>\n</body>\n</html>\n");
}

}  // namespace pollux
