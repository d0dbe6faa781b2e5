// Triage on a folder of crash files, a mutant being the subject.

#include "tools/triage.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr char kEdge[] = R"(
e0 = eventfd2(1, EFD_NONBLOCK)
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=0})
epoll_wait(ep0, [...], 1, 0)
epoll_wait(ep0, [...], 1, 0)
epoll_wait(ep0, [...], 1, 0)
)";

constexpr char kSemaphore[] = R"(
e0 = eventfd2(2, EFD_SEMAPHORE|EFD_NONBLOCK)
read(e0, 8)
)";

constexpr char kHarmless[] = "ep0 = epoll_create1(0)\nclose(ep0)\n";

constexpr char kEdgeBucket[] = "edge-as-level.epoll_wait";
constexpr char kSemaphoreBucket[] = "eventfd-semaphore-ignored.read";

class TriageTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) / absl::StrCat("triage_test.", getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Add("crash-1", kEdge);
    Add("crash-2", absl::StrCat(kEdge, "close(p0.r)\n"));
    Add("crash-3", kSemaphore);
    Add("crash-4", kHarmless);
    options_.today = "2026-06-15";
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Add(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
  }

  TriageSummary Run(std::initializer_list<Quirk> quirks = {
                        Quirk::kEdgeAsLevel, Quirk::kEventfdSemaphoreIgnored}) {
    Profile mutant;
    for (Quirk quirk : quirks) mutant.Enable(quirk);
    Reference subject(mutant, Machine());
    Investigator investigator(&subject, Profile(), Machine());
    const absl::StatusOr<TriageSummary> summary =
        Triage(investigator, folder_, options_);
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *summary : TriageSummary();
  }

  // Every file below the folder, with its content.
  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file()) continue;
      tree[entry.path().lexically_relative(folder_)] =
          ReadFile(entry.path()).value_or("?");
    }
    return tree;
  }

  fs::path folder_;
  TriageOptions options_;
};

TEST_F(TriageTest, SortsIntoBucketsWithAMinimalProgram) {
  const TriageSummary summary = Run();
  const auto tree = Tree();
  const std::string edge = absl::StrCat("new/", kEdgeBucket, "/");
  EXPECT_TRUE(tree.count(edge + "crash-1"));
  EXPECT_TRUE(tree.count(edge + "crash-2"));
  EXPECT_TRUE(tree.count(absl::StrCat("new/", kSemaphoreBucket, "/crash-3")));
  EXPECT_TRUE(tree.count("fixed/crash-4"));
  EXPECT_EQ(tree.size(), 6u);
  ASSERT_TRUE(tree.count(edge + "minimal.ep"));
  const Trace minimal = MustParse(tree.at(edge + "minimal.ep"));
  EXPECT_EQ(minimal.program.calls.size(), 5u);
  const Bucket& bucket = summary.buckets.at(kEdgeBucket);
  EXPECT_EQ(bucket.state, "new");
  EXPECT_EQ(bucket.files, 2u);
  EXPECT_GT(bucket.first_seen, 0);
  EXPECT_GE(bucket.last_seen, bucket.first_seen);
}

TEST_F(TriageTest, TheSecondRunChangesNothing) {
  Run();
  const auto once = Tree();
  const TriageSummary again = Run();
  EXPECT_EQ(Tree(), once);
  EXPECT_EQ(again.buckets.at(kEdgeBucket).files, 2u);
}

TEST_F(TriageTest, HalfARunIsCompleted) {
  Run();
  const auto whole = Tree();
  // As if killed: a file not yet moved, a minimal program half written.
  fs::rename(folder_ / "new" / kEdgeBucket / "crash-2", folder_ / "crash-2");
  fs::remove(folder_ / "new" / kSemaphoreBucket / "minimal.ep");
  Add("minimal.ep.1.tmp", "half");
  Run();
  fs::remove(folder_ / "minimal.ep.1.tmp");
  EXPECT_EQ(Tree(), whole);
}

TEST_F(TriageTest, WhatIsFixedLeavesItsBucket) {
  Run();
  Run({Quirk::kEdgeAsLevel});
  const auto tree = Tree();
  EXPECT_TRUE(tree.count("fixed/crash-3"));
  EXPECT_FALSE(fs::exists(folder_ / "new" / kSemaphoreBucket));
}

TEST_F(TriageTest, MutedBucketsAreKnownUntilTheirDay) {
  options_.mutes = {{kEdgeBucket, "2026-06-16", "issue 17"}};
  TriageSummary summary = Run();
  EXPECT_EQ(summary.buckets.at(kEdgeBucket).state, "known");
  EXPECT_EQ(summary.buckets.at(kSemaphoreBucket).state, "new");
  EXPECT_EQ(summary.muted, 2u);
  EXPECT_TRUE(fs::exists(folder_ / "known" / kEdgeBucket / "crash-1"));
  options_.today = "2026-06-16";
  summary = Run();
  EXPECT_EQ(summary.buckets.at(kEdgeBucket).state, "new");
  EXPECT_EQ(summary.muted, 0u);
  EXPECT_TRUE(fs::exists(folder_ / "new" / kEdgeBucket / "crash-1"));
  EXPECT_FALSE(fs::exists(folder_ / "known"));
}

TEST_F(TriageTest, RegressionsAreKnown) {
  const fs::path kept = folder_.string() + ".regressions";
  fs::create_directories(kept);
  std::ofstream(kept / absl::StrCat(kEdgeBucket, ".ep")) << "# kept\n";
  options_.regressions = kept;
  EXPECT_EQ(Run().buckets.at(kEdgeBucket).state, "known");
  fs::remove_all(kept);
}

TEST_F(TriageTest, SameNamesDoNotCollide) {
  fs::create_directories(folder_ / "other");
  Add("other/crash-1", kEdge);
  Run();
  EXPECT_EQ(Run().buckets.at(kEdgeBucket).files, 3u);
}

TEST_F(TriageTest, BadFilesStayAndAreCounted) {
  Add("bad.ep", "nonsense(");
  EXPECT_EQ(Run().bad, 1u);
  EXPECT_TRUE(fs::exists(folder_ / "bad.ep"));
}

// Diverges every second time.
class FlakySubject final : public Subject {
 public:
  void Begin() override {
    ++runs_;
    now_ = runs_ % 4 < 2 ? &good_ : &bad_;
    now_->Begin();
  }
  void End() override { now_->End(); }
  int64_t Execute(Op op, const Args& args, Outcome* outcome) override {
    return now_->Execute(op, args, outcome);
  }
  int Poll(std::span<PollQuery> queries) override {
    return now_->Poll(queries);
  }
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override {
    return now_->Fdinfo(epfd, lines);
  }

 private:
  static Profile Bad() {
    Profile profile;
    profile.Enable(Quirk::kEventfdSemaphoreIgnored);
    return profile;
  }

  Reference good_{Profile(), Machine()};
  Reference bad_{Bad(), Machine()};
  Reference* now_ = &good_;
  int runs_ = 0;
};

TEST_F(TriageTest, WhatDoesNotAlwaysShowIsFlaky) {
  FlakySubject subject;
  Investigator investigator(&subject, Profile(), Machine());
  const absl::StatusOr<TriageSummary> summary =
      Triage(investigator, folder_, options_);
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(fs::exists(folder_ / "flaky" / "crash-3"));
}

TEST(MuteListTest, LinesAreChecked) {
  const auto mutes = ParseMuteList("# why\n\na.b 2026-01-31 waits for a fix\n");
  ASSERT_TRUE(mutes.ok());
  ASSERT_EQ(mutes->size(), 1u);
  EXPECT_EQ((*mutes)[0].reason, "waits for a fix");
  EXPECT_NE(FindMute(*mutes, "a.b", "2026-01-30"), nullptr);
  EXPECT_EQ(FindMute(*mutes, "a.b", "2026-01-31"), nullptr);
  EXPECT_EQ(FindMute(*mutes, "a.c", "2026-01-30"), nullptr);
  EXPECT_FALSE(ParseMuteList("a.b soon reason\n").ok());
  EXPECT_FALSE(ParseMuteList("a.b 2026-01-31\n").ok());
  EXPECT_FALSE(ParseMuteList("../x 2026-01-31 reason\n").ok());
}

}  // namespace
}  // namespace pollux
