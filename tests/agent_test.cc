// Agents: frames, messages, and what meets them: nonsense.

#include "diff/agent.h"

#include <random>
#include <string>
#include <vector>

#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes BytesOf(std::string_view text) { return {text.begin(), text.end()}; }

struct Frame {
  FrameType type;
  std::string payload;
  bool operator==(const Frame&) const = default;
};

std::vector<Frame> FramesIn(FrameReader& reader) {
  std::vector<Frame> frames;
  FrameType type;
  std::span<const uint8_t> payload;
  while (reader.Next(&type, &payload)) {
    frames.push_back({type, std::string(payload.begin(), payload.end())});
  }
  return frames;
}

// --- Frames

TEST(FrameTest, FramesComeBackHoweverTheyAreCut) {
  Bytes stream;
  PutFrame(FrameType::kRun, BytesOf("one"), &stream);
  PutFrame(FrameType::kBye, {}, &stream);
  PutFrame(FrameType::kSteps, BytesOf(std::string(70000, 'x')), &stream);
  for (size_t chunk : {1, 2, 7, 1000, 100000}) {
    FrameReader reader;
    std::vector<Frame> frames;
    for (size_t at = 0; at < stream.size(); at += chunk) {
      const size_t size = std::min(chunk, stream.size() - at);
      reader.Append(std::span(stream).subspan(at, size));
      for (Frame& frame : FramesIn(reader)) frames.push_back(std::move(frame));
    }
    EXPECT_EQ(frames, (std::vector<Frame>{
                          {FrameType::kRun, "one"},
                          {FrameType::kBye, ""},
                          {FrameType::kSteps, std::string(70000, 'x')}}))
        << chunk;
    EXPECT_EQ(reader.skipped(), 0u);
  }
}

TEST(FrameTest, NoiseIsSkippedAndKept) {
  Bytes stream = BytesOf("a kernel boots\nPlPlx");
  PutFrame(FrameType::kRun, BytesOf("one"), &stream);
  const Bytes more = BytesOf("Plx1?");
  stream.insert(stream.end(), more.begin(), more.end());
  PutFrame(FrameType::kBye, {}, &stream);
  FrameReader reader;
  reader.Append(stream);
  EXPECT_EQ(FramesIn(reader).size(), 2u);
  EXPECT_EQ(reader.noise(), "a kernel boots\nPlPlxPlx1?");
  EXPECT_EQ(reader.skipped(), 25u);
}

TEST(FrameTest, AFrameWithAWrongByteIsNone) {
  Bytes good;
  PutFrame(FrameType::kRun, BytesOf("one"), &good);
  for (size_t i = 0; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 0x21;
    PutFrame(FrameType::kBye, {}, &bad);
    // A length that became large waits for more.
    bad.resize(bad.size() + kMaxPayload + 64);
    FrameReader reader;
    reader.Append(bad);
    EXPECT_EQ(FramesIn(reader), (std::vector<Frame>{{FrameType::kBye, ""}}))
        << i;
  }
}

// --- The agent

class AgentTest : public testing::Test {
 protected:
  Bytes RunFrame(const Program& program, uint64_t id, bool eager = false) {
    Bytes payload;
    EncodeRun({id, eager, {program, {}}}, &payload);
    Bytes frame;
    PutFrame(FrameType::kRun, payload, &frame);
    return frame;
  }

  Reference reference_{Profile(), Machine()};
  Bytes sent_;
  int flushes_ = 0;
  Agent agent_{&reference_, [this](std::span<const uint8_t> bytes) {
                 sent_.insert(sent_.end(), bytes.begin(), bytes.end());
                 ++flushes_;
               }};
};

TEST_F(AgentTest, AnswersEveryCall) {
  const Program program = MustParse(R"(
e0 = eventfd2(7, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=5})
epoll_wait(ep0, [...], 8, 0)
read(e0, 8)
)")
                              .program;
  EXPECT_TRUE(agent_.Feed(RunFrame(program, 42)));
  FrameReader reader;
  reader.Append(sent_);
  std::vector<Step> steps;
  StepsMessage head;
  for (const Frame& frame : FramesIn(reader)) {
    ASSERT_EQ(frame.type, FrameType::kSteps);
    ASSERT_TRUE(
        DecodeSteps(BytesOf(frame.payload), {program, {}}, &head, &steps));
    EXPECT_EQ(head.id, 42u);
  }
  EXPECT_TRUE(head.done);
  ASSERT_EQ(steps.size(), 5u);
  EXPECT_EQ(steps[3].outcome.events, (std::vector<Event>{{1, 5}}));
  EXPECT_EQ(steps[4].outcome.value, 7u);
  EXPECT_EQ(flushes_, 1);
}

TEST_F(AgentTest, AnEagerRunTellsOfEachCallAtOnce) {
  const Program program =
      MustParse("ep0 = epoll_create1(0)\nd0 = dup(ep0)\n").program;
  agent_.Feed(RunFrame(program, 1, /*eager=*/true));
  EXPECT_EQ(flushes_, 3);
}

TEST_F(AgentTest, SaysWhatItDoesNotUnderstand) {
  Bytes frame;
  PutFrame(FrameType::kRun, BytesOf("\xff"), &frame);
  PutFrame(FrameType::kSteps, {}, &frame);
  EXPECT_TRUE(agent_.Feed(frame));
  FrameReader reader;
  reader.Append(sent_);
  const std::vector<Frame> frames = FramesIn(reader);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].type, FrameType::kComplaint);
  EXPECT_EQ(frames[1].type, FrameType::kComplaint);
}

TEST_F(AgentTest, LeavesAtGoodbye) {
  Bytes frame;
  PutFrame(FrameType::kBye, {}, &frame);
  EXPECT_FALSE(agent_.Feed(frame));
}

// Ten million bytes, most of them inside frames whose checksum is right, so
// that they get as far as a stranger's bytes can.
TEST_F(AgentTest, OutlivesNonsense) {
  std::mt19937_64 random(1);
  size_t fed = 0;
  Bytes bytes;
  while (fed < 10'000'000) {
    bytes.resize(random() % 400);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    if (random() % 8 != 0) {
      Bytes frame;
      const auto type = static_cast<FrameType>(1 + random() % 4);
      PutFrame(type, bytes, &frame);
      bytes = frame;
    }
    if (random() % 8 == 0) {
      const Bytes good = RunFrame(RandomProgram(random, {}), fed);
      bytes.insert(bytes.end(), good.begin(), good.end());
      bytes[random() % bytes.size()] ^= 1 << random() % 8;
    }
    ASSERT_TRUE(agent_.Feed(bytes));
    fed += bytes.size();
    sent_.clear();
  }
  // It still works, once it has enough for a frame that claims to be long.
  bytes.assign(1 << 20, 0);
  for (size_t n = 0; n <= kMaxPayload; n += bytes.size()) agent_.Feed(bytes);
  sent_.clear();
  agent_.Feed(RunFrame(MustParse("ep0 = epoll_create1(0)\n").program, 9));
  EXPECT_FALSE(sent_.empty());
}

TEST(MessagesTest, DecodersOutliveNonsense) {
  std::mt19937_64 random(2);
  int understood = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes;
    Script script{RandomProgram(random, {}), {}};
    script.looks.resize(script.program.calls.size());
    for (Witness& look : script.looks) look.AddPoll(0), look.AddInterest(1);
    EncodeRun({1, false, script}, &bytes);
    for (int n = random() % 4; n > 0; --n) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    RunMessage run;
    understood += DecodeRun(bytes, &run);
    StepsMessage head;
    std::vector<Step> steps;
    DecodeSteps(bytes, script, &head, &steps);
    EXPECT_LE(steps.size(), script.program.calls.size());
    Hello hello;
    EXPECT_FALSE(DecodeHello(bytes, &hello));
  }
  EXPECT_GT(understood, 1000);
}

TEST(MessagesTest, HelloComesBack) {
  Hello hello{.system = "Linux",
              .release = "5.10.0",
              .arch = "x86_64",
              .can_freeze = true,
              .missing = {},
              .machine = Machine()};
  hello.missing.set(static_cast<size_t>(Op::kEpollPwait2));
  hello.machine.pipe_buffers = 5;
  hello.machine.timerfd_set_ticks = false;
  Bytes bytes;
  EncodeHello(hello, &bytes);
  Hello again;
  ASSERT_TRUE(DecodeHello(bytes, &again));
  EXPECT_EQ(again.release, "5.10.0");
  EXPECT_TRUE(again.can_freeze);
  EXPECT_EQ(again.missing, hello.missing);
  EXPECT_EQ(again.machine.pipe_buffers, 5u);
  EXPECT_FALSE(again.machine.timerfd_set_ticks);
  EXPECT_EQ(again.machine.max_user_watches, hello.machine.max_user_watches);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeHello(std::span(bytes).first(size), &again)) << size;
  }
}

}  // namespace
}  // namespace pollux
