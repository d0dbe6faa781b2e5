// Divergences for machines (JSON, SARIF, JUnit) and as text.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "diff/explainer.h"
#include "diff/headline.h"
#include "diff/text_format.h"
#include "diff/wrap.h"
#include "nlohmann/json.hpp"
#include "tools/exhibit.h"
#include "tools/html.h"

namespace pollux {
namespace {

using Json = nlohmann::ordered_json;

std::string_view ClassName(DivergenceClass kind) {
  switch (kind) {
    case DivergenceClass::kOutcome:
      return "outcome";
    case DivergenceClass::kPollMask:
      return "poll-mask";
    case DivergenceClass::kInterestList:
      return "interest-list";
    case DivergenceClass::kHang:
      return "hang";
  }
  return "";
}

Json OutcomeJson(const Outcome& outcome) {
  if (outcome.blocked) return {{"blocked", true}};
  Json json = {{"result", outcome.result}};
  if (outcome.has_value) json["value"] = outcome.value;
  if (outcome.revents != 0) json["revents"] = outcome.revents;
  if (!outcome.events.empty()) {
    Json events = Json::array();
    for (const Event& event : outcome.events) {
      events.push_back({{"events", event.events}, {"data", event.data}});
    }
    json["events"] = std::move(events);
  }
  return json;
}

Json QuirksJson(const Exhibit& exhibit) {
  Json quirks = Json::array();
  if (!exhibit.finding) return quirks;
  for (const QuirkSet& set : exhibit.finding->explanation.sets) {
    for (Quirk quirk : set.quirks) {
      const QuirkInfo& info = Describe(quirk);
      quirks.push_back({{"name", info.name},
                        {"layer", LayerName(info.layer)},
                        {"linux", RangeText(info)},
                        {"function", info.function},
                        {"effect", info.effect},
                        {"switched", set.switches_off ? "off" : "on"}});
    }
  }
  return quirks;
}

Json CallsJson(const Exhibit& exhibit) {
  const SlotNames names(exhibit.program);
  Json calls = Json::array();
  int slot = 0;
  for (size_t i = 0; i < exhibit.program.calls.size(); ++i) {
    const Call& call = exhibit.program.calls[i];
    Json json = {{"text", PrintCall(call, slot, names)},
                 {"name", Describe(call.op).name},
                 {"expected", OutcomeJson(exhibit.expected[i])}};
    if (exhibit.finding && i < exhibit.finding->recording.outcomes.size()) {
      json["observed"] = OutcomeJson(exhibit.finding->recording.outcomes[i]);
    }
    calls.push_back(std::move(json));
    slot += Describe(call.op).slots_made();
  }
  return calls;
}

std::string ResultText(const Exhibit& exhibit) {
  if (!exhibit.finding) return exhibit.Summary();
  const SlotNames names(exhibit.program);
  const Divergence& d = exhibit.finding->divergence;
  int slot = 0;
  for (size_t i = 0; i < d.call; ++i) {
    slot += Describe(exhibit.program.calls[i].op).slots_made();
  }
  const Call& call = exhibit.program.calls[d.call];
  return absl::StrCat(
      exhibit.Summary(), ". Call ", d.call + 1, ", ", exhibit.subject, ": ",
      PrintCall(call, slot, names, &d.observed),
      "; reference: ", PrintCall(call, slot, names, &d.expected), ".");
}

}  // namespace

std::string ExportJson(const Exhibit& exhibit, const Machine& machine) {
  Json json = {{"schema", "pollux-divergence-1"},
               {"file", exhibit.path},
               {"subject", exhibit.subject},
               {"signature", exhibit.signature()},
               {"summary", exhibit.Summary()}};
  if (!exhibit.muted.empty()) json["muted"] = exhibit.muted;
  if (exhibit.finding) {
    const Divergence& d = exhibit.finding->divergence;
    json["headline"] = Headline(exhibit.program, d, exhibit.subject);
    json["layer"] = LayerName(SymptomOf(exhibit.program, d).layer);
    json["divergence"] = {{"call", d.call + 1}, {"class", ClassName(d.kind)}};
  } else {
    json["divergence"] = nullptr;
  }
  json["quirks"] = QuirksJson(exhibit);
  json["program"] = PrintText(exhibit.program);
  json["calls"] = CallsJson(exhibit);
  Json versions = Json::array();
  for (const VersionSpan& span : SpansOf(exhibit.program, machine)) {
    versions.push_back({{"linux", SpanText(span)},
                        {"as_expected", span.outcomes == exhibit.expected}});
  }
  json["versions"] = std::move(versions);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ExportSarif(const std::vector<Exhibit>& exhibits) {
  Json rules = Json::array();
  Json results = Json::array();
  for (const Exhibit& exhibit : exhibits) {
    if (!exhibit.finding) continue;
    Json rule = {{"id", exhibit.signature()},
                 {"shortDescription", {{"text", exhibit.Summary()}}}};
    if (std::find(rules.begin(), rules.end(), rule) == rules.end()) {
      rules.push_back(std::move(rule));
    }
    Json region = {{"startLine", exhibit.line}};
    Json place = {{"artifactLocation", {{"uri", exhibit.path}}},
                  {"region", std::move(region)}};
    Json location = {{"physicalLocation", std::move(place)}};
    Json result = {{"ruleId", exhibit.signature()},
                   {"level", "error"},
                   {"message", {{"text", ResultText(exhibit)}}},
                   {"locations", Json::array({std::move(location)})}};
    if (!exhibit.muted.empty()) {
      result["suppressions"] = Json::array(
          {{{"kind", "external"}, {"justification", exhibit.muted}}});
    }
    results.push_back(std::move(result));
  }
  Json driver = {{"name", "Pollux"}, {"rules", std::move(rules)}};
  Json run = {{"tool", {{"driver", std::move(driver)}}},
              {"results", std::move(results)}};
  Json json = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({std::move(run)})}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ExportJunit(const std::vector<Exhibit>& exhibits) {
  size_t failures = 0;
  size_t skipped = 0;
  std::string cases;
  for (const Exhibit& exhibit : exhibits) {
    const bool muted = !exhibit.muted.empty();
    failures += exhibit.finding.has_value() && !muted;
    skipped += exhibit.skipped || muted;
    absl::StrAppend(&cases, "    <testcase classname=\"pollux\" name=\"",
                    EscapeMarkup(exhibit.path), "\">");
    if (exhibit.finding && !muted) {
      absl::StrAppend(
          &cases, "\n      <failure type=\"", EscapeMarkup(exhibit.signature()),
          "\" message=\"", EscapeMarkup(exhibit.Summary()), "\">",
          EscapeMarkup(ResultText(exhibit)), "\n",
          EscapeMarkup(PrintText(exhibit.program)), "</failure>\n    ");
    } else if (exhibit.skipped || muted) {
      absl::StrAppend(&cases, "<skipped message=\"",
                      EscapeMarkup(muted ? exhibit.muted : exhibit.Summary()),
                      "\"/>");
    }
    absl::StrAppend(&cases, "</testcase>\n");
  }
  const std::string counts =
      absl::StrCat("tests=\"", exhibits.size(), "\" failures=\"", failures,
                   "\" errors=\"0\" skipped=\"", skipped, "\"");
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                      "<testsuites ", counts,
                      ">\n  <testsuite name=\"pollux\" ", counts, ">\n", cases,
                      "  </testsuite>\n</testsuites>\n");
}

std::string ExportText(const Exhibit& exhibit) {
  const SlotNames names(exhibit.program);
  std::string text = absl::StrCat("# ", exhibit.signature(), "\n#\n");
  if (exhibit.finding) {
    const std::string story =
        Headline(exhibit.program, exhibit.finding->divergence, exhibit.subject);
    absl::StrAppend(&text, WrapText(absl::StrCat(story, "."), 80, "# ", "# "),
                    "#\n");
  }
  absl::StrAppend(
      &text, WrapText(absl::StrCat(exhibit.Summary(), "."), 80, "# ", "# "));
  int slot = 0;
  for (size_t i = 0; i < exhibit.program.calls.size(); ++i) {
    const Call& call = exhibit.program.calls[i];
    absl::StrAppend(&text, PrintCall(call, slot, names, &exhibit.expected[i]),
                    "\n");
    slot += Describe(call.op).slots_made();
  }
  return text;
}

}  // namespace pollux
