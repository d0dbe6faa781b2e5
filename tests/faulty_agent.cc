// An agent that misbehaves on purpose, for tests of those who use agents.
//
//   faulty_agent [--die-on=CALL] [--hang-on=CALL] [--babble-on=CALL]
//                [--lie-on=CALL]
//
// What answers is the reference, so that nothing depends on this machine.

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "diff/agent.h"
#include "diff/reference.h"

namespace pollux {
namespace {

struct Faults {
  std::string_view die, hang, babble, lie;
};

class FaultySubject final : public Subject {
 public:
  explicit FaultySubject(const Faults& faults) : faults_(faults) {}

  void Begin() override { reference_.Begin(); }
  void End() override { reference_.End(); }

  int64_t Execute(Op op, const Args& args, Outcome* outcome) override {
    const std::string_view name = Describe(op).name;
    if (name == faults_.die) {
      fprintf(stderr, "dying in %s\n", name.data());
      _exit(7);
    }
    while (name == faults_.hang) pause();
    if (name == faults_.babble) {
      static constexpr char kBabble[] = "Plx1\3\4\0\0\0junkxxxx\nbabble";
      for (;;) {
        [[maybe_unused]] ssize_t n = write(1, kBabble, sizeof(kBabble));
      }
    }
    const int64_t result = reference_.Execute(op, args, outcome);
    return name == faults_.lie ? result + 1 : result;
  }
  int Poll(std::span<PollQuery> queries) override {
    return reference_.Poll(queries);
  }
  int Fdinfo(int epfd, std::vector<InterestLine>* lines) override {
    return reference_.Fdinfo(epfd, lines);
  }

 private:
  const Faults faults_;
  Reference reference_{Profile(), Machine()};
};

void WriteAll(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(1, bytes.data(), bytes.size());
    if (n <= 0) _exit(1);
    bytes = bytes.subspan(n);
  }
}

int Main(int argc, char** argv) {
  Faults faults;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const auto take = [&](std::string_view flag, std::string_view* value) {
      if (arg.starts_with(flag)) *value = arg.substr(flag.size());
    };
    take("--die-on=", &faults.die);
    take("--hang-on=", &faults.hang);
    take("--babble-on=", &faults.babble);
    take("--lie-on=", &faults.lie);
  }
  FaultySubject subject(faults);
  Agent agent(&subject, WriteAll);
  agent.Greet({.system = "Linux",
               .release = "6.18.0-test",
               .arch = "none",
               .can_freeze = true,
               .missing = {},
               .machine = Machine()});
  uint8_t chunk[4096];
  for (;;) {
    const ssize_t n = read(0, chunk, sizeof(chunk));
    if (n <= 0 || !agent.Feed({chunk, static_cast<size_t>(n)})) return 0;
  }
}

}  // namespace
}  // namespace pollux

int main(int argc, char** argv) { return pollux::Main(argc, argv); }
