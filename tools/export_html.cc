// Divergences as one HTML page, readable without script and without network.

#include "absl/strings/str_cat.h"
#include "diff/headline.h"
#include "tools/exhibit.h"
#include "tools/html.h"

namespace pollux {
namespace {

constexpr std::string_view kGlossary =
    R"(<details><summary>Words of this page</summary>
<dl class="facts">
<dt>reference</dt><dd>Pollux's own implementation of Linux's eventpoll, wait
queues and files, which runs the same calls in lock-step.</dd>
<dt>interest list</dt><dd>What <code>epoll_ctl</code> has added to an epoll: an
item for each file, with its mask and data word.</dd>
<dt>ready list</dt><dd>Items that the next <code>epoll_wait</code> will look at,
in this order.</dd>
<dt>overflow list</dt><dd>Where items go that become ready while a scan is
copying events to user space.</dd>
<dt>wait queue</dt><dd>Whom a file wakes when it changes: the epolls that watch
it, in the order in which they are woken.</dd>
<dt>quirk</dt><dd>A named point at which epolls are known to differ.</dd>
<dt>signature</dt><dd>The name of the bucket: what differs, without its
accidents.</dd>
</dl>
</details>
)";

std::string Title(const Exhibit& exhibit) {
  if (!exhibit.finding) return exhibit.Summary();
  std::string title =
      Headline(exhibit.program, exhibit.finding->divergence, exhibit.subject);
  return absl::StrCat(title, ".");
}

std::string Facts(const Exhibit& exhibit) {
  std::string text = absl::StrCat("<dl class=\"facts\">\n<dt>Bucket</dt><dd>",
                                  Code(exhibit.signature()), "</dd>\n");
  if (exhibit.finding) {
    const Divergence& d = exhibit.finding->divergence;
    const Layer layer =
        exhibit.finding->explanation.empty()
            ? SymptomOf(exhibit.program, d).layer
            : Describe(exhibit.finding->explanation.best()[0]).layer;
    absl::StrAppend(&text, "<dt>Layer</dt><dd>", LayerName(layer),
                    "</dd>\n<dt>At</dt><dd>call ", d.call + 1, " of ",
                    exhibit.program.calls.size(), "</dd>\n");
  }
  return absl::StrCat(text, "<dt>File</dt><dd>", Code(exhibit.path),
                      "</dd>\n</dl>\n");
}

// `level`: of its own heading.
std::string Article(const Exhibit& exhibit, size_t number, int level) {
  const std::string title = absl::StrCat("t", number);
  return absl::StrCat(
      "<article id=\"d", number, "\" aria-labelledby=\"", title, "\">\n",
      "<p class=\"kicker\">", exhibit.finding ? "Divergence" : "No divergence",
      ": the ", EscapeMarkup(exhibit.subject), " and the reference</p>\n",
      Heading(level, Title(exhibit), title), Facts(exhibit),
      DifferenceSection(exhibit, level + 1), CauseSection(exhibit, level + 1),
      TopologySection(exhibit, level + 1), TimelineSection(exhibit, level + 1),
      ListsSection(exhibit, level + 1), VersionsSection(exhibit, level + 1),
      ReproducerSection(exhibit, level + 1), "</article>\n");
}

}  // namespace

std::string ExportHtml(const std::vector<Exhibit>& exhibits,
                       const std::vector<BucketRow>& rows) {
  const bool many = !rows.empty();
  std::string text =
      PageHead(many ? "Pollux: divergences"
                    : absl::StrCat("Pollux: ", exhibits[0].signature()));
  if (many) absl::StrAppend(&text, IndexSection(exhibits, rows), kGlossary);
  for (size_t i = 0; i < exhibits.size(); ++i) {
    absl::StrAppend(&text, Article(exhibits[i], i, many ? 2 : 1));
  }
  if (!many) absl::StrAppend(&text, kGlossary);
  return absl::StrCat(text, PageFoot());
}

}  // namespace pollux
