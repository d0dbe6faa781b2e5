// Is every mask and every wake-up of the reference one of the real kernel's?
//
// Runs the corpus and random programs on both, and keeps account of what was
// compared: each poll mask of each type of file with poll(2) of a real one,
// each line of core/ that wakes with a real edge-triggered delivery that it led
// to. Masks are listed in tests/poll_states.h; lines that wake are found in
// the source. What was not reached is printed, and must be among the
// exceptions.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/host.h"
#include "diff/lockstep.h"
#include "diff/probes.h"
#include "diff/report.h"
#include "fuzz/generator.h"
#include "gtest/gtest.h"
#include "tests/poll_states.h"
#include "tests/program_testing.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr int kPrograms = 40000;
constexpr size_t kCalls = 30;

// Lines that cannot lead to an edge that a program sees here: the function, and
// how the line starts.
struct Exception {
  std::string_view function;
  std::string_view text;
  std::string_view reason;
};

constexpr Exception kExceptions[] = {
    {"RepeatPeriodicEdges", "if (t.periodic) WakeUp(", "only for a quirk"},
    {"WakePartner", "WakeUp(world, pipe.wr_wait,", "Linux 5.5 to 5.8"},
    {"ReceiveFin", "InetWake(world, sock, kSockReadKey,", "a second wake-up"},
    {"FinAcknowledged", "InetWake(world, index, kNoKey,", "a second wake-up"},
    {"TcpReset", "InetWake(world, index, EPOLLERR,", "a second wake-up"},
};

fs::path Folder(std::string_view name) {
  return fs::path(getenv("TEST_SRCDIR")) / getenv("TEST_WORKSPACE") / name;
}

// A line of core/ that wakes.
struct Line {
  std::string file;
  uint32_t number = 0;
  std::string function;
  std::string text;  // from its first word on

  uint32_t id() const { return WakeSite::IdOf(file, number); }
  std::string ToString() const {
    return absl::StrFormat("%s:%d %s", file, number, function);
  }
};

std::vector<std::string> ReadLines(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Functions that take the site of their caller, WakeUp among them.
std::set<std::string> Wakers(const std::vector<std::string>& lines) {
  static const std::regex kDeclaration(R"(^void (\w+)\(World&)");
  std::set<std::string> wakers;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, kDeclaration)) continue;
    std::string text;
    for (size_t j = i; j < lines.size(); ++j) {
      text += lines[j];
      if (text.find(')') != std::string::npos) break;
    }
    if (text.find("WakeSite site") != std::string::npos) {
      wakers.insert(match[1]);
    }
  }
  return wakers;
}

std::vector<fs::path> Sources(std::string_view extension) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(Folder("core"))) {
    if (entry.path().extension() == extension) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// The lines of one file that call one of `wakers` on their own account.
void FindLines(const fs::path& path, const std::set<std::string>& wakers,
               std::vector<Line>* found) {
  static const std::regex kFunction(R"(^[\w:<>*& ]*?(\w+)\()");
  static const std::regex kCall(R"(\b(\w+)\()");
  const std::vector<std::string> lines = ReadLines(path);
  std::string function;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    std::smatch match;
    if (!line.empty() && isalpha(line[0])) {
      if (std::regex_search(line, match, kFunction)) function = match[1];
      continue;
    }
    if (line.find("//") != std::string::npos) continue;
    for (std::sregex_iterator it(line.begin(), line.end(), kCall), end;
         it != end; ++it) {
      if (wakers.count((*it)[1]) == 0) continue;
      std::string call = line.substr(it->position());
      for (size_t j = i; call.find(';') == std::string::npos;) {
        call += lines[++j];
      }
      if (call.find(", site)") != std::string::npos) continue;
      found->push_back({absl::StrCat("core/", path.filename().string()),
                        static_cast<uint32_t>(i + 1), function,
                        line.substr(line.find_first_not_of(' '))});
    }
  }
}

std::vector<Line> AllLines() {
  std::set<std::string> wakers;
  for (const fs::path& path : Sources(".h")) {
    wakers.merge(Wakers(ReadLines(path)));
  }
  std::vector<Line> lines;
  for (const fs::path& path : Sources(".cc")) FindLines(path, wakers, &lines);
  return lines;
}

// What was compared.
class Account {
 public:
  Account() : oracle_(HostProfile(), HostMachine()), executor_(&host_) {}

  // False on a divergence.
  bool Run(const Program& program) {
    const bool freezes =
        std::any_of(program.calls.begin(), program.calls.end(),
                    [](const Call& call) { return call.op == Op::kFreeze; });
    if (freezes && !host_.can_freeze()) return true;
    executor_.Begin();
    oracle_.Begin();
    bool same = true;
    for (size_t i = 0; i < program.calls.size() && same; ++i) {
      same = Step(program.calls[i], i + 1 == program.calls.size());
    }
    executor_.End();
    return same;
  }

  const std::map<std::pair<FileType, uint32_t>, int>& masks() const {
    return masks_;
  }
  const std::map<uint32_t, int>& edges() const { return edges_; }

 private:
  bool Step(const Call& call, bool last) {
    executor_.Execute(call, &observed_);
    if (!oracle_.Judge(call, observed_)) return false;
    const World& world = oracle_.world();
    if (!observed_.events.empty()) {
      for (const Edge& edge : world.scan.edges) ++edges_[edge.wake_site];
    }
    oracle_.PlanWitness(call, last, &witness_);
    std::vector<FileType> types;
    for (const PollQuery& query : witness_.polls) {
      const Index file = FileOf(world, query.fd);
      types.push_back(file == kNil ? FileType::kPath : world.files[file].type);
    }
    witness_.Ask(&host_);
    if (!oracle_.JudgeWitness(witness_)) return false;
    for (size_t i = 0; i < types.size(); ++i) {
      ++masks_[{types[i], witness_.polls[i].revents}];
    }
    return true;
  }

  Host host_;
  Oracle oracle_;
  Executor executor_;
  Outcome observed_;
  Witness witness_;
  std::map<std::pair<FileType, uint32_t>, int> masks_;
  std::map<uint32_t, int> edges_;
};

class ReadinessCoverageTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(HostUnsupported(), "");
    account_ = new Account;
    for (const auto& entry :
         fs::recursive_directory_iterator(Folder("corpus"))) {
      if (entry.path().extension() != ".ep") continue;
      const absl::StatusOr<Trace> trace = LoadProgram(entry.path());
      ASSERT_TRUE(trace.ok()) << trace.status().message();
      EXPECT_TRUE(account_->Run(trace->program)) << entry.path();
    }
    Random random(1);
    Program program;
    for (int i = 0; i < kPrograms; ++i) {
      GenerateProgram(random, kCalls, &program);
      ASSERT_TRUE(account_->Run(program)) << PrintText(program);
    }
  }

  static Account* account_;
};

Account* ReadinessCoverageTest::account_ = nullptr;

TEST_F(ReadinessCoverageTest, EveryMaskWasComparedWithPoll) {
  std::map<std::pair<FileType, uint32_t>, const char*> listed;
  for (const PollState& state : kPollStates) {
    const auto key = std::pair(state.type, state.mask);
    EXPECT_TRUE(listed.emplace(key, state.name).second)
        << state.name << " is listed twice";
    const auto seen = account_->masks().find(key);
    const int times = seen == account_->masks().end() ? 0 : seen->second;
    absl::PrintF("%-16s %4x  %-60s %s\n", OpsOf(state.type).name, state.mask,
                 state.name, times == 0 ? "NOT REACHED" : absl::StrCat(times));
    EXPECT_GT(times, 0) << state.name;
  }
  for (const auto& [key, times] : account_->masks()) {
    EXPECT_EQ(listed.count(key), 1u) << absl::StrFormat(
        "tests/poll_states.h does not list mask %x of %s, seen %d times",
        key.second, OpsOf(key.first).name, times);
  }
}

TEST_F(ReadinessCoverageTest, EveryWakeUpWasSeenAsAnEdge) {
  std::set<uint32_t> known;
  for (const Line& line : AllLines()) {
    EXPECT_TRUE(known.insert(line.id()).second) << line.ToString();
    const auto seen = account_->edges().find(line.id());
    const int times = seen == account_->edges().end() ? 0 : seen->second;
    absl::PrintF("%-48s %s\n", line.ToString(),
                 times == 0 ? "NOT REACHED" : absl::StrCat(times));
    const bool excepted =
        std::any_of(std::begin(kExceptions), std::end(kExceptions),
                    [&](const Exception& exception) {
                      return exception.function == line.function &&
                             line.text.starts_with(exception.text);
                    });
    EXPECT_NE(times > 0, excepted) << line.ToString();
  }
  for (const auto& [id, times] : account_->edges()) {
    EXPECT_EQ(known.count(id), 1u)
        << "an edge by a line that was not found in the source";
  }
}

TEST_F(ReadinessCoverageTest, TheSourceHasLinesThatWake) {
  EXPECT_GT(AllLines().size(), 30u);
}

}  // namespace
}  // namespace pollux
