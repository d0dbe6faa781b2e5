// What a signature keeps of a divergence and what it forgets; explanations.

#include "diff/signature.h"

#include <errno.h>
#include <sys/epoll.h>

#include <string>

#include "diff/explainer.h"
#include "diff/investigation.h"
#include "diff/reference.h"
#include "gtest/gtest.h"
#include "tests/program_testing.h"

namespace pollux {
namespace {

constexpr char kEventfd[] = R"(
e0 = eventfd2(1, EFD_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, e0, {events=EPOLLIN, data=7})
epoll_wait(ep0, [...], 8, 0)
)";

Outcome Delivers(std::vector<Event> events) {
  Outcome outcome;
  outcome.result = static_cast<int64_t>(events.size());
  outcome.events = std::move(events);
  return outcome;
}

Outcome Returns(int64_t result) {
  Outcome outcome;
  outcome.result = result;
  return outcome;
}

// The signature of a difference in the last call of `text`.
std::string SignatureOf(std::string_view text, const Outcome& observed,
                        const Outcome& expected,
                        const std::vector<Quirk>& quirks = {}) {
  const Program program = MustParse(text).program;
  Divergence divergence;
  divergence.call = program.calls.size() - 1;
  divergence.observed = observed;
  divergence.expected = expected;
  return Signature(SymptomOf(program, divergence), quirks);
}

TEST(SignatureTest, EventsMissingExtraAndInOrder) {
  const Event in{EPOLLIN, 7};
  const Event other{EPOLLOUT, 9};
  EXPECT_EQ(SignatureOf(kEventfd, Delivers({}), Delivers({in})),
            "new.wake-up.epoll_wait.missing-in.eventfd");
  EXPECT_EQ(SignatureOf(kEventfd, Delivers({in}), Delivers({})),
            "new.ready-list.epoll_wait.extra-in.eventfd");
  EXPECT_EQ(SignatureOf(kEventfd, Delivers({in, other}), Delivers({other, in})),
            "new.ready-list.epoll_wait.order.eventfd");
  EXPECT_EQ(SignatureOf(kEventfd, Delivers({other}), Delivers({in})),
            "new.ready-list.epoll_wait.other-in.eventfd");
}

TEST(SignatureTest, MasksAreComparedByBits) {
  EXPECT_EQ(SignatureOf(kEventfd, Delivers({{EPOLLIN | EPOLLHUP, 7}}),
                        Delivers({{EPOLLIN | EPOLLOUT, 7}})),
            "new.poll-mask.epoll_wait.mask-out+hup.eventfd");
}

TEST(SignatureTest, ErrorsByName) {
  EXPECT_EQ(SignatureOf(kEventfd, Returns(-EBADF), Returns(-EINVAL)),
            "new.errno.epoll_wait.ebadf-not-einval.epoll");
  EXPECT_EQ(SignatureOf(kEventfd, Returns(-EINTR), Delivers({})),
            "new.errno.epoll_wait.eintr-not-ok.epoll");
}

TEST(SignatureTest, DataWordsNamesAndPositionsDoNotCount) {
  constexpr char kSame[] = R"(
first = pipe2(O_NONBLOCK)
counter = eventfd2(5, EFD_NONBLOCK|EFD_CLOEXEC)
watcher = epoll_create1(EPOLL_CLOEXEC)
epoll_ctl(watcher, EPOLL_CTL_ADD, counter, {events=EPOLLIN|EPOLLET, data=99})
epoll_wait(watcher, [...], 3, 0)
)";
  EXPECT_EQ(SignatureOf(kSame, Delivers({}), Delivers({{EPOLLIN, 99}})),
            SignatureOf(kEventfd, Delivers({}), Delivers({{EPOLLIN, 7}})));
}

TEST(SignatureTest, DuplicatesAreOfTheirFile) {
  constexpr char kDup[] = R"(
p0 = pipe2(O_NONBLOCK)
d0 = dup(p0.r)
read(d0, 1)
)";
  EXPECT_EQ(SignatureOf(kDup, Returns(1), Returns(-EAGAIN)),
            "new.errno.read.ok-not-eagain.pipe");
}

TEST(SignatureTest, WithACauseTheLooksDoNotCount) {
  const std::vector<Quirk> quirks = {Quirk::kEdgeAsLevel};
  EXPECT_EQ(
      SignatureOf(kEventfd, Delivers({{EPOLLIN, 7}}), Delivers({}), quirks),
      "edge-as-level.epoll_wait");
}

TEST(SignatureTest, OnlyFileNamesAreSignatures) {
  EXPECT_TRUE(IsSignature("new.wake-up.epoll_wait.mask+in-out.pipe"));
  EXPECT_FALSE(IsSignature(""));
  EXPECT_FALSE(IsSignature("../etc"));
  EXPECT_FALSE(IsSignature("a/b"));
  EXPECT_FALSE(IsSignature("a b"));
}

// --- Explanations ------------------------------------------------------------

constexpr char kSecondWrite[] = R"(
p0 = pipe2(O_NONBLOCK)
ep0 = epoll_create1(0)
epoll_ctl(ep0, EPOLL_CTL_ADD, p0.r, {events=EPOLLIN|EPOLLET, data=0})
write(p0.w, 1)
epoll_wait(ep0, [...], 1, 0)
write(p0.w, 1)
epoll_wait(ep0, [...], 1, 0)
)";

Profile With(std::initializer_list<Quirk> quirks) {
  Profile profile;
  for (Quirk quirk : quirks) profile.Enable(quirk);
  return profile;
}

std::string ExplanationOf(std::string_view text, const Profile& subject_profile,
                          const Profile& profile, int largest = 2) {
  const Program program = MustParse(text).program;
  Reference subject(subject_profile, Machine());
  Investigator investigator(&subject, profile, Machine());
  const std::optional<Finding> finding = investigator.Look(program);
  if (!finding) return "no divergence";
  const Explanation explanation =
      Explain(program, finding->divergence, finding->recording, profile,
              Machine(), largest);
  return PrintExplanation(program, finding->divergence, explanation,
                          "the host");
}

TEST(ExplainerTest, NamesTheLinuxThatBehavesSo) {
  const std::string text = ExplanationOf(
      kSecondWrite, With({Quirk::kPipeEdgeOnlyWhenEmpty}), Profile());
  EXPECT_NE(text.find("behaves like Linux 5.5 to before 5.14 here:"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("`pipe-edge-only-when-empty`, changed in pipe_write."),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("pipe_write"), std::string::npos) << text;
}

TEST(ExplainerTest, QuirksOfTheProfileAreSwitchedOff) {
  const std::string text = ExplanationOf(kSecondWrite, Profile(),
                                         With({Quirk::kPipeEdgeOnlyWhenEmpty}));
  EXPECT_NE(text.find("as if without `pipe-edge-only-when-empty`"),
            std::string::npos)
      << text;
}

// One quirk lets the first wait miss its event, another the second.
TEST(ExplainerTest, TwoQuirksMayBeNeeded) {
  constexpr char kTwo[] = R"(
sock0 = socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0)
write(sock0.a, 1)
close(sock0.b)
poll([{fd=sock0.a, events=POLLRDHUP|POLLERR}], 1, 0)
)";
  const Program program = MustParse(kTwo).program;
  Reference subject(With({Quirk::kNoRdhup, Quirk::kUnixNoReset}), Machine());
  Investigator investigator(&subject, Profile(), Machine(),
                            {.witnesses = false});
  const std::optional<Finding> finding = investigator.Look(program);
  ASSERT_TRUE(finding);
  EXPECT_TRUE(finding->explanation.empty());
  EXPECT_EQ(finding->signature.substr(0, 4), "new.");
  const Explanation explanation =
      Explain(program, finding->divergence, finding->recording, Profile(),
              Machine(), 2);
  ASSERT_EQ(explanation.sets.size(), 1u);
  EXPECT_EQ(explanation.best(),
            (std::vector<Quirk>{Quirk::kNoRdhup, Quirk::kUnixNoReset}));
}

// A subject on another machine: no quirk can explain that.
TEST(ExplainerTest, WhatIsNewIsCalledNew) {
  const Program program =
      MustParse("p0 = pipe2(O_NONBLOCK)\nwrite(p0.w, 65536)\n").program;
  Machine small;
  small.pipe_buffers = 1;
  Reference subject(Profile(), small);
  Investigator investigator(&subject, Profile(), Machine());
  const std::optional<Finding> finding = investigator.Look(program);
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->signature, "new.file-state.write.less.pipe");
  EXPECT_NE(
      PrintExplanation(program, finding->divergence, finding->explanation, "it")
          .find("No known quirk explains this: new behaviour."),
      std::string::npos);
}

TEST(ExplainerTest, VersionsThatDiffer) {
  const Program program = MustParse(kSecondWrite).program;
  const std::vector<VersionSpan> spans = SpansOf(program, Machine());
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(SpanText(spans[0]), "Linux before 5.5");
  EXPECT_EQ(SpanText(spans[1]), "Linux 5.5 to before 5.14");
  EXPECT_EQ(SpanText(spans[2]), "Linux since 5.14");
  EXPECT_NE(PrintSpans(program, spans).find("call 7: "), std::string::npos);
  const Program same = MustParse("ep0 = epoll_create1(0)\n").program;
  EXPECT_EQ(SpansOf(same, Machine()).size(), 1u);
}

}  // namespace
}  // namespace pollux
