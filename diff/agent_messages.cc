// Messages between an agent and those who use it, as payloads of frames.
//
//   hello    = version calls-hash system release arch can-freeze
//              count { opcode }                 (* calls that are missing *)
//              count { number } ;               (* core/machine.h, in order *)
//   run      = id eager program looks ;
//   program  = string ;                         (* wire_format.cc *)
//   looks    = "0" | "1" { look } ;             (* one a call *)
//   look     = count { fd } count { epfd } ;    (* to poll; interest lists *)
//   steps    = id done fault { step } ;
//   step     = flags result                     (* only what the flags name: *)
//              [ fd ] [ fd ] [ revents ] [ value ] [ count { event data } ]
//              { revents } { count { tfd events data } } ;  (* as asked *)
//   complaint = text ;
//
// All numbers are LEB128; result and tfd are in zigzag; a string is its length
// and its bytes. The agent speaks first: until then its line may be a terminal
// that changes what it is sent. Runs are answered in their order, each by steps
// of which the last is `done`; one that has a fault has no steps beyond it. An
// eager run is answered call by call.

#include "diff/agent_messages.h"

#include "diff/varint.h"
#include "diff/wire_format.h"

namespace pollux {
namespace {

enum StepFlags : uint64_t {
  kBlockedFlag = 1,
  kFirstFd = 2,
  kSecondFd = 4,
  kRevents = 8,
  kValue = 16,
  kEvents = 32,
};

// Calls `visit` with every setting of the machine.
template <typename MachineT, typename Visit>
void ForEachSetting(MachineT& machine, Visit visit) {
  visit(machine.page_size);
  visit(machine.pipe_buffers);
  visit(machine.fifos);
  visit(machine.unix_sndbuf);
  visit(machine.wmem_max);
  visit(machine.unix_max_dgram_qlen);
  visit(machine.max_user_watches);
  visit(machine.keeps_epollwakeup);
  visit(machine.timerfd_set_ticks);
  visit(machine.processes);
  visit(machine.private_folder);
  visit(machine.inotifies);
  visit(machine.mqueues);
  visit(machine.io_uring);
  visit(machine.perf_event);
  visit(machine.userfaultfd);
  visit(machine.memfd_secret);
  visit(machine.max_fds);
}

void PutLook(const Witness& look, std::vector<uint8_t>* bytes) {
  PutVarint(look.polls.size(), bytes);
  for (const PollQuery& query : look.polls) PutVarint(query.fd, bytes);
  PutVarint(look.used, bytes);
  for (const Interest& interest : look.interests()) {
    PutVarint(interest.epfd, bytes);
  }
}

bool TakeLook(ByteReader& reader, Witness* look) {
  look->Clear();
  constexpr size_t kMost = Program::kMaxSlots;
  for (size_t n = reader.Count(kMost); n > 0; --n) {
    look->AddPoll(static_cast<int>(reader.Count(kMost)));
  }
  for (size_t n = reader.Count(kMost); n > 0; --n) {
    look->AddInterest(static_cast<int>(reader.Count(kMost)));
  }
  return reader.ok();
}

void PutWitness(const Witness& witness, std::vector<uint8_t>* bytes) {
  for (const PollQuery& query : witness.polls) PutVarint(query.revents, bytes);
  for (const Interest& interest : witness.interests()) {
    PutVarint(interest.lines.size(), bytes);
    for (const InterestLine& line : interest.lines) {
      PutVarint(ToZigzag(line.tfd), bytes);
      PutVarint(line.events, bytes);
      PutVarint(line.data, bytes);
    }
  }
}

bool TakeWitness(ByteReader& reader, Witness* witness) {
  for (PollQuery& query : witness->polls) {
    query.revents = static_cast<uint32_t>(reader.Number());
  }
  for (Interest& interest : witness->interests()) {
    interest.lines.clear();
    for (size_t n = reader.Count(Program::kMaxCalls); n > 0; --n) {
      InterestLine line;
      line.tfd = static_cast<int>(reader.Signed());
      line.events = static_cast<uint32_t>(reader.Number());
      line.data = reader.Number();
      interest.lines.push_back(line);
    }
  }
  return reader.ok();
}

bool TakeOutcome(ByteReader& reader, Outcome* outcome) {
  outcome->Clear();
  const uint64_t flags = reader.Number();
  outcome->result = reader.Signed();
  outcome->blocked = flags & kBlockedFlag;
  const auto fd = [&] { return static_cast<int32_t>(reader.Count(INT32_MAX)); };
  if (flags & kFirstFd) outcome->fds[0] = fd();
  if (flags & kSecondFd) outcome->fds[1] = fd();
  if (flags & kRevents) {
    outcome->revents = static_cast<uint32_t>(reader.Number());
  }
  outcome->has_value = flags & kValue;
  if (flags & kValue) outcome->value = reader.Number();
  if (flags & kEvents) {
    for (size_t n = reader.Count(Program::kMaxCalls); n > 0; --n) {
      Event event;
      event.events = static_cast<uint32_t>(reader.Number());
      event.data = reader.Number();
      outcome->events.push_back(event);
    }
  }
  return reader.ok();
}

void PutOutcome(const Outcome& outcome, std::vector<uint8_t>* bytes) {
  uint64_t flags = 0;
  if (outcome.blocked) flags |= kBlockedFlag;
  if (outcome.fds[0] >= 0) flags |= kFirstFd;
  if (outcome.fds[1] >= 0) flags |= kSecondFd;
  if (outcome.revents != 0) flags |= kRevents;
  if (outcome.has_value) flags |= kValue;
  if (!outcome.events.empty()) flags |= kEvents;
  PutVarint(flags, bytes);
  PutVarint(ToZigzag(outcome.result), bytes);
  if (flags & kFirstFd) PutVarint(outcome.fds[0], bytes);
  if (flags & kSecondFd) PutVarint(outcome.fds[1], bytes);
  if (flags & kRevents) PutVarint(outcome.revents, bytes);
  if (flags & kValue) PutVarint(outcome.value, bytes);
  if (!(flags & kEvents)) return;
  PutVarint(outcome.events.size(), bytes);
  for (const Event& event : outcome.events) {
    PutVarint(event.events, bytes);
    PutVarint(event.data, bytes);
  }
}

bool TakeStepsHead(ByteReader& reader, StepsMessage* head) {
  head->id = reader.Number();
  head->done = reader.Number() != 0;
  const size_t last = static_cast<size_t>(Fault::kProtocol);
  head->fault = static_cast<Fault>(reader.Count(last));
  return reader.ok();
}

}  // namespace

uint64_t HashOfCalls() {
  uint64_t hash = 14695981039346656037u;
  const auto add = [&](uint64_t value) {
    hash = (hash ^ value) * 1099511628211u;
  };
  for (const CallInfo& call : AllCalls()) {
    add(call.opcode);
    for (char c : call.name) add(static_cast<uint8_t>(c));
    for (const ArgInfo& arg : call) {
      add(static_cast<uint64_t>(arg.kind));
      add(static_cast<uint64_t>(arg.min));
      add(static_cast<uint64_t>(arg.max));
    }
  }
  return hash;
}

void EncodeHello(const Hello& hello, std::vector<uint8_t>* bytes) {
  PutVarint(Hello::kVersion, bytes);
  PutVarint(HashOfCalls(), bytes);
  PutString(hello.system, bytes);
  PutString(hello.release, bytes);
  PutString(hello.arch, bytes);
  PutVarint(hello.can_freeze, bytes);
  PutVarint(hello.missing.count(), bytes);
  for (const CallInfo& call : AllCalls()) {
    const bool missing = hello.missing[static_cast<size_t>(call.op)];
    if (missing) PutVarint(call.opcode, bytes);
  }
  size_t settings = 0;
  ForEachSetting(hello.machine, [&](const auto&) { ++settings; });
  PutVarint(settings, bytes);
  ForEachSetting(hello.machine,
                 [&](const auto& setting) { PutVarint(setting, bytes); });
}

bool DecodeHello(std::span<const uint8_t> bytes, Hello* hello) {
  ByteReader reader(bytes);
  const uint64_t version = reader.Number();
  const uint64_t calls = reader.Number();
  if (version != Hello::kVersion || calls != HashOfCalls()) return false;
  hello->system = reader.String();
  hello->release = reader.String();
  hello->arch = reader.String();
  hello->can_freeze = reader.Number() != 0;
  for (size_t n = reader.Count(kOpCount); n > 0; --n) {
    const auto op = OpOfOpcode(static_cast<uint8_t>(reader.Count(255)));
    hello->missing.set(static_cast<size_t>(op));
  }
  size_t settings = 0;
  ForEachSetting(hello->machine, [&](auto&) { ++settings; });
  if (reader.Number() != settings) return false;
  ForEachSetting(hello->machine, [&](auto& setting) {
    setting = static_cast<std::remove_reference_t<decltype(setting)>>(
        reader.Number());
  });
  return reader.done();
}

void EncodeRun(const RunMessage& run, std::vector<uint8_t>* bytes) {
  PutVarint(run.id, bytes);
  PutVarint(run.eager, bytes);
  std::vector<uint8_t> program;
  EncodeWire(run.script.program, &program);
  PutBytes(program, bytes);
  PutVarint(!run.script.looks.empty(), bytes);
  for (const Witness& look : run.script.looks) PutLook(look, bytes);
}

bool DecodeRun(std::span<const uint8_t> bytes, RunMessage* run) {
  ByteReader reader(bytes);
  run->id = reader.Number();
  run->eager = reader.Number() != 0;
  DecodeWire(reader.Bytes(), &run->script.program);
  const size_t calls = run->script.program.calls.size();
  run->script.looks.resize(reader.Number() != 0 ? calls : 0);
  for (Witness& look : run->script.looks) {
    if (!TakeLook(reader, &look)) return false;
  }
  return reader.done();
}

void EncodeStepsHead(const StepsMessage& head, std::vector<uint8_t>* bytes) {
  PutVarint(head.id, bytes);
  PutVarint(head.done, bytes);
  PutVarint(static_cast<uint64_t>(head.fault), bytes);
}

void EncodeStep(const Step& step, std::vector<uint8_t>* bytes) {
  PutOutcome(step.outcome, bytes);
  PutWitness(step.witness, bytes);
}

bool DecodeStepsHead(std::span<const uint8_t> bytes, StepsMessage* head) {
  ByteReader reader(bytes);
  return TakeStepsHead(reader, head);
}

bool DecodeSteps(std::span<const uint8_t> bytes, const Script& script,
                 StepsMessage* head, std::vector<Step>* steps) {
  ByteReader reader(bytes);
  if (!TakeStepsHead(reader, head)) return false;
  while (!reader.done()) {
    const size_t call = steps->size();
    if (call == script.program.calls.size()) return false;
    Step& step = steps->emplace_back();
    if (!script.looks.empty()) step.witness = script.looks[call];
    if (!TakeOutcome(reader, &step.outcome) ||
        !TakeWitness(reader, &step.witness)) {
      return false;
    }
  }
  return true;
}

}  // namespace pollux
