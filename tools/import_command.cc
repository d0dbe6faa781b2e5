// pollux import: a program from the log of a real one.

#include <stdio.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/text_format.h"
#include "tools/command.h"
#include "tools/strace_import.h"

namespace pollux {
namespace {

// What became of the log, one comment line a fact.
std::string Summary(const StraceLog& log, const ImportResult& result) {
  std::string text = absl::StrCat(
      result.imported, " calls of the log, and ", result.made_up,
      " made up: what peers outside of the log must have done, and what forks "
      "and exits do to descriptors\n");
  if (result.peer_bytes > 0) {
    absl::StrAppend(&text, "left out: when peers outside of the log read the ",
                    result.peer_bytes, " bytes that they were sent\n");
  }
  for (const auto& [name, count] : result.left_out) {
    absl::StrAppend(&text, "left out: ", count, " of ", name, "\n");
  }
  if (result.elsewhere > 0) {
    absl::StrAppend(&text, "left out: ", result.elsewhere,
                    " calls on other files\n");
  }
  if (result.beyond > 0) {
    absl::StrAppend(&text, "left out: ", result.beyond,
                    " calls behind the most that a program holds\n");
  }
  if (log.bad_lines > 0) {
    absl::StrAppend(&text, "not understood: ", log.bad_lines,
                    " lines, the first is line ", log.first_bad_line, "\n");
  }
  return text;
}

std::string AsComment(std::string_view text) {
  std::string comment = "# Made by pollux import.\n#\n";
  while (!text.empty()) {
    const size_t end = text.find('\n');
    absl::StrAppend(&comment, "# ", text.substr(0, end), "\n");
    text.remove_prefix(end + 1);
  }
  return comment;
}

int Import(const std::vector<std::string>& args) {
  if (args.size() != 1) {
    Complain("import: give one LOG. See pollux help import.");
    return kExitBadInput;
  }
  const absl::StatusOr<std::string> text = ReadFile(args[0]);
  if (!text.ok()) {
    Complain(text.status().message());
    return kExitBadInput;
  }
  const StraceLog log = ParseStraceLog(*text);
  const ImportResult result = ImportStrace(log);
  const std::string summary = Summary(log, result);
  fprintf(stderr, "%s", summary.c_str());
  if (result.imported == 0) {
    Complain(absl::StrCat(args[0],
                          ": holds no call on a file that programs can have; "
                          "was it written by strace -f -o LOG PROGRAM?"));
    return kExitBadInput;
  }
  return WriteOutput(
             absl::StrCat(AsComment(summary), PrintText(result.program)))
             ? kExitSame
             : kExitBadInput;
}

}  // namespace

const Command kImportCommand = {
    .name = "import",
    .synopsis = "pollux import [--o=OUT] LOG",
    .summary = "make a program of what a real one did, by its strace log",
    .help =
        R"(LOG is what strace -f -o LOG PROGRAM wrote. Every file of PROGRAM that an epoll
can watch becomes one of the program that is written, and so do the calls on it:

  strace -f -o server.log ./server
  pollux import server.log -o server.ep
  pollux run server.ep

A program is complete in itself. What peers outside of the log did is made up
from what was seen of it, before the wait that told of it: someone who connects
for a connection that was accepted, a send of as many bytes as were read, a close
for an end of file. All descriptors are non-blocking, waits do not sleep, and
several processes become one, in the order in which their calls returned.

What the log does not tell and what programs cannot express is left out and
counted, on stderr and in the file. Outcomes are not taken over: `pollux run`
compares the host with the reference, not with the log.

Exit code: 0 written; 2 LOG or an argument is bad.)",
    .run = Import,
};

}  // namespace pollux
