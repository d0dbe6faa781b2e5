// The wire format: what is encoded comes back, every byte string is a
// well-formed program, and small edits are small.

#include "diff/wire_format.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

using Bytes = std::vector<uint8_t>;

Program Decode(const Bytes& bytes) {
  Program program;
  DecodeWire(bytes, &program);
  return program;
}

Bytes Encode(const Program& program) {
  Bytes bytes;
  EncodeWire(program, &bytes);
  return bytes;
}

Bytes RandomBytes(std::mt19937_64& random, size_t size) {
  Bytes bytes(size);
  for (uint8_t& byte : bytes) {
    // Small ones are opcodes and lengths more often.
    byte = static_cast<uint8_t>(random() >> (random() % 2 ? 0 : 60));
  }
  return bytes;
}

TEST(WireFormatTest, EmptyIsEmpty) {
  EXPECT_TRUE(Decode({}).calls.empty());
  EXPECT_TRUE(Encode({}).empty());
}

TEST(WireFormatTest, OpcodesAreUniqueAndFixed) {
  std::set<int> opcodes;
  for (const CallInfo& call : AllCalls()) {
    EXPECT_TRUE(opcodes.insert(call.opcode).second) << call.name;
    EXPECT_EQ(OpOfOpcode(call.opcode), call.op);
  }
  // Stored corpora depend on these.
  EXPECT_EQ(Describe(Op::kEpollCtl).opcode, 3);
  EXPECT_EQ(Describe(Op::kThaw).opcode, 16);
}

TEST(WireFormatTest, BytesOfAKnownProgram) {
  const Program program = MustParse(
                              "p0 = pipe2(O_NONBLOCK)\n"
                              "write(p0.w, 3)\nclose(-1)\n")
                              .program;
  // 2048 in zigzag is 4096; slot 1 is 2; value=1 is 2; -1 is nothing at all.
  EXPECT_EQ(Encode(program), (Bytes{11, 2, 0x80, 0x20, 10, 3, 2, 6, 2, 6, 0}));
}

TEST(WireFormatTest, RandomProgramsComeBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 5000; ++i) {
    const Program program =
        RandomProgram(random, {.calls = 50, .sleeps_percent = 50});
    ASSERT_EQ(FaultIn(program), "");
    ASSERT_EQ(Decode(Encode(program)), program) << PrintText(program);
  }
}

TEST(WireFormatTest, ExtremeWordsComeBack) {
  Program program = MustParse(R"(
ep0 = epoll_create1(EPOLL_CLOEXEC|0x80000000)
epoll_ctl(ep0, -2147483648, -1, {events=0xffffffff, data=0xffffffffffffffff})
epoll_ctl(ep0, 2147483647, ep0, {events=0, data=0x8000000000000000})
epoll_ctl(ep0, EPOLL_CTL_ADD, ep0, NULL)
epoll_wait(ep0, NULL, -2147483648, 100)
epoll_wait(ep0, [...], 2147483647, -1)
write(ep0, 262144, value=0x7fffffffffffffff)
write(ep0, 0, value=0x8000000000000000)
write(ep0, 0, value=0)
poll([{fd=-1, events=0xffff}], 1, 0)
)")
                        .program;
  EXPECT_EQ(FaultIn(program), "");
  EXPECT_EQ(Decode(Encode(program)), program);
}

TEST(WireFormatTest, AnyBytesAreAWellFormedProgram) {
  std::mt19937_64 random(2);
  size_t calls = 0;
  for (int i = 0; i < 20000; ++i) {
    const Bytes bytes = RandomBytes(random, random() % 400);
    const Program program = Decode(bytes);
    ASSERT_EQ(FaultIn(program), "") << PrintText(program);
    calls += program.calls.size();
  }
  EXPECT_GT(calls, 50000u);
}

TEST(WireFormatTest, WhatAnyBytesMeanComesBack) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 5000; ++i) {
    const Program program = Decode(RandomBytes(random, random() % 400));
    ASSERT_EQ(Decode(Encode(program)), program) << PrintText(program);
  }
}

TEST(WireFormatTest, LongInputStaysWithinBounds) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 50; ++i) {
    const Program program = Decode(RandomBytes(random, 100000));
    ASSERT_EQ(FaultIn(program), "");
  }
}

// The largest programs, in which every place counts.
TEST(WireFormatTest, FullProgramsComeBack) {
  const Bytes ep = {2, 0};
  const Bytes close = {6, 0};
  const Bytes freeze = {15, 0};
  for (int filler = 1015; filler <= 1024; ++filler) {
    for (const Bytes& last : {close, freeze}) {
      Bytes bytes = ep;
      for (int i = 0; i < filler; ++i) {
        bytes.insert(bytes.end(), close.begin(), close.end());
      }
      bytes.insert(bytes.end(), freeze.begin(), freeze.end());
      bytes.insert(bytes.end(), last.begin(), last.end());
      const Program program = Decode(bytes);
      ASSERT_EQ(FaultIn(program), "");
      EXPECT_EQ(Decode(Encode(program)).calls.size(), program.calls.size())
          << filler << " calls, then freeze and "
          << Describe(program.calls.back().op).name;
    }
  }
}

TEST(WireFormatTest, SlotsAreBounded) {
  Bytes bytes;
  for (int i = 0; i < 500; ++i) bytes.insert(bytes.end(), {11, 0});
  EXPECT_EQ(CountSlots(Decode(bytes)), Program::kMaxSlots);
}

TEST(WireFormatTest, AFrozenScanIsThawedBeforeWhatWouldWait) {
  const Program program = Decode({2, 0, 15, 1, 1, 2, 0, 6, 1, 1, 15, 1, 1});
  std::vector<Op> ops;
  for (const Call& call : program.calls) ops.push_back(call.op);
  EXPECT_EQ(ops,
            (std::vector<Op>{Op::kEpollCreate1, Op::kFreeze, Op::kEpollCreate1,
                             Op::kThaw, Op::kClose, Op::kFreeze, Op::kThaw}));
}

TEST(WireFormatTest, AThawOfNothingIsDropped) {
  EXPECT_TRUE(Decode({16, 0}).calls.empty());
}

TEST(WireFormatTest, MissingWordsAreZeroAndSurplusBytesAreSkipped) {
  EXPECT_EQ(Decode({9, 3, 1, 16, 0}), Decode({9, 2, 1, 16}));
  EXPECT_EQ(Decode({9, 5, 1, 16, 77, 77, 77, 6, 0}), Decode({9, 2, 1, 16, 6}));
  EXPECT_EQ(Decode({9, 200, 1, 16}), Decode({9, 2, 1, 16}));
  EXPECT_EQ(Decode({9}), Decode({9, 0}));
}

TEST(WireFormatTest, DecodeForgetsWhatWasThere) {
  Program program = MustParse("pipe = pipe2(O_NONBLOCK)\n").program;
  DecodeWire(Bytes{2, 0}, &program);
  EXPECT_EQ(program.calls.size(), 1u);
  EXPECT_TRUE(program.names.empty());
}

// --- Small edits

enum class Part { kOpcode, kLength, kWord };

std::vector<Part> PartsOf(const Bytes& bytes) {
  std::vector<Part> parts;
  while (parts.size() < bytes.size()) {
    const size_t length = bytes[parts.size() + 1];
    parts.push_back(Part::kOpcode);
    parts.push_back(Part::kLength);
    parts.insert(parts.end(), length, Part::kWord);
  }
  return parts;
}

size_t CallsThatDiffer(const Program& a, const Program& b) {
  size_t differ = 0;
  for (size_t i = 0; i < a.calls.size(); ++i)
    differ += a.calls[i] != b.calls[i];
  return differ;
}

TEST(WireFormatTest, AnEditedWordChangesOneCall) {
  std::mt19937_64 random(5);
  int edits = 0;
  for (int i = 0; i < 3000; ++i) {
    const Program program = RandomProgram(random, {.calls = 20});
    Bytes bytes = Encode(program);
    const size_t at = random() % bytes.size();
    if (PartsOf(bytes)[at] != Part::kWord) continue;
    bytes[at] ^= 1 << random() % 8;
    const Program edited = Decode(bytes);
    ASSERT_EQ(edited.calls.size(), program.calls.size());
    ASSERT_LE(CallsThatDiffer(program, edited), 1u)
        << PrintText(program) << "\n"
        << PrintText(edited);
    ++edits;
  }
  EXPECT_GT(edits, 1000);
}

// Unless it makes another number of slots, or is about freezing.
TEST(WireFormatTest, AnEditedOpcodeChangesOneCall) {
  std::mt19937_64 random(6);
  int edits = 0;
  for (int i = 0; i < 5000; ++i) {
    const Program program =
        RandomProgram(random, {.calls = 20, .freeze = false});
    Bytes bytes = Encode(program);
    const size_t at = random() % bytes.size();
    if (PartsOf(bytes)[at] != Part::kOpcode) continue;
    const Op old_op = OpOfOpcode(bytes[at]);
    bytes[at] = static_cast<uint8_t>(random());
    const Op new_op = OpOfOpcode(bytes[at]);
    if (new_op == Op::kFreeze || new_op == Op::kThaw) continue;
    if (Describe(old_op).slots_made() != Describe(new_op).slots_made()) {
      continue;
    }
    const Program edited = Decode(bytes);
    ASSERT_EQ(edited.calls.size(), program.calls.size());
    ASSERT_LE(CallsThatDiffer(program, edited), 1u);
    ++edits;
  }
  EXPECT_GT(edits, 100);
}

// --- Text

TEST(WireFormatTest, TextAndWireSayTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 3000; ++i) {
    const Program program =
        RandomProgram(random, {.calls = 40, .sleeps_percent = 50});
    const std::string text = PrintText(program);
    const Program parsed = MustParse(text).program;
    ASSERT_EQ(parsed, program) << text;
    const Program decoded = Decode(Encode(parsed));
    ASSERT_EQ(PrintText(decoded), text);
  }
}

TEST(WireFormatTest, AnyBytesCanBeWrittenAsText) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 3000; ++i) {
    const Program program = Decode(RandomBytes(random, random() % 300));
    const std::string text = PrintText(program);
    const absl::StatusOr<Trace> parsed = ParseText(text);
    ASSERT_TRUE(parsed.ok()) << parsed.status().message() << "\n" << text;
    ASSERT_EQ(parsed->program, program) << text;
  }
}

TEST(WireFormatTest, OnlyNamesAreLost) {
  const Program named =
      MustParse("listener = eventfd2(0, EFD_NONBLOCK)\nclose(listener)\n")
          .program;
  EXPECT_EQ(PrintText(named),
            "listener = eventfd2(0, EFD_NONBLOCK)\nclose(listener)\n");
  EXPECT_EQ(PrintText(Decode(Encode(named))),
            "e0 = eventfd2(0, EFD_NONBLOCK)\nclose(e0)\n");
}

}  // namespace
}  // namespace pollux
