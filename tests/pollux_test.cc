// The pollux command as a user meets it: exit codes, output, complaints.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/quirks.h"
#include "diff/calls.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Result {
  int exit_code = -1;  // 128 + signal, if one ended it
  std::string out;
  std::string err;
};

std::string Slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class PolluxTest : public testing::Test {
 protected:
  PolluxTest() : folder_(fs::path(testing::TempDir()) / "pollux_test") {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  std::string File(const std::string& name, std::string_view content) {
    const fs::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  // Runs pollux with these arguments and standard input.
  Result Pollux(const std::vector<std::string>& args,
                std::string_view input = "") {
    const std::string binary = fs::path(getenv("TEST_SRCDIR")) /
                               getenv("TEST_WORKSPACE") / "tools/pollux";
    const std::string in = File("stdin", input);
    const std::string out = folder_ / "stdout";
    const std::string err = folder_ / "stderr";
    std::vector<const char*> argv = {binary.c_str()};
    for (const std::string& arg : args) argv.push_back(arg.c_str());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
      Redirect(in, O_RDONLY, 0);
      Redirect(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
      Redirect(err, O_WRONLY | O_CREAT | O_TRUNC, 2);
      execv(binary.c_str(), const_cast<char**>(argv.data()));
      _exit(127);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    const int code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, Slurp(out), Slurp(err)};
  }

  // Expects exit code 2 and one line on stderr that starts so.
  void ExpectComplaint(const std::vector<std::string>& args,
                       std::string_view start) {
    const Result result = Pollux(args);
    EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
    EXPECT_THAT(result.err, StartsWith(absl::StrCat("pollux: ", start)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }

  fs::path folder_;

 private:
  static void Redirect(const std::string& path, int flags, int fd) {
    const int from = open(path.c_str(), flags, 0600);
    if (from < 0 || dup2(from, fd) < 0) _exit(126);
    close(from);
  }
};

constexpr char kGood[] = R"(# An edge is reported once.
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN|EPOLLET, data=7}) = 0
epoll_wait(ep0, [{events=EPOLLIN, data=7}], 8, 0) = 1
epoll_wait(ep0, [], 8, 0) = 0
)";

// --- Exit code 0

TEST_F(PolluxTest, SameIsZero) {
  const Result result = Pollux({"run", File("good.ep", kGood)});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("good.ep: same, 5 calls"));
}

TEST_F(PolluxTest, OneFileShowsItsTrace) {
  const Result result = Pollux({"run", File("good.ep", kGood)});
  EXPECT_THAT(result.out, HasSubstr("{events=EPOLLIN, data=7}], 8, 0) = 1\n"));
}

TEST_F(PolluxTest, ManyFilesAreQuietUnlessAsked) {
  const std::string a = File("a.ep", kGood);
  const std::string b = File("b.ep", kGood);
  EXPECT_THAT(Pollux({"run", a, b}).out, Not(HasSubstr("epoll_wait")));
  EXPECT_THAT(Pollux({"run", "--trace", a, b}).out, HasSubstr("epoll_wait"));
}

TEST_F(PolluxTest, StandardInputIsAFile) {
  const Result result = Pollux({"run", "-"}, kGood);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(PolluxTest, WireProgramsRun) {
  const std::string wire =
      File("crash-1", std::string("\x02\x00\x06\x01\x01", 5));
  const Result result = Pollux({"run", wire});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("ep0 = epoll_create1(0)\nclose(ep0) = 0"));
}

TEST_F(PolluxTest, EmptyProgramsAreTheSame) {
  EXPECT_EQ(Pollux({"run", File("empty.ep", "")}).exit_code, 0);
  EXPECT_EQ(Pollux({"run", File("empty", "")}).exit_code, 0);
}

// --- Exit code 1

TEST_F(PolluxTest, DivergenceIsOne) {
  const Result result =
      Pollux({"run", "--quirk=edge-as-level", File("good.ep", kGood)});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("DIVERGENCE at call 5 of 5"));
  EXPECT_THAT(result.out, HasSubstr("host:"));
  EXPECT_THAT(result.out, HasSubstr("reference:"));
}

TEST_F(PolluxTest, SeveralQuirksAtOnce) {
  EXPECT_EQ(
      Pollux({"run", "--quirk=no-rdhup,edge-as-level", File("good.ep", kGood)})
          .exit_code,
      1);
  EXPECT_EQ(
      Pollux({"run", "--quirk", "no-rdhup", File("good.ep", kGood)}).exit_code,
      0);
}

TEST_F(PolluxTest, MutedIsZeroAndCounted) {
  const std::string good = File("good.ep", kGood);
  const std::string mutes =
      File("mutes", "edge-as-level.epoll_wait 9999-12-31 known\n");
  const Result result = Pollux(
      {"run", "--quirk=edge-as-level", absl::StrCat("--mute=", mutes), good});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("muted until 9999-12-31: known\n"));
  EXPECT_THAT(result.out,
              HasSubstr("1 programs: 0 same, 0 divergent, 1 muted"));
  const std::string old =
      File("old", "edge-as-level.epoll_wait 2001-12-31 known\n");
  EXPECT_EQ(
      Pollux({"run", "--quirk=edge-as-level", "--mute", old, good}).exit_code,
      1);
  const std::string bad = File("bad", "edge-as-level.epoll_wait soon known\n");
  ExpectComplaint({"run", "--mute", bad, good}, absl::StrCat(bad, ":1: "));
}

TEST_F(PolluxTest, WideTerminalsHaveTwoColumns) {
  const std::string good = File("good.ep", kGood);
  const Result plain =
      Pollux({"run", "--quirk=edge-as-level", "--width=140", good});
  EXPECT_THAT(plain.out, HasSubstr("       host  "));
  EXPECT_THAT(plain.out, HasSubstr(">   5  epoll_wait(ep0, [], 8, 0) = 0"));
  EXPECT_THAT(plain.out, HasSubstr(" <> epoll_wait(ep0, [{events=EPOLLIN, "));
  EXPECT_THAT(plain.out, Not(HasSubstr("\33[")));
  const Result color = Pollux(
      {"run", "--quirk=edge-as-level", "--color=always", "--width=60", good});
  EXPECT_THAT(color.out, HasSubstr("\33[1;31m    host:"));
  EXPECT_THAT(color.out, HasSubstr("\33[1;32m    reference:"));
}

TEST_F(PolluxTest, ADivergenceShowsTheListsAndTheCause) {
  const Result result =
      Pollux({"run", "--quirk=edge-as-level", File("good.ep", kGood)});
  for (const char* part :
       {"epoll_wait(ep0) on the host does not deliver EPOLLIN of e0; the",
        "ep0 ready list", "e0 wait queue",
        "signature: edge-as-level.epoll_wait",
        "The host behaves as if without `edge-as-level`"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
}

TEST_F(PolluxTest, AnotherOutcomeThanStatedIsOne) {
  const Result result =
      Pollux({"run", File("bad.ep", "# Wrong.\nclose(-1) = 0\n")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("bad.ep:2: "));
  EXPECT_THAT(result.out, HasSubstr("close(-1) = -1 EBADF"));
}

TEST_F(PolluxTest, OneDivergenceAmongManyIsOne) {
  const Result result =
      Pollux({"run", File("good.ep", kGood), File("bad.ep", "close(-1) = 0\n"),
              File("good2.ep", kGood)});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("good2.ep: same"));
}

// --- Exit code 2

TEST_F(PolluxTest, NoCommandPrintsHelpAndIsTwo) {
  const Result result = Pollux({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(absl::StrCat(result.out, result.err), HasSubstr("pollux run"));
}

TEST_F(PolluxTest, MalformedTextIsTwoWithItsPlace) {
  const std::string path = File("bad.ep", "# x\ne0 = eventfd2(1)\n");
  ExpectComplaint({"run", path}, absl::StrCat(path, ":2:16: expected ','"));
  ExpectComplaint({"convert", path}, absl::StrCat(path, ":2:16: expected ','"));
}

TEST_F(PolluxTest, MalformedTextAmongGoodFilesIsTwo) {
  const Result result =
      Pollux({"run", File("good.ep", kGood), File("bad.ep", "nonsense\n")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("good.ep: same"));
}

TEST_F(PolluxTest, FilesThatCannotBeRead) {
  const std::string missing = folder_ / "missing.ep";
  ExpectComplaint({"run", missing}, absl::StrCat(missing, ": cannot open"));
  ExpectComplaint({"run", folder_.string()}, folder_.string());
  ExpectComplaint({"convert", missing}, missing);
  ExpectComplaint({"run", ""}, "");
  const std::string locked = File("locked.ep", kGood);
  chmod(locked.c_str(), 0);
  if (access(locked.c_str(), R_OK) != 0)
    ExpectComplaint({"run", locked}, locked);
}

TEST_F(PolluxTest, HugeFilesAreRefused) {
  const std::string path = File("huge.ep", "");
  fs::resize_file(path, 64 << 20);
  ExpectComplaint({"run", path}, absl::StrCat(path, ": larger than"));
}

TEST_F(PolluxTest, EndlessFilesAreRefused) {
  ExpectComplaint({"run", "/dev/zero"}, "/dev/zero: larger than");
}

TEST_F(PolluxTest, UnknownThingsAreTwo) {
  ExpectComplaint({"frobnicate"}, "there is no command 'frobnicate'");
  ExpectComplaint({"help", "frobnicate"}, "there is no command 'frobnicate'");
  ExpectComplaint({"run", "--frobnicate", "x.ep"},
                  "there is no flag '--frobnicate'");
  ExpectComplaint({"run", "--quirk=no-rdhub", File("good.ep", kGood)},
                  "--quirk: there is no quirk 'no-rdhub'; did you mean "
                  "no-rdhup?");
  ExpectComplaint({"run", "--witnesses=maybe", "x.ep"}, "--witnesses=maybe: ");
  ExpectComplaint({"run", "--quirk"}, "the flag --quirk needs a value");
  ExpectComplaint({"run"}, "run: which FILE?");
  ExpectComplaint({"convert"}, "convert: give one FILE");
  ExpectComplaint({"convert", "--to=morse", "x.ep"}, "--to: ");
  ExpectComplaint({"quirks", "extra"}, "quirks: unexpected argument 'extra'");
  ExpectComplaint({"calls", "extra"}, "calls: unexpected argument 'extra'");
}

TEST_F(PolluxTest, ConvertToAPlaceThatIsNone) {
  ExpectComplaint({"convert", "--o=/nonexistent/x", File("good.ep", kGood)},
                  "/nonexistent/x: cannot write");
}

// --- The other commands

TEST_F(PolluxTest, HelpOnEachCommand) {
  const Result help = Pollux({"help"});
  EXPECT_EQ(help.exit_code, 0);
  int commands = 0;
  for (std::string_view line : absl::StrSplit(help.out, '\n')) {
    if (!absl::StartsWith(line, "  pollux ")) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    const std::string& name = words[1];
    if (name == "help" || absl::StrContains(line, ".ep")) continue;
    const Result result = Pollux({"help", name});
    EXPECT_EQ(result.exit_code, 0) << line;
    EXPECT_THAT(result.out, StartsWith("pollux ")) << line;
    EXPECT_EQ(Pollux({name, "--help"}).out, result.out) << line;
    ++commands;
  }
  EXPECT_GE(commands, 4);
}

TEST_F(PolluxTest, HelpIsNeverWrongAndFitsATerminal) {
  for (const char* name : {"run", "quirks", "calls", "convert"}) {
    for (std::string_view line :
         absl::StrSplit(Pollux({"help", name}).out, '\n')) {
      EXPECT_LE(line.size(), 100u) << line;
    }
  }
}

TEST_F(PolluxTest, QuirksListsAll) {
  const Result result = Pollux({"quirks"});
  EXPECT_EQ(result.exit_code, 0);
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_THAT(result.out, HasSubstr(std::string(quirk.name)));
  }
}

// --- Profiles

constexpr char kEventfdOf61[] = R"(# A long write is taken until 6.8.
e0 = eventfd2(0, EFD_NONBLOCK)
write(e0, 16) = 8
)";

TEST_F(PolluxTest, AnOldLinuxIsModelled) {
  const std::string file = File("old.ep", kEventfdOf61);
  const Result old = Pollux({"run", "--model", "--profile=6.1", file});
  EXPECT_EQ(old.exit_code, 0) << old.out << old.err;
  const Result today = Pollux({"run", "--model", "--profile=6.18", file});
  EXPECT_EQ(today.exit_code, 1);
  EXPECT_THAT(today.out, HasSubstr("model and reference agree, but not"));
  const Result mutant = Pollux({"run", "--model", "--profile=6.18",
                                "--quirk=eventfd-long-write-ok", file});
  EXPECT_EQ(mutant.exit_code, 1);
  EXPECT_THAT(mutant.out, HasSubstr("DIVERGENCE"));
}

TEST_F(PolluxTest, AnOldLinuxDivergesFromAnother) {
  // One of them is not this machine's.
  const std::string file = File("old.ep", kEventfdOf61);
  const int before = Pollux({"run", "--profile=6.8", file}).exit_code;
  const int since = Pollux({"run", "--profile=6.9", file}).exit_code;
  EXPECT_EQ(before + since, before == 0 ? 1 : 2) << before << since;
}

TEST_F(PolluxTest, WrongProfilesAreTwo) {
  const std::string good = File("good.ep", kGood);
  ExpectComplaint({"run", "--profile=2.4.20", good},
                  "--profile: the oldest Linux known is 2.6.38");
  ExpectComplaint({"run", "--profile=solaris", good},
                  "--profile: 'solaris' is no version of Linux");
  ExpectComplaint({"diff-profiles", "5.1"}, "diff-profiles: give two versions");
  ExpectComplaint({"diff-profiles", "5.1", "6"}, "diff-profiles: '6' is no");
  ExpectComplaint({"profiles", "5.1"}, "profiles: unexpected argument '5.1'");
  ExpectComplaint({"doctor", "me"}, "doctor: unexpected argument 'me'");
}

TEST_F(PolluxTest, ProfilesIsATable) {
  const Result result = Pollux({"profiles"});
  EXPECT_EQ(result.exit_code, 0);
  for (LinuxVersion version : kNamedVersions) {
    EXPECT_THAT(result.out, HasSubstr(VersionText(version)));
  }
  for (const QuirkInfo& quirk : AllQuirks()) {
    EXPECT_EQ(absl::StrContains(result.out, absl::StrCat(quirk.name, " ")),
              quirk.until != kNever)
        << quirk.name;
  }
  EXPECT_THAT(Pollux({"profiles", "--json"}).out, StartsWith("{\n"));
}

TEST_F(PolluxTest, DiffProfilesShowsAProgramForEachQuirk) {
  const Result result = Pollux({"diff-profiles", "6.12", "6.18"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("# wait-checks-size-first ("));
  EXPECT_THAT(result.out, HasSubstr("quirks told apart in"));
  const Result none = Pollux({"diff-profiles", "6.18", "7.2"});
  EXPECT_EQ(none.exit_code, 0);
  EXPECT_THAT(none.out, HasSubstr("0 of 0 quirks"));
}

TEST_F(PolluxTest, DiffProfilesListsWhatItDidNotFind) {
  const Result result =
      Pollux({"diff-profiles", "--seconds=0", "2.6.38", "6.18"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("NOT FOUND: no-path-limits: "));
}

TEST_F(PolluxTest, MutantsScoresPrograms) {
  const Result result = Pollux({"mutants", File("old.ep", kEventfdOf61)});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("old.ep:3: write(e0, 16) (outcome)"));
  EXPECT_THAT(result.out, HasSubstr("no-rdhup"));
  EXPECT_THAT(result.out, HasSubstr(absl::StrCat("1 programs kill 1 of ",
                                                 kQuirkCount, " mutants")));
  ExpectComplaint({"mutants", folder_ / "nothing.ep"},
                  absl::StrCat((folder_ / "nothing.ep").string(), ": cannot"));
}

TEST_F(PolluxTest, DoctorTellsProbes) {
  const Result result = Pollux({"doctor"});
  EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1);
  EXPECT_THAT(result.out, HasSubstr("userfaultfd"));
  EXPECT_THAT(result.out, HasSubstr("pipe-edge-only-when-empty"));
  EXPECT_THAT(result.out, Not(HasSubstr("NEITHER")));
}

TEST_F(PolluxTest, CallsListsAll) {
  const Result result = Pollux({"calls"});
  EXPECT_EQ(result.exit_code, 0);
  for (const CallInfo& call : AllCalls()) {
    EXPECT_THAT(result.out, HasSubstr(absl::StrCat(call.name, "(")));
  }
}

TEST_F(PolluxTest, ConvertThereAndBack) {
  const std::string wire = folder_ / "wire";
  const std::string text = folder_ / "back.ep";
  EXPECT_EQ(Pollux({"convert", "--o", wire, File("good.ep", kGood)}).exit_code,
            0);
  EXPECT_EQ(Pollux({"convert", "--o", text, wire}).exit_code, 0);
  EXPECT_THAT(Slurp(text), StartsWith("e0 = eventfd2(1, EFD_NONBLOCK)\n"));
  const std::string again = folder_ / "again";
  EXPECT_EQ(Pollux({"convert", "--o", again, text}).exit_code, 0);
  EXPECT_EQ(Slurp(again), Slurp(wire));
}

// Every program of calls, in whatever bytes, converts to what it was.
TEST_F(PolluxTest, WireWithoutControlBytesIsStillWire) {
  // epoll_create1 with opcode byte 'R' of no call and a length of 33: all of
  // the bytes can be printed.
  const std::string wire = File("printable", "R!" + std::string(33, 'a'));
  const Result result = Pollux({"run", wire});
  EXPECT_NE(result.exit_code, 128 + 6) << "crashed";
}

// --- corpus stats, doors

TEST_F(PolluxTest, CorpusStatsCountsCallsAndErrnos) {
  const std::string file = File("one.ep", absl::StrCat(kGood, "close(-1)\n"));
  const Result result = Pollux({"corpus", "stats", file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("1 programs, 6 calls, 1 events\n"));
  EXPECT_THAT(result.out,
              HasSubstr("epoll_wait                 2  33.3% 100.0%"));
  EXPECT_THAT(result.out,
              HasSubstr("close                      1  16.7%   0.0%  "
                        "EBADF 100.0%"));
  EXPECT_THAT(result.out, HasSubstr("[eventfd]"));
}

TEST_F(PolluxTest, CorpusStatsOfGeneratedProgramsRepeat) {
  const std::vector<std::string> args = {"corpus", "stats", "--generate=2000",
                                         "--seed=7", "--json"};
  const Result once = Pollux(args);
  EXPECT_EQ(once.exit_code, 0) << once.err;
  EXPECT_THAT(once.out, HasSubstr("\"programs\": 2000"));
  // Every call is made.
  EXPECT_THAT(once.out, Not(HasSubstr("\"count\": 0,")));
  EXPECT_EQ(Pollux(args).out, once.out);
  EXPECT_NE(
      Pollux({"corpus", "stats", "--generate=2000", "--seed=8", "--json"}).out,
      once.out);
}

TEST_F(PolluxTest, CorpusStatsWantsToKnowOfWhat) {
  ExpectComplaint({"corpus"}, "corpus: what is to be done?");
  ExpectComplaint({"corpus", "stats"}, "corpus stats: of which DIR");
  ExpectComplaint({"corpus", "stats", File("bad.ep", "nonsense\n")}, "");
}

TEST_F(PolluxTest, ADoorIsOneOfTwo) {
  const std::string file = File("good.ep", kGood);
  ExpectComplaint({"run", "--door=window", file}, "--door: 'syscalls' or");
  const Result result = Pollux({"run", "--door=io_uring", file});
  if (result.exit_code == 3) {
    EXPECT_THAT(result.err, HasSubstr("cannot run here: io_uring"));
  } else {
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
}

}  // namespace
}  // namespace pollux
