// Pieces of HTML that the pages of `pollux report` are made of.

#ifndef POLLUX_TOOLS_HTML_H_
#define POLLUX_TOOLS_HTML_H_

#include <string>
#include <string_view>
#include <vector>

#include "diff/outcome.h"
#include "tools/exhibit.h"

namespace pollux {

// For text in XML and HTML.
std::string EscapeMarkup(std::string_view text);

// "<code>...</code>"
std::string Code(std::string_view text);

// Prose in which what stands between `backticks` becomes code.
std::string Prose(std::string_view text);

// Heading of level 1 to 6; `id` may be empty.
std::string Heading(int level, std::string_view text, std::string_view id = "");

// A program to copy: `what` tells a screen reader what it is.
std::string CopyBlock(std::string_view what, std::string_view content);

// Two texts, each with the words that it does not share with the other marked.
struct MarkedPair {
  std::string first;
  std::string second;
};
MarkedPair MarkDifference(std::string_view first, std::string_view second);

// Everything from the doctype to the start of the content, and from its end on.
std::string PageHead(std::string_view title);
std::string PageFoot();

// --- Sections of an article about one exhibit. `level`: of their headings.

std::string DifferenceSection(const Exhibit& exhibit, int level);
std::string CauseSection(const Exhibit& exhibit, int level);
std::string TopologySection(const Exhibit& exhibit, int level);
std::string TimelineSection(const Exhibit& exhibit, int level);
std::string ListsSection(const Exhibit& exhibit, int level);
std::string VersionsSection(const Exhibit& exhibit, int level);
std::string ReproducerSection(const Exhibit& exhibit, int level);

// --- The index of many

// The buckets, their counts and their trend.
std::string IndexSection(const std::vector<Exhibit>& exhibits,
                         const std::vector<BucketRow>& rows);

}  // namespace pollux

#endif  // POLLUX_TOOLS_HTML_H_
