// Exports compile, run and validate.
//
// seeded_bugs_test shows that the C of each kind of divergence finds fault with
// a kernel.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "diff/host.h"
#include "diff/probes.h"
#include "diff/text_format.h"
#include "fuzz/generator.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/json_schema.h"
#include "tests/program_testing.h"
#include "tests/shell_testing.h"
#include "tools/command.h"
#include "tools/exhibit.h"
#include "tools/export_library.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class ExportTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string reason = HostUnsupported(); !reason.empty()) {
      GTEST_SKIP() << reason;
    }
    folder_ =
        fs::path(testing::TempDir()) / absl::StrCat("export_test.", getpid());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string File(const std::string& name, const std::string& content) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << content;
    return path;
  }

  // Runs pollux.
  static Ran Pollux(const std::string& args) {
    const fs::path binary = fs::path(getenv("TEST_SRCDIR")) /
                            getenv("TEST_WORKSPACE") / "tools/pollux";
    return Shell(absl::StrCat("'", binary.string(), "' ", args));
  }

  // Compiles the C file with every compiler. The path of the last binary.
  std::string Compile(const std::string& source) {
    const std::string binary = source + ".exe";
    for (const std::string& compiler : Compilers()) {
      const Ran ran =
          Shell(absl::StrCat(compiler, " -o ", binary, " ", source));
      EXPECT_EQ(ran.code, 0) << compiler << "\n" << ran.output;
    }
    return binary;
  }

  fs::path folder_;
};

TEST_F(ExportTest, EveryCallHasC) {
  for (const CallInfo& call : AllCalls()) {
    EXPECT_TRUE(LibraryHas(absl::StrCat("do_", call.name)))
        << "`pollux export --c` cannot say " << call.name << ": add a part "
        << "do_" << call.name
        << " to tools/export_library.c, whose top tells how";
  }
}

// Programs of every call with every kind of argument compile in every style,
// and as they agree with the reference here, their C does, too.
TEST_F(ExportTest, GeneratedProgramsCompileAndAgree) {
  Random random(1);
  std::set<Op> seen;
  for (int i = 0; i < 6; ++i) {
    Program program;
    GenerateProgram(random, 300, &program);
    for (const Call& call : program.calls) seen.insert(call.op);
    const std::string in = File(absl::StrCat(i, ".ep"), PrintText(program));
    const std::string out = folder_ / absl::StrCat(i, ".c");
    ASSERT_EQ(Pollux(absl::StrCat("export --c -o ", out, " ", in)).code, 0);
    const Ran ran = Shell(Compile(out));
    EXPECT_TRUE(ran.code == 0 || ran.code == 4) << ran.output << out;
  }
  printf("%zu of %zu calls in the generated programs\n", seen.size(), kOpCount);
  EXPECT_GE(seen.size(), kOpCount * 9 / 10);
}

// A program whose calls all fault in their own way.
TEST_F(ExportTest, OddPointersAreC) {
  const std::string in = File("odd.ep", R"(
p0 = pipe2(O_NONBLOCK)
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.w, {events=EPOLLOUT, data=7})
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=8})
epoll_ctl(ep0, EPOLL_CTL_MOD, e0, UNMAPPED)
epoll_wait(ep0, [...]@1, 8, 0)
epoll_wait(ep0, [...]@0, 8, 0)
epoll_wait(ep0, READONLY, 8, 0)
epoll_wait(ep0, KERNEL, 8, 0)
epoll_wait(ep0, NULL, 8, 0)
epoll_pwait(ep0, [...], 8, 0, [], 8)
epoll_pwait(ep0, [...], 8, 0, UNMAPPED, 8)
epoll_pwait(ep0, [...], 8, 0, [], 7)
epoll_pwait2(ep0, [...], 8, {tv_sec=0, tv_nsec=5}, NULL, 8)
epoll_pwait2(ep0, [...], 8, {tv_sec=0, tv_nsec=-1}, NULL, 8)
epoll_pwait2(ep0, [...], 8, UNMAPPED, NULL, 8)
read(e0, 8)
epoll_ctl(ep0, EPOLL_CTL_DEL, p0.w, NULL)
epoll_pwait2(ep0, [...], 8, NULL, NULL, 8)
)");
  const std::string out = folder_ / "odd.c";
  ASSERT_EQ(Pollux(absl::StrCat("export --c -o ", out, " ", in)).code, 0);
  const Ran ran = Shell(Compile(out));
  EXPECT_EQ(ran.code, 0) << ran.output;
}

constexpr char kEdge[] = R"(
int = pipe2(O_NONBLOCK)
read = epoll_create1(0)
epoll_ctl(read, EPOLL_CTL_ADD, int.r, {events=EPOLLIN|EPOLLET, data=7})
write(int.w, 1)
epoll_wait(read, [...], 8, 0)
epoll_wait(read, [...], 8, 0)
)";

TEST_F(ExportTest, NamesOfTheAuthorBecomeVariables) {
  const std::string in = File("edge.ep", kEdge);
  const std::string out = folder_ / "edge.c";
  ASSERT_EQ(Pollux(absl::StrCat("export --c -o ", out, " ", in)).code, 0);
  EXPECT_EQ(Shell(Compile(out)).code, 0);
}

TEST_F(ExportTest, AWaitWithoutEndIsInterrupted) {
  const std::string in = File("sleeps.ep", R"(
ep0 = epoll_create1(0)
epoll_wait(ep0, [...], 1, -1)
)");
  const std::string out = folder_ / "sleeps.c";
  ASSERT_EQ(Pollux(absl::StrCat("export --c -o ", out, " ", in)).code, 0);
  EXPECT_EQ(Shell(Compile(out)).code, 0) << Slurp(out);
}

TEST_F(ExportTest, TheKernelSelftestCompilesAndShowsIt) {
  // What the kernel's harness gives, in small.
  File("kselftest_harness.h", R"(
#include <stdio.h>
static int failed;
#define ASSERT_EQ(expected, seen) \
  do { if ((expected) != (seen)) { failed = 1; return; } } while (0)
#define TEST(name) static void test_body(void)
#define TEST_HARNESS_MAIN int main(void) { test_body(); return failed; }
)");
  const std::string in = File("edge.ep", kEdge);
  const std::string out = folder_ / "edge.c";
  ASSERT_EQ(Pollux(absl::StrCat("export --kselftest -o ", out, " ", in)).code,
            0);
  EXPECT_EQ(Shell(Compile(out)).code, 0) << Slurp(out);
  ASSERT_EQ(Pollux(absl::StrCat("export --kselftest --quirk=edge-as-level -o ",
                                out, " ", in))
                .code,
            0);
  EXPECT_EQ(Shell(Compile(out)).code, 1) << Slurp(out);
}

nlohmann::json SchemaOf(const std::string& path) {
  return nlohmann::json::parse(
      Slurp(fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / path));
}

TEST(JsonSchemaTest, FaultsAreSeen) {
  const nlohmann::json schema = SchemaOf("tools/divergence.schema.json");
  EXPECT_THAT(SchemaFaults(schema, nlohmann::json::parse(R"({"more": 1})")),
              testing::AllOf(testing::Contains("/ has no \"schema\""),
                             testing::Contains("/ may not have more")));
  EXPECT_THAT(
      SchemaFaults(schema, nlohmann::json::parse(
                               R"({"calls": [{"text": 1, "expected":
                                  {"events": [{"events": "IN"}]}}]})")),
      testing::AllOf(
          testing::Contains("/calls/0/text is no \"string\""),
          testing::Contains("/calls/0/expected/events/0 has no \"data\"")));
}

TEST_F(ExportTest, EveryKindOfDivergenceFitsTheSchema) {
  const nlohmann::json schema = SchemaOf("tools/divergence.schema.json");
  const char* const kPrograms[] = {
      "close(-1)\n",
      "ep0 = epoll_create1(0)\n"
      "e0 = eventfd2(0, EFD_NONBLOCK)\n"
      "epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLOUT|EPOLLONESHOT, "
      "data=7})\nepoll_wait(ep0, [...], 8, 0)\n"};
  for (const char* program : kPrograms) {
    const std::string in = File("any.ep", program);
    const Ran ran =
        Pollux(absl::StrCat("export --json --quirk=oneshot-not-disarmed ", in));
    ASSERT_EQ(ran.code, 0) << ran.output;
    EXPECT_THAT(SchemaFaults(schema, nlohmann::json::parse(ran.output)),
                testing::IsEmpty())
        << ran.output;
  }
}

TEST_F(ExportTest, MutedIsSuppressedAndSkipped) {
  const std::string in = File("edge.ep", kEdge);
  const std::string mutes =
      File("mutes", "edge-as-level.epoll_wait 9999-12-31 known\n");
  const std::string flags =
      absl::StrCat("--quirk=edge-as-level --mute=", mutes, " ", in);
  const Ran sarif = Pollux(absl::StrCat("export --sarif ", flags));
  const auto json = nlohmann::json::parse(sarif.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << sarif.output;
  EXPECT_THAT(SchemaFaults(SchemaOf("tests/sarif.schema.json"), json),
              testing::IsEmpty());
  EXPECT_EQ(json.at("runs")
                .at(0)
                .at("results")
                .at(0)
                .at("suppressions")
                .at(0)
                .at("justification"),
            "muted until 9999-12-31: known");
  const Ran junit = Pollux(absl::StrCat("export --junit ", flags));
  EXPECT_NE(junit.output.find("failures=\"0\" errors=\"0\" skipped=\"1\""),
            std::string::npos)
      << junit.output;
}

TEST_F(ExportTest, JsonSaysWhatTheSchemaSays) {
  const std::string in = File("edge.ep", kEdge);
  const Ran ran =
      Pollux(absl::StrCat("export --json --quirk=edge-as-level ", in));
  ASSERT_EQ(ran.code, 0) << ran.output;
  const auto json = nlohmann::json::parse(ran.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ran.output;
  EXPECT_THAT(SchemaFaults(SchemaOf("tools/divergence.schema.json"), json),
              testing::IsEmpty());
  EXPECT_EQ(json.at("schema"), "pollux-divergence-1");
  EXPECT_EQ(json.at("signature"), "edge-as-level.epoll_wait");
  EXPECT_EQ(json.at("divergence").at("call"), 6);
  EXPECT_EQ(json.at("divergence").at("class"), "outcome");
  EXPECT_EQ(json.at("quirks").at(0).at("name"), "edge-as-level");
  EXPECT_EQ(json.at("quirks").at(0).at("switched"), "off");
  EXPECT_EQ(json.at("calls").size(), 6u);
  EXPECT_EQ(json.at("calls").at(5).at("observed").at("result"), 0);
  EXPECT_EQ(json.at("calls").at(5).at("expected").at("events").at(0).at("data"),
            7);
  EXPECT_TRUE(json.at("versions").is_array());
}

TEST_F(ExportTest, SarifHasARuleAndAPlace) {
  const std::string in = File("edge.ep", kEdge);
  const std::string same = File("same.ep", "ep0 = epoll_create1(0)\n");
  const Ran ran = Pollux(
      absl::StrCat("export --sarif --quirk=edge-as-level ", in, " ", same));
  ASSERT_EQ(ran.code, 0) << ran.output;
  const auto json = nlohmann::json::parse(ran.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ran.output;
  EXPECT_THAT(SchemaFaults(SchemaOf("tests/sarif.schema.json"), json),
              testing::IsEmpty());
  EXPECT_EQ(json.at("version"), "2.1.0");
  const auto& run = json.at("runs").at(0);
  ASSERT_EQ(run.at("results").size(), 1u);
  const auto& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId"), "edge-as-level.epoll_wait");
  EXPECT_EQ(result.at("ruleId"),
            run.at("tool").at("driver").at("rules").at(0).at("id"));
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), in);
  EXPECT_EQ(place.at("region").at("startLine"), 7);
}

TEST_F(ExportTest, JunitCountsAndIsWellFormed) {
  const std::string in = File("a<&\"b.ep", kEdge);
  const std::string same = File("same.ep", "ep0 = epoll_create1(0)\n");
  const std::string out = folder_ / "junit.xml";
  ASSERT_EQ(Pollux(absl::StrCat("export --junit --quirk=edge-as-level -o ", out,
                                " '", in, "' ", same))
                .code,
            0);
  const std::string xml = Slurp(out);
  EXPECT_NE(xml.find("tests=\"2\" failures=\"1\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("name=\""), std::string::npos);
  const Ran parsed = Shell(absl::StrCat(
      "python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' ",
      out));
  if (parsed.code == 127) GTEST_SKIP() << "no python3 to parse the XML";
  EXPECT_EQ(parsed.code, 0) << parsed.output;
}

TEST_F(ExportTest, TextRunsAgain) {
  const std::string in = File("edge.ep", kEdge);
  const std::string out = folder_ / "text.ep";
  ASSERT_EQ(Pollux(absl::StrCat("export --text -o ", out, " ", in)).code, 0);
  EXPECT_EQ(Pollux(absl::StrCat("run ", out)).code, 0) << Slurp(out);
}

TEST_F(ExportTest, ExplainNamesTheCauseAndTheVersions) {
  const std::string in = File("again.ep", R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0})
write(p0.w, 1)
epoll_wait(ep0, [...], 1, 0)
write(p0.w, 1)
epoll_wait(ep0, [...], 1, 0)
)");
  Ran ran = Pollux(absl::StrCat(
      "explain --profiles=all --quirk=pipe-edge-only-when-empty ", in));
  EXPECT_EQ(ran.code, 1);
  for (const char* part : {"> ", "as if without `pipe-edge-only-when-empty`",
                           "pipe_write", "Linux 5.5 to before 5.14\n"}) {
    EXPECT_NE(ran.output.find(part), std::string::npos) << ran.output;
  }
  ran = Pollux(absl::StrCat("explain ", in));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_NE(ran.output.find("no divergence"), std::string::npos);
  EXPECT_EQ(Pollux(absl::StrCat("minimize ", in)).code, 0);
  EXPECT_EQ(Pollux(absl::StrCat("explain --profiles=some ", in)).code, 2);
  EXPECT_EQ(Pollux("minimize /nowhere").code, 2);
}

TEST_F(ExportTest, OneFormatIsAsked) {
  const std::string in = File("edge.ep", kEdge);
  EXPECT_EQ(Pollux(absl::StrCat("export ", in)).code, 2);
  EXPECT_EQ(Pollux(absl::StrCat("export --c --json ", in)).code, 2);
  EXPECT_EQ(Pollux("export --c").code, 2);
}

}  // namespace
}  // namespace pollux
