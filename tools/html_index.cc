// The index of a folder: buckets, counts, trend.

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "diff/mutes.h"
#include "tools/html.h"

namespace pollux {
namespace {

constexpr int kChartWidth = 720;
constexpr int kChartHeight = 120;
constexpr size_t kMostDays = 60;  // the latest

std::string Tile(size_t count, std::string_view what) {
  return absl::StrCat("<li><strong>", count, "</strong> ", what, "</li>\n");
}

// Programs a day: a bar each, and a table for those who cannot see them.
std::string Trend(const std::vector<BucketRow>& rows) {
  std::map<std::string, size_t> all;
  for (const BucketRow& row : rows) {
    for (int64_t time : row.times) ++all[DayOf(time)];
  }
  if (all.empty()) return "";
  while (all.size() > kMostDays) all.erase(all.begin());
  size_t most = 1;
  for (const auto& [day, count] : all) most = std::max(most, count);
  const double step =
      std::min(48.0, static_cast<double>(kChartWidth) / all.size());
  std::string bars;
  std::string cells;
  size_t i = 0;
  for (const auto& [day, count] : all) {
    const double height = (kChartHeight - 20.0) * count / most;
    absl::StrAppendFormat(
        &bars,
        "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
        "height=\"%.1f\"><title>%s: %d</title></rect>\n",
        i * step + 1, kChartHeight - height, step - 2, height, day, count);
    if (all.size() <= 15) {
      absl::StrAppendFormat(&bars,
                            "<text class=\"soft\" x=\"%.1f\" y=\"%.1f\" "
                            "text-anchor=\"middle\">%d</text>\n",
                            i * step + step / 2, kChartHeight - height - 4,
                            count);
    }
    absl::StrAppend(&cells, "<tr><th scope=\"row\">", day,
                    "</th><td class=\"count\">", count, "</td></tr>\n");
    ++i;
  }
  const std::string words =
      absl::StrCat("Programs a day, from ", all.begin()->first, " to ",
                   all.rbegin()->first, "; ", most, " on the busiest");
  const int width = static_cast<int>(step * all.size()) + 2;
  return absl::StrCat(
      "<section>\n", Heading(2, "Trend"),
      "<figure><div class=\"scroll\" tabindex=\"0\" role=\"group\" "
      "aria-label=\"Chart of programs a day\"><svg role=\"img\" viewBox=\"0 0 ",
      width, " ", kChartHeight, "\" width=\"", width, "\" height=\"",
      kChartHeight, "\" aria-label=\"", words, "\">\n", bars,
      "</svg></div>\n<figcaption>", words,
      ". The day of a program is that of its file.</figcaption></figure>\n"
      "<details><summary>The numbers</summary>\n<table>\n<caption>Programs a "
      "day</caption>\n<thead><tr><th scope=\"col\">Day</th><th "
      "scope=\"col\">Programs</th></tr></thead>\n<tbody>\n",
      cells, "</tbody>\n</table>\n</details>\n</section>\n");
}

std::string Days(const BucketRow& row) {
  if (row.times.empty()) return "";
  const auto [first, last] =
      std::minmax_element(row.times.begin(), row.times.end());
  const std::string a = DayOf(*first);
  const std::string b = DayOf(*last);
  return a == b ? a : absl::StrCat(a, " to ", b);
}

std::string Row(const std::vector<Exhibit>& exhibits, const BucketRow& row) {
  const std::string name = EscapeMarkup(row.signature);
  const bool has = row.exhibit < exhibits.size();
  std::string cause = row.note;
  if (has) {
    cause = exhibits[row.exhibit].Summary();
    if (!row.note.empty()) absl::StrAppend(&cause, " (", row.note, ")");
  }
  return absl::StrCat(
      "<tr><th scope=\"row\">",
      has ? absl::StrCat("<a href=\"#d", row.exhibit, "\">", name, "</a>")
          : name,
      "</th><td data-label=\"state\"><span class=\"chip ", row.state, "\">",
      row.state, "</span></td><td class=\"count\" data-label=\"programs\">",
      row.times.size(), "</td><td class=\"count\" data-label=\"calls\">",
      has ? absl::StrCat(exhibits[row.exhibit].program.calls.size()) : "",
      "</td><td class=\"days\" data-label=\"seen\">", Days(row),
      "</td><td data-label=\"cause\">", Prose(cause), "</td></tr>\n");
}

}  // namespace

std::string IndexSection(const std::vector<Exhibit>& exhibits,
                         const std::vector<BucketRow>& rows) {
  std::map<std::string, size_t> buckets;
  size_t programs = 0;
  size_t muted = 0;
  for (const BucketRow& row : rows) {
    const bool divergent = row.state == "new" || row.state == "known";
    buckets[row.state] += divergent ? 1 : row.times.size();
    programs += row.times.size();
    if (row.muted) muted += row.times.size();
  }
  std::string text = absl::StrCat(
      "<p class=\"kicker\">Pollux</p>\n",
      Heading(1, absl::StrCat(
                     programs, programs == 1 ? " program, " : " programs, ",
                     rows.size(), rows.size() == 1 ? " bucket" : " buckets")),
      "<ul class=\"tiles\">\n", Tile(buckets["new"], "new buckets"),
      Tile(buckets["known"], "known buckets"), Tile(muted, "programs muted"),
      Tile(buckets["flaky"], "flaky programs"),
      Tile(buckets["fixed"] + buckets["same"], "programs that agree"),
      Tile(buckets["skipped"], "programs skipped"), "</ul>\n", "<section>\n",
      Heading(2, "Buckets"),
      "<table class=\"stack\">\n<caption>Each leads to its shortest program. "
      "Seen: the days of the files.</caption>\n<thead><tr><th "
      "scope=\"col\">Bucket</th><th scope=\"col\">State</th><th "
      "scope=\"col\">Programs</th><th scope=\"col\">Calls</th><th "
      "scope=\"col\">Seen</th><th scope=\"col\">Cause</th></tr></thead>\n"
      "<tbody>\n");
  for (const BucketRow& row : rows) {
    absl::StrAppend(&text, Row(exhibits, row));
  }
  return absl::StrCat(text, "</tbody>\n</table>\n</section>\n", Trend(rows));
}

}  // namespace pollux
