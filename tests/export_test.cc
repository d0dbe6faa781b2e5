// Exports compile, run and validate.
//
// The host is the subject and the reference a mutant, quirk by quirk, so that
// the exported C must find fault with this kernel; without the quirk, it must
// not. Programs come from the corpus.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "diff/host.h"
#include "diff/probes.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/program_testing.h"
#include "tools/command.h"
#include "tools/exhibit.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A shell command: its exit code, and what it prints.
struct Ran {
  int code = -1;
  std::string output;
};

Ran Shell(const std::string& command) {
  FILE* pipe = popen(absl::StrCat(command, " 2>&1").c_str(), "r");
  Ran ran;
  char chunk[4096];
  for (size_t n; (n = fread(chunk, 1, sizeof(chunk), pipe)) > 0;) {
    ran.output.append(chunk, n);
  }
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

// Those that are installed, with the warnings they must not give.
std::vector<std::string> Compilers() {
  const std::pair<std::string, std::string> kAll[] = {
      {"/usr/bin/gcc",
       "-std=gnu99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion"},
      {"/usr/bin/clang-19",
       "-std=gnu11 -Weverything -Wno-declaration-after-statement "
       "-Wno-unsafe-buffer-usage -Wno-padded -Wno-disabled-macro-expansion "
       "-Wno-reserved-macro-identifier -Wno-format-nonliteral "
       "-Wno-switch-default -Wno-pre-c11-compat"}};
  std::vector<std::string> found;
  for (const auto& [path, flags] : kAll) {
    if (fs::exists(path)) {
      found.push_back(absl::StrCat(path, " -Werror -pthread ", flags));
    }
  }
  return found;
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

// The first program of the corpus that shows each quirk on this host.
std::map<Quirk, std::string> Shows() {
  std::map<Quirk, std::string> shows;
  const fs::path corpus =
      fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / "corpus";
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (entry.path().extension() == ".ep") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  Host host;
  for (const QuirkInfo& quirk : AllQuirks()) {
    Profile profile = HostProfile();
    profile.Flip(quirk.id);
    Investigator investigator(&host, profile, HostMachine(),
                              {.can_freeze = host.can_freeze()});
    for (const std::string& path : paths) {
      const absl::StatusOr<Trace> trace = LoadProgram(path);
      if (!trace.ok() || !investigator.Look(trace->program)) continue;
      shows[quirk.id] = path;
      break;
    }
  }
  return shows;
}

TEST_F(ExportTest, TheCFileShowsItAndOnlyIt) {
  ASSERT_FALSE(Compilers().empty()) << "no C compiler";
  const std::map<Quirk, std::string> shows = Shows();
  const Profile host = HostProfile();
  int shown = 0;
  int refused = 0;
  for (const auto& [quirk, path] : shows) {
    // A quirk that this kernel has cannot be switched on.
    if (host.Has(quirk)) continue;
    const std::string name(Describe(quirk).name);
    const std::string minimal = folder_ / absl::StrCat(name, ".ep");
    const std::string source = folder_ / absl::StrCat(name, ".c");
    ASSERT_EQ(Pollux(absl::StrCat("minimize --quirk=", name, " -o ", minimal,
                                  " ", path))
                  .code,
              1);
    const Ran made = Pollux(absl::StrCat("export --c --quirk=", name, " -o ",
                                         source, " ", minimal));
    if (made.code == 2) {
      ++refused;
      printf("%s: %s", name.c_str(), made.output.c_str());
      continue;
    }
    ASSERT_EQ(made.code, 0) << made.output;
    const Ran ran = Shell(Compile(source));
    EXPECT_EQ(ran.code, 1) << name << "\n" << ran.output << Slurp(source);
    EXPECT_NE(ran.output.find("\nnot ok "), std::string::npos) << ran.output;
    // What Linux does is no divergence.
    const std::string clean = folder_ / absl::StrCat(name, ".clean.c");
    ASSERT_EQ(Pollux(absl::StrCat("export --c -o ", clean, " ", minimal)).code,
              0);
    const Ran agrees = Shell(Compile(clean));
    EXPECT_EQ(agrees.code, 0) << name << "\n" << agrees.output << Slurp(clean);
    EXPECT_NE(agrees.output.find("\n1.."), std::string::npos);
    ++shown;
  }
  printf("%d of %zu quirks shown by their C file, %d refused\n", shown,
         kQuirkCount, refused);
  EXPECT_GE(shown, 30);
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

TEST_F(ExportTest, JsonSaysWhatTheSchemaSays) {
  const std::string in = File("edge.ep", kEdge);
  const Ran ran =
      Pollux(absl::StrCat("export --json --quirk=edge-as-level ", in));
  ASSERT_EQ(ran.code, 0) << ran.output;
  const auto json = nlohmann::json::parse(ran.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ran.output;
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
