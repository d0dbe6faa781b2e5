// Style as a test: what a machine can see of how our code reads.
//
// Looks at the real checkout, which it finds behind its own runfile, so that
// no file can be forgotten.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

struct SourceFile {
  std::string path;  // from the root, as in "core/list.h"
  std::string content;
  std::vector<std::string> lines;

  std::string extension() const { return fs::path(path).extension(); }
  bool IsCxx() const { return extension() == ".h" || extension() == ".cc"; }
  std::string folder() const { return path.substr(0, path.find('/')); }
};

fs::path Root() {
  const fs::path here = fs::path(getenv("TEST_SRCDIR")) /
                        getenv("TEST_WORKSPACE") / "tests/tidy_test.cc";
  return fs::canonical(here).parent_path().parent_path();
}

bool IsText(const fs::path& path) {
  static const std::set<std::string> kExtensions = {
      ".cc", ".h",  ".def", ".ep",   ".bazel", ".bzl",     ".BUILD",
      ".sh", ".py", ".md",  ".dict", ".yml",   ".bazelrc", ".c"};
  static const std::set<std::string> kNames = {
      "bazelw", "WORKSPACE", ".bazelrc", ".clang-format", ".gitignore"};
  return kExtensions.count(path.extension()) > 0 ||
         kNames.count(path.filename()) > 0;
}

std::vector<SourceFile> Load() {
  std::vector<SourceFile> files;
  const fs::path root = Root();
  fs::recursive_directory_iterator it(root);
  for (; it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename();
    if (name == ".git" || it->is_symlink()) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || !IsText(it->path())) continue;
    SourceFile file;
    file.path = it->path().lexically_relative(root);
    std::ifstream stream(it->path(), std::ios::binary);
    file.content.assign(std::istreambuf_iterator<char>(stream), {});
    file.lines = absl::StrSplit(file.content, '\n');
    if (!file.lines.empty() && file.lines.back().empty()) {
      file.lines.pop_back();
    }
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

const std::vector<SourceFile>& Files() {
  static const auto& files = *new std::vector<SourceFile>(Load());
  return files;
}

void Complain(const SourceFile& file, size_t line, std::string_view what) {
  ADD_FAILURE() << file.path << ":" << line << ": " << what;
}

// Calls `check(file, number, line)` for every line of the files.
void ForEachLine(const std::function<bool(const SourceFile&)>& wanted,
                 const std::function<void(const SourceFile&, size_t,
                                          std::string_view)>& check) {
  for (const SourceFile& file : Files()) {
    if (!wanted(file)) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      check(file, i + 1, file.lines[i]);
    }
  }
}

bool Any(const SourceFile&) { return true; }
bool Cxx(const SourceFile& file) { return file.IsCxx(); }

// Characters, not bytes: pictures are drawn with ─ and ▶.
size_t Columns(std::string_view line) {
  return std::count_if(line.begin(), line.end(),
                       [](char c) { return (c & 0xc0) != 0x80; });
}

TEST(TidyTest, TheCheckoutIsThere) {
  EXPECT_GT(Files().size(), 60u) << Root();
  EXPECT_TRUE(fs::exists(Root() / "WORKSPACE")) << Root();
}

TEST(TidyTest, TopLevelFoldersAreThoseOfTheDesign) {
  const std::set<std::string> kFolders = {"core",   "diff",  "fuzz", "tools",
                                          "corpus", "tests", ".git", ".ci"};
  for (const auto& entry : fs::directory_iterator(Root())) {
    if (!entry.is_directory() || entry.is_symlink()) continue;
    EXPECT_TRUE(kFolders.count(entry.path().filename()) > 0) << entry.path();
  }
}

TEST(TidyTest, EveryFileStartsWithAHeaderComment) {
  const std::map<std::string, std::vector<std::string>> kStarts = {
      {".cc", {"//"}},   {".h", {"//"}},    {".def", {"//"}},
      {".bazel", {"#"}}, {".BUILD", {"#"}}, {".bzl", {"\"\"\"", "#"}},
      {".sh", {"#!"}},   {".ep", {"#"}},    {".py", {"\"\"\"", "#"}}};
  for (const SourceFile& file : Files()) {
    auto starts = kStarts.find(file.extension());
    if (starts == kStarts.end()) continue;
    EXPECT_TRUE(std::any_of(starts->second.begin(), starts->second.end(),
                            [&](const auto& start) {
                              return absl::StartsWith(file.content, start);
                            }))
        << file.path;
    if (!absl::StartsWith(file.content, "#!")) continue;
    // Behind the interpreter's line.
    size_t line = 1;
    while (line < file.lines.size() && file.lines[line].empty()) ++line;
    EXPECT_TRUE(line < file.lines.size() &&
                (absl::StartsWith(file.lines[line], "#") ||
                 absl::StrContains(file.lines[line], "\"\"\"")))
        << file.path;
  }
}

// How long this line may be; 0: as long as it likes. A statement of a program
// cannot be broken.
size_t Limit(const SourceFile& file, std::string_view line) {
  const std::string extension = file.extension();
  if (file.IsCxx()) {
    const bool whole =
        absl::StartsWith(line, "#include") || absl::StrContains(line, "R\"(");
    return whole ? 0 : 80;
  }
  if (extension == ".def") return 100;
  if (extension == ".ep") return absl::StartsWith(line, "#") ? 100 : 0;
  return 0;
}

TEST(TidyTest, LinesAreShort) {
  ForEachLine(Any,
              [](const SourceFile& file, size_t number, std::string_view line) {
                const size_t limit = Limit(file, line);
                if (limit == 0 || Columns(line) <= limit) return;
                Complain(file, number, absl::StrCat(Columns(line), " columns"));
              });
}

TEST(TidyTest, LeftoversAreCleanedUp) {
  // In pieces, so that this file has none of them.
  const std::string kWords[] = {absl::StrCat("TO", "DO"),
                                absl::StrCat("FIX", "ME"),
                                absl::StrCat("XX", "X")};
  // mktemp's templates are no leftovers.
  const std::string kTemplate = absl::StrCat("XX", "XX", "X");
  ForEachLine(
      Any, [&](const SourceFile& file, size_t number, std::string_view line) {
        if (absl::StrContains(line, kTemplate)) return;
        for (const std::string& word : kWords) {
          if (absl::StrContains(line, word)) Complain(file, number, word);
        }
      });
}

TEST(TidyTest, NoTabsNoTrailingBlanksNoCarriageReturns) {
  ForEachLine(Any,
              [](const SourceFile& file, size_t number, std::string_view line) {
                if (absl::StrContains(line, '\t'))
                  Complain(file, number, "a tab");
                if (absl::StrContains(line, '\r'))
                  Complain(file, number, "a CR");
                if (absl::EndsWith(line, " "))
                  Complain(file, number, "trailing blanks");
              });
}

TEST(TidyTest, FilesEndInOneNewline) {
  for (const SourceFile& file : Files()) {
    if (file.content.empty()) continue;
    EXPECT_EQ(file.content.back(), '\n') << file.path;
    EXPECT_FALSE(absl::EndsWith(file.content, "\n\n")) << file.path;
  }
}

TEST(TidyTest, NoMachineIsNamed) {
  // In pieces, as above.
  const std::string kNames[] = {
      absl::StrCat("/wo", "rk/"),   absl::StrCat("/ro", "ot/"),
      absl::StrCat("/ho", "me/"),   absl::StrCat("artif", "actory"),
      absl::StrCat("http", "://1"), absl::StrCat("local", "host:")};
  ForEachLine(
      Any, [&](const SourceFile& file, size_t number, std::string_view line) {
        for (const std::string& name : kNames) {
          if (absl::StrContains(line, name)) Complain(file, number, name);
        }
      });
}

// --- C++

// What each folder may include of ours.
const std::map<std::string, std::set<std::string>>& Layers() {
  static const auto& layers = *new std::map<std::string, std::set<std::string>>{
      {"core", {"core"}},
      {"diff", {"core", "diff"}},
      {"fuzz", {"core", "diff", "fuzz"}},
      {"tools", {"core", "diff", "fuzz", "tools"}},
      {"tests", {"core", "diff", "fuzz", "tools", "tests"}},
      {"corpus", {}}};
  return layers;
}

TEST(TidyTest, NoFolderIncludesUpward) {
  ForEachLine(
      Cxx, [](const SourceFile& file, size_t number, std::string_view line) {
        if (!absl::ConsumePrefix(&line, "#include \"")) return;
        const std::string target(line.substr(0, line.find('/')));
        const auto allowed = Layers().find(file.folder());
        if (allowed == Layers().end()) {
          Complain(file, number, "a folder without a layer");
          return;
        }
        const bool ours = Layers().count(target) > 0;
        if (ours && allowed->second.count(target) == 0) {
          Complain(file, number, absl::StrCat("may not include ", target));
        }
        const bool testing = target == "gtest" || target == "gmock";
        if (testing && file.folder() != "tests") {
          Complain(file, number, "GoogleTest outside tests/");
        }
        if (!ours && file.folder() == "core" && target != "absl") {
          Complain(file, number, "core/ includes abseil and the system only");
        }
      });
}

TEST(TidyTest, HeaderGuardsFollowThePath) {
  for (const SourceFile& file : Files()) {
    if (file.extension() != ".h") continue;
    std::string guard =
        absl::StrCat("POLLUX_",
                     absl::AsciiStrToUpper(absl::StrReplaceAll(
                         file.path, {{"/", "_"}, {".", "_"}, {"-", "_"}})),
                     "_");
    EXPECT_TRUE(absl::StrContains(
        file.content,
        absl::StrCat("\n#ifndef ", guard, "\n#define ", guard, "\n")))
        << file.path << ": expected " << guard;
    EXPECT_EQ(file.lines.back(), absl::StrCat("#endif  // ", guard))
        << file.path;
  }
}

// Tables of tests may be longer.
TEST(TidyTest, FilesAreShort) {
  for (const SourceFile& file : Files()) {
    if (!file.IsCxx() || file.folder() == "tests") continue;
    EXPECT_LE(file.lines.size(), 600u) << file.path;
  }
}

// A function starts where a line at the left margin (or an indented one in a
// class) opens a brace after a parenthesis, and ends at the next brace that
// stands where it starts.
TEST(TidyTest, FunctionsAreShort) {
  constexpr size_t kMost = 70;
  for (const SourceFile& file : Files()) {
    if (!file.IsCxx()) continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const size_t indent = line.find_first_not_of(' ');
      if (indent != 0 && indent != 2) continue;
      if (!absl::EndsWith(line, ") {") && !absl::EndsWith(line, "const {") &&
          !absl::EndsWith(line, "override {")) {
        continue;
      }
      const std::string close = absl::StrCat(std::string(indent, ' '), "}");
      size_t end = i + 1;
      while (end < file.lines.size() &&
             !absl::StartsWith(file.lines[end], close)) {
        ++end;
      }
      if (end < file.lines.size() && end - i + 1 > kMost) {
        Complain(file, i + 1, absl::StrCat(end - i + 1, " lines"));
      }
    }
  }
}

TEST(TidyTest, ClangFormatHasNothingToSay) {
  const std::string tool = "/usr/bin/clang-format-19";
  if (!fs::exists(tool)) GTEST_SKIP() << tool << " is not installed";
  std::vector<std::string> paths;
  for (const SourceFile& file : Files()) {
    if (file.IsCxx()) paths.push_back(absl::StrCat("'", file.path, "'"));
  }
  const std::string command = absl::StrCat(
      "cd '", Root().string(), "' && ", tool, " --dry-run -Werror ",
      absl::StrJoin(paths, " "), " 2>&1 | grep error: | head -20");
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  char chunk[4096];
  for (size_t n; (n = fread(chunk, 1, sizeof(chunk), pipe)) > 0;) {
    output.append(chunk, n);
  }
  pclose(pipe);
  EXPECT_EQ(output, "");
}

// --- Bazel

TEST(TidyTest, EveryTestIsBuilt) {
  std::string build;
  for (const SourceFile& file : Files()) {
    if (file.path == "tests/BUILD.bazel") build = file.content;
  }
  for (const SourceFile& file : Files()) {
    if (file.folder() != "tests" || !absl::EndsWith(file.path, "_test.cc")) {
      continue;
    }
    const std::string name = fs::path(file.path).stem();
    EXPECT_TRUE(absl::StrContains(build, absl::StrCat("\"", name, "\"")))
        << file.path << " is in no rule";
  }
}

}  // namespace
}  // namespace pollux
