// pollux corpus: folders of programs stay small and sound.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "diff/state_coverage.h"
#include "diff/text_format.h"
#include "gtest/gtest.h"
#include "tools/command.h"
#include "tools/corpus.h"

ABSL_DECLARE_FLAG(std::string, to);

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr char kEdge[] =
    "# Edge.\n"
    "p0 = pipe2(O_NONBLOCK)\n"
    "ep0 = epoll_create1(0)\n"
    "epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=7})\n"
    "write(p0.w, 3)\n"
    "epoll_wait(ep0, [...], 8, 0)\n";
// The same, and a call that shows nothing new.
constexpr char kEdgeTwice[] =
    "# Edge.\n"
    "p0 = pipe2(O_NONBLOCK)\n"
    "ep0 = epoll_create1(0)\n"
    "epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=9})\n"
    "write(p0.w, 3)\n"
    "write(p0.w, 3)\n"
    "epoll_wait(ep0, [...], 8, 0)\n";
constexpr char kEventfd[] =
    "# Eventfd.\n"
    "e0 = eventfd2(0, EFD_NONBLOCK)\n"
    "read(e0, 8)\n";

class CorpusCommandTest : public testing::Test {
 protected:
  CorpusCommandTest() {
    root_ = fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "in");
    absl::SetFlag(&FLAGS_to, "");
  }

  void Write(const std::string& name, std::string_view content) {
    std::ofstream(root_ / name, std::ios::binary) << content;
  }
  std::string Path(const std::string& name) { return root_ / name; }
  size_t FilesIn(const std::string& name) {
    size_t files = 0;
    for ([[maybe_unused]] const auto& entry :
         fs::directory_iterator(root_ / name)) {
      ++files;
    }
    return files;
  }
  static int Run(const std::vector<std::string>& args) {
    return kCorpusCommand.run(args);
  }

  fs::path root_;
};

TEST_F(CorpusCommandTest, MinimizeKeepsTheShortestThatShowAll) {
  Write("in/a.ep", kEdgeTwice);
  Write("in/b.ep", kEdge);
  Write("in/c.ep", kEventfd);
  EXPECT_EQ(Run({"minimize", Path("out"), Path("in")}), kExitSame);
  EXPECT_EQ(FilesIn("out"), 2u);
  // Nothing is lost: what was left out adds nothing to what was kept.
  EXPECT_EQ(Run({"merge", Path("out"), Path("in")}), kExitSame);
  EXPECT_EQ(FilesIn("out"), 2u);
}

TEST_F(CorpusCommandTest, MergeAddsWhatIsNew) {
  Write("in/a.ep", kEdge);
  EXPECT_EQ(Run({"merge", Path("out"), Path("in")}), kExitSame);
  EXPECT_EQ(FilesIn("out"), 1u);
  Write("in/b.ep", kEventfd);
  EXPECT_EQ(Run({"merge", Path("out"), Path("in")}), kExitSame);
  EXPECT_EQ(FilesIn("out"), 2u);
}

// A program has the same name in either notation, and comes back unchanged.
TEST_F(CorpusCommandTest, ConvertsBothWays) {
  Write("in/a.ep", kEdge);
  Write("in/b.ep", kEventfd);
  absl::SetFlag(&FLAGS_to, "wire");
  EXPECT_EQ(Run({"convert", Path("wire"), Path("in")}), kExitSame);
  absl::SetFlag(&FLAGS_to, "text");
  EXPECT_EQ(Run({"convert", Path("text"), Path("wire")}), kExitSame);
  EXPECT_EQ(Run({"check", Path("wire"), Path("text")}), kExitSame);
  const absl::StatusOr<Corpus> wire = LoadCorpus({Path("wire")});
  const absl::StatusOr<Corpus> text = LoadCorpus({Path("text")});
  ASSERT_EQ(wire->entries.size(), 2u);
  ASSERT_EQ(text->entries.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(wire->entries[i].program, text->entries[i].program);
    EXPECT_EQ(wire->entries[i].path + ".ep",
              Path("wire") + text->entries[i].path.substr(Path("text").size()));
  }
}

TEST_F(CorpusCommandTest, BadFilesAreCountedAndNeverFatal) {
  Write("in/a.ep", kEdge);
  Write("in/bad.ep", "write(nobody, 3)\n");
  Write("in/cut.ep.123.tmp", "p0 = pi");
  Write("in/empty", "");
  const absl::StatusOr<Corpus> corpus = LoadCorpus({Path("in")});
  ASSERT_TRUE(corpus.ok());
  EXPECT_EQ(corpus->entries.size(), 1u);
  EXPECT_EQ(corpus->bad, 2u);
  EXPECT_EQ(Run({"merge", Path("out"), Path("in")}), kExitBadInput);
  EXPECT_EQ(FilesIn("out"), 1u);
  EXPECT_EQ(Run({"merge", Path("out"), Path("nowhere")}), kExitBadInput);
}

TEST_F(CorpusCommandTest, CheckSeesAFileThatIsNotWhatItsNameSays) {
  Write("in/a.ep", kEdge);
  EXPECT_EQ(Run({"minimize", Path("out"), Path("in")}), kExitSame);
  EXPECT_EQ(Run({"check", Path("out")}), kExitSame);
  const absl::StatusOr<Corpus> corpus = LoadCorpus({Path("out")});
  std::ofstream(corpus->entries[0].path) << kEventfd;
  EXPECT_EQ(Run({"check", Path("out")}), kExitBadInput);
}

TEST(StateCoverageTest, AccidentsAreNoFeatures) {
  StateCoverage coverage(Profile{}, Machine{});
  std::vector<uint64_t> edge, twice, eventfd;
  coverage.FeaturesOf(ParseText(kEdge)->program, &edge);
  coverage.FeaturesOf(ParseText(kEdgeTwice)->program, &twice);
  coverage.FeaturesOf(ParseText(kEventfd)->program, &eventfd);
  EXPECT_EQ(edge, twice);
  EXPECT_NE(edge, eventfd);
  EXPECT_GT(edge.size(), eventfd.size());
}

TEST(StateCoverageTest, ALevelIsNoEdge) {
  StateCoverage coverage(Profile{}, Machine{});
  std::string level = kEdge;
  level.erase(level.find("|EPOLLET"), 8);
  std::vector<uint64_t> a, b;
  coverage.FeaturesOf(ParseText(kEdge)->program, &a);
  coverage.FeaturesOf(ParseText(level)->program, &b);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace pollux
