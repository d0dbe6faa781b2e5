// Random programs and the judge of their form.

#include "tests/program_testing.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace pollux {
namespace {

// Draws calls from the call table by weight, and arguments by kind.
class Generator {
 public:
  Generator(std::mt19937_64& random, const RandomProgramOptions& options)
      : random_(random), options_(options) {}

  Program Run() {
    Program program;
    ProgramBuilder builder(&program);
    for (int i = 0; i < options_.calls; ++i) {
      const Call call = RandomCall();
      if (!builder.Append(call)) break;
      Note(call);
    }
    builder.Finish();
    return program;
  }

 private:
  int64_t Below(int64_t n) { return static_cast<int64_t>(random_() % n); }
  bool Percent(int percent) { return Below(100) < percent; }

  // Nearly every program starts with an epoll.
  Op RandomOp() {
    if (slots_.empty() && Percent(95)) return Op::kEpollCreate1;
    int total = 0;
    for (const CallInfo& call : AllCalls()) total += Weight(call);
    int64_t at = Below(total);
    for (const CallInfo& call : AllCalls()) {
      at -= Weight(call);
      if (at < 0) return call.op;
    }
    return Op{};
  }

  void Note(const Call& call) {
    Op maker = call.op;
    const int64_t first = call.args[0];
    if (call.op == Op::kClose && first >= 0) slots_[first].open = false;
    if (call.op == Op::kDup && first >= 0) maker = slots_[first].maker;
    if (call.op == Op::kDup2 && first >= 0 && call.args[1] >= 0) {
      slots_[call.args[1]].maker = slots_[first].maker;
    }
    for (int i = 0; i < Describe(call.op).slots_made(); ++i) {
      slots_.push_back({maker});
    }
  }

  int Weight(const CallInfo& call) const {
    if (call.op == Op::kFreeze && !options_.freeze) return 0;
    if (call.op == Op::kThaw) return 1;
    // Few files, much used.
    const bool maker = call.makes != Makes::kNothing;
    return maker && slots_.size() > 6 ? call.weight / 6 : 2 * call.weight;
  }

  // Mostly an open slot of a kind that the argument is for.
  int64_t RandomSlot(Op user, const ArgInfo& arg) {
    if (slots_.empty() || Percent(1)) return kNoFd;
    std::vector<int64_t> fitting;
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].open && Fits(user, arg, i)) fitting.push_back(i);
    }
    if (fitting.empty() || Percent(5)) return Below(slots_.size());
    return fitting[Below(fitting.size())];
  }

  bool Fits(Op user, const ArgInfo& arg, int64_t slot) {
    const Op maker = slots_[slot].maker;
    const std::string_view prefix = Describe(maker).prefix;
    const bool epoll = prefix == "ep";
    const bool by_prefix = arg.kind == ArgKind::kFd && !arg.suits.empty() &&
                           arg.suits != kReadable && arg.suits != kWritable;
    if (by_prefix) return SuitsPrefix(arg, prefix);
    if (user == Op::kEpollCtl) return !epoll || Percent(20);
    return !epoll || (user != Op::kRead && user != Op::kWrite);
  }

  Call RandomCall() {
    Call call{RandomOp(), {}};
    int at = 0;
    for (const ArgInfo& arg : Describe(call.op)) {
      Fill(call.op, arg, &call.args[at]);
      at += WordsOf(arg.kind);
    }
    const bool makes_socket =
        call.op == Op::kSocketpair || call.op == Op::kSocket;
    if (makes_socket && !Percent(5)) {
      call.args = {AF_UNIX, Type(), 0};
    }
    if (call.op == Op::kEpollCtl && Percent(95)) {
      constexpr int64_t kOps[] = {EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_ADD,
                                  EPOLL_CTL_MOD, EPOLL_CTL_DEL};
      call.args[1] = kOps[Below(std::size(kOps))];
    }
    const bool waits = call.op == Op::kEpollWait || call.op == Op::kEpollPwait;
    if (waits && !Percent(options_.sleeps_percent)) call.args[3] = 0;
    return call;
  }

  void Fill(Op op, const ArgInfo& arg, int64_t* words) {
    constexpr int64_t kNumbers[] = {1, 2, 4, 8, 8, 8, 8, 8, 8, 4096, 70000};
    switch (arg.kind) {
      case ArgKind::kFd:
        words[0] = RandomSlot(op, arg);
        break;
      case ArgKind::kPollFd:
        words[0] = RandomSlot(op, arg);
        words[1] = Below(1 << 16);
        break;
      case ArgKind::kInt:
        words[0] = Percent(2)   ? static_cast<int64_t>(random_())
                   : Percent(5) ? Below(10)
                                : kNumbers[Below(std::size(kNumbers))];
        break;
      case ArgKind::kFlags:
      case ArgKind::kEnum:
        words[0] = RandomSymbols(*arg.symbols);
        break;
      case ArgKind::kEventPointer:
        words[0] = Percent(3) ? Below(kOddPointer + 1) : kGoodPointer;
        words[1] = RandomMask();
        words[2] = Below(1000);
        break;
      case ArgKind::kBuffer:
      case ArgKind::kSigmask:
      case ArgKind::kPlace:
        words[0] = Percent(2)   ? Below(kPartialPointer + 3)
                   : Percent(2) ? kCutPointer + Below(3)
                                : kGoodPointer;
        break;
      case ArgKind::kTimespec:
        words[0] = Percent(1) ? kUnmappedPointer : kGoodPointer;
        words[1] = Percent(2) ? -Below(3) : 0;
        words[2] = Below(3) - 1;
        break;
      case ArgKind::kValueIn:
        words[0] = Percent(90) ? Below(3) : -Below(4);
        break;
      case ArgKind::kLiteral:
      case ArgKind::kValueOut:
      case ArgKind::kNumberOut:
        break;
    }
  }

  int64_t Type() {
    constexpr int64_t kTypes[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM,
                                  SOCK_SEQPACKET};
    return kTypes[Below(std::size(kTypes))] | SOCK_NONBLOCK;
  }

  int64_t RandomSymbols(const SymbolTable& symbols) {
    if (Percent(1)) return static_cast<uint32_t>(random_());
    if (Percent(70)) return 0;
    return symbols.first[Below(symbols.count)].value;
  }

  uint32_t RandomMask() {
    uint32_t mask = Percent(80) ? EPOLLIN : 0u;
    if (Percent(40)) mask |= EPOLLOUT;
    if (Percent(20)) mask |= EPOLLRDHUP;
    if (Percent(40)) mask |= EPOLLET;
    if (Percent(15)) mask |= EPOLLONESHOT;
    if (Percent(3)) mask |= EPOLLEXCLUSIVE;
    if (Percent(3)) mask ^= static_cast<uint32_t>(random_());
    return mask;
  }

  std::mt19937_64& random_;
  const RandomProgramOptions options_;
  struct Slot {
    Op maker;  // of a dup: that of what it is a dup of
    bool open = true;
  };
  std::vector<Slot> slots_;
};

// The first fault of a program.
class FormJudge {
 public:
  std::string Run(const Program& program) {
    if (program.calls.size() > Program::kMaxCalls) return "too many calls";
    for (const Call& call : program.calls) {
      std::string fault = FaultOf(call);
      if (!fault.empty()) return absl::StrCat(Describe(call.op).name, fault);
    }
    if (frozen_) return "a scan is frozen at the end";
    if (slots_ > Program::kMaxSlots) return "too many slots";
    return "";
  }

 private:
  std::string FaultOf(const Call& call) {
    const CallInfo& info = Describe(call.op);
    int at = 0;
    for (const ArgInfo& arg : info) {
      if (!WordsGood(arg, &call.args[at])) {
        return absl::StrCat(": bad argument ", arg.name);
      }
      at += WordsOf(arg.kind);
    }
    for (; at < Call::kMaxWords; ++at) {
      if (call.args[at] != 0) return ": an unused word is not 0";
    }
    if (call.op == Op::kThaw) {
      if (!frozen_) return ": nothing is frozen";
      frozen_ = false;
    } else if (frozen_ &&
               (holds_ || info.while_frozen == WhileFrozen::kThaws)) {
      return " while a scan is frozen";
    }
    holds_ |= call.op == Op::kFork || call.op == Op::kSendFd;
    if (call.op == Op::kFreeze) frozen_ = true;
    slots_ += info.slots_made();
    return "";
  }

  // A pointer to nowhere, which therefore has no content.
  static bool BadPointerGood(const int64_t* words) {
    const bool nowhere =
        (words[0] > kGoodPointer && words[0] <= kKernelPointer) ||
        words[0] == kHalfPointer;
    return nowhere && words[1] == 0 && words[2] == 0;
  }

  bool SlotGood(int64_t word) const { return word >= -1 && word < slots_; }

  bool WordsGood(const ArgInfo& arg, const int64_t* words) const {
    switch (arg.kind) {
      case ArgKind::kFd:
        return SlotGood(words[0]);
      case ArgKind::kPollFd:
        return SlotGood(words[0]) && words[1] == (words[1] & 0xffff);
      case ArgKind::kInt:
      case ArgKind::kEnum:
        return Admissible(arg, words[0]) == words[0];
      case ArgKind::kFlags:
        return (words[0] & arg.min) == arg.min &&
               (words[0] & ~(arg.min | arg.max)) == 0;
      case ArgKind::kEventPointer:
        if (!IsGood(words[0])) return BadPointerGood(words);
        return words[1] == (words[1] & 0xffffffff);
      case ArgKind::kTimespec:
        return words[0] == kGoodPointer || BadPointerGood(words);
      case ArgKind::kSigmask:
      case ArgKind::kPlace:
        return words[0] >= kGoodPointer && words[0] <= kKernelPointer;
      case ArgKind::kBuffer:
        return (words[0] >= kGoodPointer && words[0] <= kReadOnlyPointer) ||
               words[0] == kOddPointer ||
               (words[0] >= kPartialPointer &&
                words[0] < kPartialPointer + kMostPartialSlots) ||
               (words[0] >= kCutPointer &&
                words[0] < kCutPointer + kMostPartialSlots);
      default:
        return true;
    }
  }

  int slots_ = 0;
  bool frozen_ = false;
  bool holds_ = false;
};

}  // namespace

Program RandomProgram(std::mt19937_64& random, RandomProgramOptions options) {
  return Generator(random, options).Run();
}

std::string FaultIn(const Program& program) { return FormJudge().Run(program); }

Trace MustParse(std::string_view text) {
  absl::StatusOr<Trace> trace = ParseText(text);
  EXPECT_TRUE(trace.ok()) << trace.status().message() << "\n" << text;
  return trace.ok() ? *std::move(trace) : Trace{};
}

std::string ToString(const Outcome& outcome) {
  if (outcome.blocked) return "blocked";
  std::string text = absl::StrCat(outcome.result);
  for (int fd : outcome.fds) {
    if (fd >= 0) absl::StrAppend(&text, " fd=", fd);
  }
  if (outcome.has_value) absl::StrAppend(&text, " value=", outcome.value);
  if (outcome.revents != 0) {
    absl::StrAppend(&text, " revents=0x", absl::Hex(outcome.revents));
  }
  for (const Event& event : outcome.events) {
    absl::StrAppend(&text, " ", PrintEvent(event));
  }
  if (outcome.cut != 0) {
    absl::StrAppend(&text, " cut=0x", absl::Hex(outcome.cut));
  }
  return text;
}

}  // namespace pollux
