// The HTML page: self-contained, well-formed, and telling.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr char kEdge[] = R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
ep1 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=7})
epoll_ctl(ep1, EPOLL_CTL_ADD, ep0, {events=EPOLLIN, data=8})
epoll_wait(ep0, [...], 8, 0)
epoll_wait(ep0, [...], 8, 0)
)";

class ReportTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) / absl::StrCat("report_test.", getpid());
    fs::create_directories(folder_ / "in");
    std::ofstream(folder_ / "in/a<b.ep") << kEdge;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs pollux report in model mode; the exit code.
  int Report(const std::string& args) {
    const fs::path binary = fs::path(getenv("TEST_SRCDIR")) /
                            getenv("TEST_WORKSPACE") / "tools/pollux";
    const int status =
        system(absl::StrCat("'", binary.string(),
                            "' report --model --quirk=edge-as-level -o '",
                            (folder_ / "out.html").string(), "' ", args)
                   .c_str());
    page_ = ReadFile(folder_ / "out.html").value_or("");
    return WEXITSTATUS(status);
  }

  fs::path folder_;
  std::string page_;
};

TEST_F(ReportTest, TellsTheStory) {
  ASSERT_EQ(Report(absl::StrCat("'", (folder_ / "in/a<b.ep").string(), "'")),
            1);
  for (const char* part :
       {"<h1 id=\"t0\">epoll_wait(ep0) on the model does not deliver EPOLLIN "
        "of "
        "e0; the reference does.</h1>",
        "<code>edge-as-level.epoll_wait</code>",
        "ep1 watches ep0 (IN, level; ready #1)",
        "ep0 watches e0 (IN, edge; ready #1)",
        "<span class=\"verdict\">differs</span>", "<li class=\"differs\">",
        "epoll_wait(ep0, [<mark>{events=EPOLLIN, data=7}</mark>], 8",
        "ep0 ready list: <code>empty</code>", "e0 wait queue",
        "as if without `edge-as-level`", "pollux run it.ep",
        "#define _GNU_SOURCE", "a&lt;b.ep", "prefers-color-scheme: dark",
        "@media print", "lang=\"en\""}) {
    EXPECT_TRUE(absl::StrContains(page_, part)) << part;
  }
}

TEST_F(ReportTest, NeedsNothingElse) {
  Report(absl::StrCat("'", (folder_ / "in").string(), "'"));
  ASSERT_FALSE(page_.empty());
  for (const char* part : {"<script src", "<link", "<img", "src=", "url(",
                           "@import", "fetch(", "http:", "https:", "a<b.ep"}) {
    EXPECT_FALSE(absl::StrContains(page_, part)) << part;
  }
}

TEST_F(ReportTest, ASortedFolderShowsStatesCountsAndATrend) {
  const fs::path bucket = folder_ / "sorted/new/edge-as-level.epoll_wait";
  fs::create_directories(bucket);
  for (const char* name : {"minimal.ep", "crash-1", "crash-2", "crash-3"}) {
    std::ofstream(bucket / name) << kEdge;
  }
  fs::create_directories(folder_ / "sorted/fixed");
  std::ofstream(folder_ / "sorted/fixed/crash-4") << "close(-1)\n";
  const auto day = [&](const char* name, int64_t seconds) {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    utimensat(AT_FDCWD, (bucket / name).c_str(), times, 0);
  };
  day("crash-1", 1767225600);  // 2026-01-01
  day("crash-2", 1767225600);
  day("crash-3", 1767312000);
  const std::string sorted =
      absl::StrCat("'", (folder_ / "sorted").string(), "'");
  EXPECT_EQ(Report(sorted), 1);
  for (const char* part :
       {"4 programs, 2 buckets", "<strong>1</strong> new buckets",
        "<td class=\"days\" data-label=\"seen\">2026-01-01 to 2026-01-02</td>",
        "<title>2026-01-01: 2</title>", "<span class=\"chip fixed\">"}) {
    EXPECT_TRUE(absl::StrContains(page_, part)) << part;
  }
  std::ofstream(folder_ / "mutes")
      << "edge-as-level.epoll_wait 9999-12-31 wontfix\n";
  EXPECT_EQ(Report(absl::StrCat("--mute='", (folder_ / "mutes").string(), "' ",
                                sorted)),
            0);
  EXPECT_TRUE(absl::StrContains(page_, "<strong>3</strong> programs muted"));
  EXPECT_TRUE(absl::StrContains(page_, "muted until 9999-12-31: wontfix"));
}

TEST_F(ReportTest, AFolderGetsAnIndex) {
  std::ofstream(folder_ / "in/c.ep") << "close(-1)\n";
  ASSERT_EQ(Report(absl::StrCat("'", (folder_ / "in").string(), "'")), 1);
  EXPECT_TRUE(absl::StrContains(page_, "2 programs, 2 buckets"));
  EXPECT_TRUE(absl::StrContains(page_, "<a href=\"#d0\">edge-as-level"));
  EXPECT_TRUE(absl::StrContains(page_, "<article id=\"d0\" "));
}

TEST_F(ReportTest, IsWellFormed) {
  Report(absl::StrCat("'", (folder_ / "in").string(), "'"));
  std::ofstream(folder_ / "check.py") << R"(
import sys
from html.parser import HTMLParser
VOID = {'meta', 'br', 'link', 'img'}
class Check(HTMLParser):
  open = []
  def handle_starttag(self, tag, attrs):
    if tag not in VOID: self.open.append(tag)
  def handle_startendtag(self, tag, attrs): pass
  def handle_endtag(self, tag):
    assert self.open and self.open[-1] == tag, (tag, self.open)
    self.open.pop()
c = Check()
c.feed(open(sys.argv[1]).read())
assert not c.open, c.open
)";
  if (system("python3 -c 1 2>/dev/null") != 0) GTEST_SKIP() << "no python3";
  EXPECT_EQ(system(absl::StrCat("python3 '", (folder_ / "check.py").string(),
                                "' '", (folder_ / "out.html").string(), "'")
                       .c_str()),
            0);
}

TEST_F(ReportTest, NothingToReportIsBadInput) {
  fs::create_directories(folder_ / "none");
  EXPECT_EQ(Report(absl::StrCat("'", (folder_ / "none").string(), "'")), 2);
}

}  // namespace
}  // namespace pollux
