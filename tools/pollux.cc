// pollux: tells where an epoll differs from Linux.

#include <stdio.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/command.h"

namespace pollux {
namespace {

constexpr const Command* kCommands[] = {
    &kRunCommand,     &kMinimizeCommand, &kExplainCommand, &kExportCommand,
    &kTriageCommand,  &kReportCommand,   &kQuirksCommand,  &kCallsCommand,
    &kConvertCommand, &kImportCommand,   &kCorpusCommand};

constexpr std::string_view kIntroduction =
    R"(Pollux tells exactly where an epoll differs from Linux. It runs programs of
system calls on a real epoll and on a reference implementation, in lock-step,
and compares every returned event, mask, data word, order and errno.

)";

constexpr std::string_view kFirstSteps =
    R"(
First steps:
  pollux run corpus/edge/write_again.ep    what a program does, as a trace
  pollux run --quirk=level-not-requeued corpus/level/*.ep
                                           what a bug looks like
  pollux help run                          the language of programs
)";

void PrintHelp() {
  absl::PrintF("%s", kIntroduction);
  for (const Command* command : kCommands) {
    absl::PrintF("  pollux %-9s %s\n", command->name, command->summary);
  }
  absl::PrintF("  pollux %-9s %s\n", "help", "explain a command");
  absl::PrintF("%s", kFirstSteps);
}

const Command* FindCommand(std::string_view name) {
  for (const Command* command : kCommands) {
    if (command->name == name) return command;
  }
  return nullptr;
}

int Help(const std::vector<std::string>& args) {
  const Command* command = args.empty() ? nullptr : FindCommand(args[0]);
  if (!args.empty() && command == nullptr) {
    Complain(absl::StrCat("there is no command '", args[0], "'"));
    return kExitBadInput;
  }
  if (command == nullptr) {
    PrintHelp();
  } else {
    absl::PrintF("%s\n\n%s\n", command->synopsis, command->help);
  }
  return kExitSame;
}

// Sets the flag that args[i] names; may take args[i + 1] as its value. False,
// with a complaint, if that cannot be.
bool SetFlag(const std::vector<std::string>& args, size_t& i) {
  std::string_view text = args[i];
  text.remove_prefix(absl::StartsWith(text, "--") ? 2 : 1);
  const size_t equals = text.find('=');
  std::string_view name = text.substr(0, equals);
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  const bool negated = flag == nullptr && absl::StartsWith(name, "no");
  if (negated) flag = absl::FindCommandLineFlag(name.substr(2));
  if (flag == nullptr || (negated && !flag->IsOfType<bool>())) {
    Complain(absl::StrCat("there is no flag '", args[i], "'"));
    return false;
  }
  std::string value;
  if (equals != std::string_view::npos) {
    value = std::string(text.substr(equals + 1));
  } else if (flag->IsOfType<bool>()) {
    value = negated ? "false" : "true";
  } else if (i + 1 < args.size()) {
    value = args[++i];
  } else {
    Complain(absl::StrCat("the flag --", name, " needs a value"));
    return false;
  }
  std::string error;
  if (flag->ParseFrom(value, &error)) return true;
  Complain(absl::StrCat("--", name, "=", value, ": ", error));
  return false;
}

int Main(const std::vector<std::string>& args) {
  std::vector<std::string> positional;
  bool help = false;
  bool flags_end = false;
  for (size_t i = 0; i < args.size(); ++i) {
    if (flags_end || args[i].size() < 2 || args[i][0] != '-') {
      positional.push_back(args[i]);
    } else if (args[i] == "--") {
      flags_end = true;
    } else if (args[i] == "--help" || args[i] == "-h") {
      help = true;
    } else if (!SetFlag(args, i)) {
      return kExitBadInput;
    }
  }
  if (positional.empty() && !help) {
    PrintHelp();
    return kExitBadInput;
  }
  if (help) return Help(positional);
  const std::string name = positional[0];
  positional.erase(positional.begin());
  if (name == "help") return Help(positional);
  const Command* command = FindCommand(name);
  if (command == nullptr) {
    Complain(absl::StrCat("there is no command '", name,
                          "'; `pollux help` lists them"));
    return kExitBadInput;
  }
  return command->run(positional);
}

}  // namespace
}  // namespace pollux

int main(int argc, char** argv) {
  return pollux::Main(std::vector<std::string>(argv + 1, argv + argc));
}
