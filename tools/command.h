// The commands of `pollux` and what they share.

#ifndef POLLUX_TOOLS_COMMAND_H_
#define POLLUX_TOOLS_COMMAND_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "diff/text_format.h"

namespace pollux {

// The exit codes of every command.
enum ExitCode {
  kExitSame = 0,        // no difference
  kExitDivergence = 1,  // at least one
  kExitBadInput = 2,    // a file or an argument is wrong
  kExitCannotRun = 3,   // not on this machine
};

struct Command {
  std::string_view name;
  std::string_view synopsis;  // "pollux run [flags] FILE..."
  std::string_view summary;   // one line
  std::string_view help;      // what `pollux help NAME` prints below
  // Gets the arguments that are no flags. Returns the exit code.
  int (*run)(const std::vector<std::string>& args);
};

extern const Command kRunCommand;
extern const Command kQuirksCommand;
extern const Command kCallsCommand;
extern const Command kConvertCommand;
extern const Command kMinimizeCommand;
extern const Command kExplainCommand;
extern const Command kExportCommand;
extern const Command kTriageCommand;
extern const Command kReportCommand;
extern const Command kImportCommand;
extern const Command kCorpusCommand;

// Prints "pollux: MESSAGE" to stderr.
void Complain(std::string_view message);

// The program in `path`: text if it ends in .ep or reads as text, else wire.
// "-" is the standard input. An error names file, line and column.
absl::StatusOr<Trace> LoadProgram(const std::string& path);

// Reads the file whole.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes the file whole, or not at all.
absl::Status WriteFile(const std::string& path, std::string_view content);

// Writes to the file of --o, or to the standard output. False, with a
// complaint, if that cannot be.
bool WriteOutput(std::string_view content);

}  // namespace pollux

#endif  // POLLUX_TOOLS_COMMAND_H_
