// The text format: round trips, every error with its place, hostile input.

#include "diff/text_format.h"

#include <errno.h>
#include <sys/epoll.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "diff/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

constexpr char kExample[] =
    R"(p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=7}) = 0
write(p0.w, 3) = 3
epoll_wait(ep0, [{events=EPOLLIN, data=7}], 8, 0) = 1
epoll_wait(ep0, [...], 8, -1) = ?
close(-1) = -1 EBADF
)";

// --- What is read

TEST(TextFormatTest, ReadsProgramsWithOutcomes) {
  const Trace trace = MustParse(kExample);
  ASSERT_EQ(trace.program.calls.size(), 7u);
  EXPECT_EQ(trace.program.calls[2],
            (Call{Op::kEpollCtl,
                  {2, EPOLL_CTL_ADD, 0, kGoodPointer, EPOLLIN | EPOLLET, 7}}));
  EXPECT_EQ(trace.lines, (std::vector<int>{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_FALSE(trace.outcomes[0]);
  EXPECT_EQ(trace.outcomes[3]->result, 3);
  EXPECT_EQ(trace.outcomes[4]->events, (std::vector<Event>{{EPOLLIN, 7}}));
  EXPECT_TRUE(trace.outcomes[5]->blocked);
  EXPECT_EQ(trace.outcomes[6]->result, -EBADF);
}

TEST(TextFormatTest, PrintsWhatItRead) {
  const Trace trace = MustParse(kExample);
  std::vector<Outcome> outcomes;
  for (const auto& outcome : trace.outcomes) {
    outcomes.push_back(outcome.value_or(Outcome()));
  }
  EXPECT_EQ(PrintTrace(trace.program, outcomes), kExample);
}

TEST(TextFormatTest, BlanksCommentsAndCrlfDoNotMatter) {
  const Trace trace = MustParse(
      "# first\r\n\r\n  \t p0=pipe2( O_NONBLOCK )# made\r\n"
      "\twrite ( p0.w , 0x3 , value = 5 ) = 3   # three\r\n"
      "epoll_wait(-1,[...],1,0)=-1 EBADF (Bad file descriptor)");
  EXPECT_EQ(trace.lines, (std::vector<int>{3, 4, 5}));
  EXPECT_EQ(trace.program.calls[1], (Call{Op::kWrite, {1, 3, 5}}));
  EXPECT_EQ(trace.outcomes[2]->result, -EBADF);
}

TEST(TextFormatTest, EmptyTextIsAnEmptyProgram) {
  for (const char* text : {"", "\n", "# nothing", "\r\n\r\n", "   "}) {
    EXPECT_TRUE(MustParse(text).program.calls.empty()) << text;
  }
}

TEST(TextFormatTest, NumbersAre64BitsEitherWay) {
  const Trace trace = MustParse(
      "epoll_ctl(-1, 1, -1, {events=0, data=18446744073709551615})\n"
      "epoll_ctl(-1, 1, -1, {events=0, data=-1})\n"
      "epoll_ctl(-1, 1, -1, {events=0, data=0xffffffffffffffff})\n"
      "epoll_ctl(-1, 1, -1, {events=0, data=-9223372036854775808})\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(trace.program.calls[i].args[5], -1);
  EXPECT_EQ(trace.program.calls[3].args[5], INT64_MIN);
}

TEST(TextFormatTest, NamesAreKept) {
  const Trace trace = MustParse(
      "wake = eventfd2(0, EFD_NONBLOCK)\nchan = pipe2(O_NONBLOCK)\n"
      "read(wake, 8)\nwrite(chan.w, 1)\n");
  EXPECT_EQ(trace.program.names, (std::vector<std::string>{"wake", "chan"}));
  EXPECT_EQ(PrintText(trace.program),
            "wake = eventfd2(0, EFD_NONBLOCK)\nchan = pipe2(O_NONBLOCK)\n"
            "read(wake, 8)\nwrite(chan.w, 1)\n");
}

TEST(TextFormatTest, SymbolsAndNumbersMix) {
  const Trace trace =
      MustParse("epoll_ctl(-1, 7, -1, {events=EPOLLIN|0x8000|2, data=0})\n");
  EXPECT_EQ(trace.program.calls[0].args[4], 0x8003);
  EXPECT_EQ(PrintText(trace.program),
            "epoll_ctl(-1, 0x7, -1, {events=EPOLLIN|EPOLLPRI|0x8000, "
            "data=0})\n");
}

TEST(TextFormatTest, OutcomesOfPollAndReadAreRead) {
  const Trace trace = MustParse(
      "e0 = eventfd2(3, EFD_NONBLOCK) = 0\n"
      "read(e0, 8, value=3) = 8\n"
      "poll([{fd=e0, events=POLLIN, revents=POLLIN|POLLOUT}], 1, 0) = 1\n"
      "poll([{fd=-1, events=POLLIN}], 1, 0) = 0\n");
  EXPECT_TRUE(trace.outcomes[1]->has_value);
  EXPECT_EQ(trace.outcomes[1]->value, 3u);
  EXPECT_EQ(trace.outcomes[2]->revents, 5u);
  EXPECT_EQ(trace.outcomes[3]->revents, 0u);
}

TEST(TextFormatTest, EveryErrnoHasItsName) {
  for (const Symbol& symbol : kErrnos) {
    const Trace trace =
        MustParse(absl::StrCat("close(-1) = -1 ", symbol.name, "\n"));
    EXPECT_EQ(trace.outcomes[0]->result, -static_cast<int64_t>(symbol.value));
  }
}

// --- Round trips

TEST(TextFormatTest, RandomProgramsComeBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 3000; ++i) {
    const Program program = RandomProgram(random, {.sleeps_percent = 50});
    const std::string text = PrintText(program);
    ASSERT_EQ(MustParse(text).program, program) << text;
    ASSERT_EQ(PrintText(MustParse(text).program), text);
  }
}

TEST(TextFormatTest, RandomTracesComeBack) {
  std::mt19937_64 random(2);
  Reference reference{Profile(), Machine()};
  Executor executor(&reference);
  for (int i = 0; i < 1000; ++i) {
    const Program program = RandomProgram(random, {.sleeps_percent = 50});
    std::vector<Outcome> outcomes(program.calls.size());
    executor.Begin();
    for (size_t c = 0; c < outcomes.size(); ++c) {
      executor.Execute(program.calls[c], &outcomes[c]);
    }
    const std::string text = PrintTrace(program, outcomes);
    const Trace trace = MustParse(text);
    ASSERT_EQ(trace.program, program) << text;
    for (size_t c = 0; c < outcomes.size(); ++c) {
      if (!trace.outcomes[c]) continue;  // a maker's success
      outcomes[c].fds = {-1, -1};        // no part of a trace
      ASSERT_EQ(ToString(*trace.outcomes[c]), ToString(outcomes[c])) << text;
    }
  }
}

// --- Errors

struct BadText {
  const char* name;
  const char* text;
  const char* error;  // how the message starts
};

const BadText kBadTexts[] = {
    {"UnknownCall", "\nfoo(1)", "2:1: unknown call 'foo'"},
    {"UnknownMaker", "x =  foo(1)", "1:6: unknown call 'foo'"},
    {"NoCall", "  (1)", "1:3: expected a call, found '('"},
    {"NoCallButANumber", "7 = close(-1)", "1:1: expected a call, found '7'"},
    {"NoCallAfterName", "x = ", "1:5: expected a call, found the end"},
    {"NoParenthesis", "close -1", "1:7: expected '(', found '-'"},
    {"NotClosed", "close(-1", "1:9: expected ')', found the end of the line"},
    {"TooManyArguments", "close(-1, 2)", "1:9: expected ')', found ','"},
    {"TooFewArguments", "dup2(-1)", "1:8: expected ',', found ')'"},
    {"NoArguments", "close()", "1:7: expected a descriptor, found ')'"},
    {"Trailing", "close(-1) x", "1:11: expected the end of the line"},
    {"TwoOnALine", "close(-1) close(-1)", "1:11: expected the end of the"},

    {"NotANumber", "epoll_create(x)", "1:14: expected a number, found 'x'"},
    {"HexWithoutDigits", "epoll_create(0x)", "1:16: expected a number"},
    {"MinusAlone", "epoll_create(-)", "1:15: expected a number, found ')'"},
    {"TooLargeFor64Bits", "epoll_create(18446744073709551616)",
     "1:14: the number does not fit into 64 bits"},
    {"TooSmallFor64Bits", "epoll_create(-9223372036854775809)",
     "1:15: the number does not fit into 64 bits"},
    {"TooLarge", "epoll_create(2147483648)",
     "1:14: expected a number from -2147483648 to 2147483647, found "
     "2147483648"},
    {"TimeoutTooLong", "epoll_wait(-1, [...], 1, 101)",
     "1:26: expected a number from -1 to 100, found 101"},
    {"Literal", "poll([{fd=-1, events=0}], 2, 0)",
     "1:27: expected a number from 1 to 1, found 2"},

    {"UnknownSymbol", "epoll_create1(EPOLLIN)",
     "1:15: unknown symbol 'EPOLLIN' here"},
    {"NoSymbol", "epoll_create1()", "1:15: expected a symbol or number"},
    {"DanglingBar", "p = pipe2(O_NONBLOCK|)",
     "1:22: expected a symbol or number, found ')'"},
    {"Blocking", "p = pipe2(0)",
     "1:11: flags must contain O_NONBLOCK: programs do not block"},
    {"NotAdmissible", "p = pipe2(O_NONBLOCK|0x40)",
     "1:11: flags cannot be 2112 in a program"},
    {"Domain", "s = socketpair(2, SOCK_STREAM|SOCK_NONBLOCK, 0)",
     "1:16: domain cannot be 2 in a program"},
    {"MaskTooWide", "epoll_ctl(-1, 1, -1, {events=0x100000000, data=0})",
     "1:30: a mask of events has 32 bits"},
    {"PollMaskTooWide", "poll([{fd=-1, events=0x10000}], 1, 0)",
     "1:22: a mask of poll has 16 bits"},

    {"NotMade", "close(p0.r)", "1:7: 'p0.r' is not made before here"},
    {"MadeLater", "close(e)\ne = epoll_create1(0)", "1:7: 'e' is not made"},
    {"OtherEnd", "p = pipe2(O_NONBLOCK)\nclose(p.a)",
     "2:7: 'p.a' is not made before here"},
    {"WhichEnd", "p = pipe2(O_NONBLOCK)\nclose(p)",
     "2:7: 'p' has two ends: say which"},
    {"NoEnd", "p = pipe2(O_NONBLOCK)\nclose(p.)",
     "2:9: expected 'r', 'w', 'a' or 'b', found ')'"},
    {"FdNumber", "close(3)", "1:7: a descriptor is a name; the only number"},
    {"DefinedTwice", "e = epoll_create1(0)\ne = epoll_create1(0)",
     "2:1: 'e' is defined twice"},
    {"NameForNothing", "x = close(-1)", "1:1: close makes nothing that could"},
    {"NameMissing", "epoll_create1(0)",
     "1:1: name what is made: ep0 = epoll_create1(...)"},

    {"EventWithoutBrace", "epoll_ctl(-1, 1, -1, 5)",
     "1:22: expected '{', found '5'"},
    {"EventWithoutData", "epoll_ctl(-1, 1, -1, {events=1})",
     "1:31: expected ',', found '}'"},
    {"EventWithoutName", "epoll_ctl(-1, 1, -1, {EPOLLIN, data=0})",
     "1:23: expected 'events', found 'E'"},
    {"BufferIsNone", "epoll_wait(-1, 5, 1, 0)", "1:16: expected '['"},
    {"BufferNotClosed", "epoll_wait(-1, [..., 1, 0)",
     "1:20: expected ']', found ','"},
    {"PollWithoutBrace", "poll([fd=-1], 1, 0)", "1:7: expected '{'"},
    {"ValueWithoutName", "write(-1, 8, 5)", "1:14: expected 'value'"},

    {"NoOutcome", "close(-1) =", "1:12: expected a number, found the end"},
    {"OutcomeBelowMinusOne", "close(-1) = -2",
     "1:13: a call returns -1 and an errno, or a value"},
    {"NoErrno", "close(-1) = -1", "1:15: expected an errno, found the end"},
    {"UnknownErrno", "close(-1) = -1 EFOO", "1:16: unknown errno 'EFOO'"},
    {"ErrnoCommentNotClosed", "close(-1) = -1 EBADF (Bad",
     "1:26: expected ')', found the end of the line"},
    {"NumberOfADescriptor", "e = epoll_create1(0) = 3",
     "1:24: the number of a descriptor is not part of a trace"},
    {"EventsDoNotMatch", "epoll_wait(-1, [{events=1, data=0}], 1, 0) = 2",
     "1:43: the call returns 2 but its buffer shows 1 events"},
    {"EventsOfAnError", "epoll_wait(-1, [{events=1, data=0}], 1, 0) = -1 EBADF",
     "1:43: the call returns -9 but its buffer shows 1 events"},
    {"EventsMissing", "epoll_wait(-1, [...], 1, 0) = 1",
     "1:28: the call returns 1 but its buffer shows 0 events"},
    {"EventsWithoutResult", "epoll_wait(-1, [{events=1, data=0}], 1, 0)",
     "1:17: this is part of an outcome: add '= result'"},
    {"ReventsWithoutResult", "poll([{fd=-1, events=1, revents=1}], 1, 0)",
     "1:24: this is part of an outcome: add '= result'"},
    {"OptionWithoutResult", "getsockopt(-1, SOL_SOCKET, SO_ERROR, [0])",
     "1:39: this is part of an outcome: add '= result'"},
    {"NoSuchOption", "setsockopt(-1, SOL_SOCKET, 13, 1)",
     "1:28: option cannot be 13 in a program"},
    {"OptionIsNoBuffer", "getsockopt(-1, SOL_SOCKET, SO_ERROR, 0)",
     "1:38: expected '[', found '0'"},
    {"AcceptBlocks", "c = accept4(-1, 0)",
     "1:17: flags must contain SOCK_NONBLOCK: programs do not block"},
    {"ValueWithoutResult", "read(-1, 8, value=1)",
     "1:12: this is part of an outcome: add '= result'"},

    {"ThawOfNothing", "thaw([...])", "1:1: nothing is frozen here"},
    {"WaitsForFrozen",
     "e = epoll_create1(0)\nfreeze(e, 1, 0)\nclose(e)\nthaw([...])",
     "3:1: close would wait for the frozen scan: thaw([...]) first"},
    {"NeverThawed", "e = epoll_create1(0)\nfreeze(e, 1, 0)\n",
     "3:1: the frozen scan is never thawed: end with thaw([...])"},

    {"UnprintableByte", "close(\x01)",
     "1:7: expected a descriptor, found byte 0x1"},
    {"HighByte", "close(-1) \xff",
     "1:11: expected the end of the line, found "
     "byte 0xff"},
};

class BadTextTest : public testing::TestWithParam<BadText> {};

TEST_P(BadTextTest, IsRejectedAtItsPlace) {
  const absl::StatusOr<Trace> trace = ParseText(GetParam().text);
  ASSERT_FALSE(trace.ok());
  EXPECT_EQ(trace.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(trace.status().message()),
              testing::StartsWith(GetParam().error));
}

TEST_P(BadTextTest, TheMessageIsOneLine) {
  const absl::StatusOr<Trace> trace = ParseText(GetParam().text);
  ASSERT_FALSE(trace.ok());
  EXPECT_FALSE(absl::StrContains(trace.status().message(), "\n"));
}

INSTANTIATE_TEST_SUITE_P(All, BadTextTest, testing::ValuesIn(kBadTexts),
                         [](const testing::TestParamInfo<BadText>& info) {
                           return info.param.name;
                         });

// --- Hostile input

// Neither crashes nor accepts what it cannot print again.
void Survives(std::string_view text) {
  const absl::StatusOr<Trace> trace = ParseText(text);
  if (!trace.ok()) return;
  EXPECT_EQ(FaultIn(trace->program), "");
  EXPECT_EQ(trace->outcomes.size(), trace->program.calls.size());
  EXPECT_EQ(trace->lines.size(), trace->program.calls.size());
  EXPECT_EQ(MustParse(PrintText(trace->program)).program, trace->program);
}

TEST(HostileTextTest, EveryPrefix) {
  const std::string text = kExample;
  for (size_t size = 0; size <= text.size(); ++size) {
    Survives(std::string_view(text).substr(0, size));
  }
}

TEST(HostileTextTest, EveryByteInEveryPlace) {
  const std::string text = kExample;
  for (size_t at = 0; at < text.size(); at += 3) {
    for (int byte = 0; byte < 256; byte += 5) {
      std::string edited = text;
      edited[at] = static_cast<char>(byte);
      Survives(edited);
    }
  }
}

TEST(HostileTextTest, RandomBytes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text(random() % 200, '\0');
    for (char& c : text) c = static_cast<char>(random());
    Survives(text);
  }
}

TEST(HostileTextTest, RandomTokens) {
  constexpr std::string_view kTokens[] = {
      "epoll_wait", "close", "p0",   ".",     "r",     "=",
      "(",          ")",     "[",    "]",     "{",     "}",
      "...",        ",",     "|",    "0",     "1",     "-",
      "0x",         "#",     "?",    "\n",    "pipe2", "O_NONBLOCK",
      "events",     "data",  "NULL", "value", " "};
  std::mt19937_64 random(2);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (int j = 0; j < 30; ++j) {
      absl::StrAppend(&text, kTokens[random() % std::size(kTokens)]);
    }
    Survives(text);
  }
}

TEST(HostileTextTest, NulBytesAreNotTheEnd) {
  using namespace std::literals;
  const absl::StatusOr<Trace> trace = ParseText("close(-1)\n\0close(-1)\n"sv);
  ASSERT_FALSE(trace.ok());
  EXPECT_THAT(std::string(trace.status().message()),
              testing::StartsWith("2:1: expected a call, found byte 0x0"));
}

TEST(HostileTextTest, VeryLongLines) {
  Survives(std::string(1 << 19, ' '));
  Survives(std::string(1 << 19, '('));
  Survives(std::string(1 << 19, 'a'));
  Survives(absl::StrCat("close(", std::string(1 << 19, '9'), ")"));
  Survives(absl::StrCat("#", std::string(1 << 19, 'x')));
  std::string bars = "epoll_create1(0";
  for (int i = 0; i < 100000; ++i) bars += "|0";
  Survives(bars + ")");
}

TEST(HostileTextTest, LongNamesAreNames) {
  const std::string name(10000, 'n');
  const Trace trace =
      MustParse(absl::StrCat(name, " = epoll_create1(0)\nclose(", name, ")\n"));
  EXPECT_EQ(trace.program.calls.size(), 2u);
}

TEST(HostileTextTest, TextsAreBounded) {
  const absl::StatusOr<Trace> trace = ParseText(std::string(2 << 20, '\n'));
  ASSERT_FALSE(trace.ok());
  EXPECT_THAT(std::string(trace.status().message()),
              testing::StartsWith("1:1: a program has at most 1048576 bytes"));
}

TEST(HostileTextTest, ProgramsAreBounded) {
  std::string calls;
  for (int i = 0; i < 2000; ++i) calls += "close(-1)\n";
  absl::StatusOr<Trace> trace = ParseText(calls);
  ASSERT_FALSE(trace.ok());
  EXPECT_THAT(std::string(trace.status().message()),
              testing::HasSubstr("a program has at most 1024 calls and 256"));

  std::string slots;
  for (int i = 0; i < 129; ++i) {
    absl::StrAppend(&slots, "p", i, " = pipe2(O_NONBLOCK)\n");
  }
  trace = ParseText(slots);
  ASSERT_FALSE(trace.ok());
  EXPECT_THAT(std::string(trace.status().message()),
              testing::StartsWith("129:8: a program has at most"));
}

}  // namespace
}  // namespace pollux
