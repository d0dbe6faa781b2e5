// pollux quirks, pollux calls, pollux files, pollux convert.

#include <stdio.h>
#include <unistd.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/file.h"
#include "core/quirks.h"
#include "diff/host.h"
#include "diff/probes.h"
#include "diff/wire_format.h"
#include "tools/command.h"

ABSL_FLAG(std::string, to, "",
          "convert: the notation to write, `text` or `wire`; by default the "
          "one that the input is not in");

namespace pollux {
namespace {

int PrintQuirks(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("quirks: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  const Profile host = HostProfile();
  for (const QuirkInfo& quirk : AllQuirks()) {
    absl::PrintF("%-28s %-14s %-20s %s%s\n", quirk.name, LayerName(quirk.layer),
                 RangeText(quirk), quirk.function,
                 host.Has(quirk.id) ? "   (on: this host)" : "");
    absl::PrintF("    %s\n", quirk.effect);
    for (const QuirkNeed& need : NeedsOf(quirk.id)) {
      absl::PrintF("    only with %s: %s\n", Describe(need.other).name,
                   need.why);
    }
  }
  absl::PrintF("%d quirks\n", AllQuirks().size());
  return kExitSame;
}

int PrintCalls(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("calls: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  for (const CallInfo& call : AllCalls()) {
    std::vector<std::string_view> names;
    for (const ArgInfo& arg : call) names.push_back(arg.name);
    std::string target;
    if (call.makes != Makes::kNothing)
      target = absl::StrCat(call.prefix, "0 = ");
    absl::PrintF("%s%s(%s)\n    %s\n", target, call.name,
                 absl::StrJoin(names, ", "), call.doc);
  }
  return kExitSame;
}

int PrintFiles(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("files: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  for (const FileTypeInfo& info : AllFileTypes()) {
    const FileOps& ops = OpsOf(info.type);
    absl::PrintF("%-16s since %d.%-3d %-11s %s\n", ops.name, info.since / 1000,
                 info.since % 1000,
                 info.timing == Timing::kSync ? "synchronous" : "settled",
                 ops.poll == nullptr ? "cannot be watched" : "");
    absl::PrintF("    %s\n    made by %s\n", info.model,
                 absl::StrReplaceAll(info.makers, {{" ", ", "}}));
  }
  for (const UnmodelledFileType& type : AllUnmodelledFileTypes()) {
    absl::PrintF("%s: not modelled (%s)\n", type.name, type.reason);
  }
  absl::PrintF("%d types, %d not modelled\n", AllFileTypes().size(),
               AllUnmodelledFileTypes().size());
  return kExitSame;
}

int Convert(const std::vector<std::string>& args) {
  const std::string to = absl::GetFlag(FLAGS_to);
  if (args.size() != 1) {
    Complain("convert: give one FILE. See pollux help convert.");
    return kExitBadInput;
  }
  if (to != "" && to != "text" && to != "wire") {
    Complain(absl::StrCat("--to: 'text' or 'wire', not '", to, "'"));
    return kExitBadInput;
  }
  absl::StatusOr<Trace> trace = LoadProgram(args[0]);
  if (!trace.ok()) {
    Complain(trace.status().message());
    return kExitBadInput;
  }
  const bool from_text = !trace->lines.empty();
  std::string content;
  if (to == "wire" || (to == "" && from_text)) {
    std::vector<uint8_t> bytes;
    EncodeWire(trace->program, &bytes);
    content.assign(bytes.begin(), bytes.end());
  } else {
    content = PrintText(trace->program);
  }
  return WriteOutput(content) ? kExitSame : kExitBadInput;
}

}  // namespace

const Command kQuirksCommand = {
    .name = "quirks",
    .synopsis = "pollux quirks",
    .summary = "list the points at which epolls are known to differ",
    .help =
        R"(A quirk is one named point at which behaviours differ: between Linux
versions (then it has a range), or between Linux and a bug that emulations
have (then it is "never in Linux"). `pollux run --quirk=NAME FILE` switches
one on. `only with` names what must be on, too, for the quirk to show at all.)",
    .run = PrintQuirks,
};

const Command kCallsCommand = {
    .name = "calls",
    .synopsis = "pollux calls",
    .summary = "list the calls that a program can make",
    .help =
        R"(One entry a call: how it is written in a text program, and what it does.
A maker gives its descriptors names: p0 = pipe2(...) makes p0.r and p0.w,
sock0 = socketpair(...) makes sock0.a and sock0.b, e0 = eventfd2(...) makes e0.
Any other name will do, too.)",
    .run = PrintCalls,
};

const Command kFilesCommand = {
    .name = "files",
    .synopsis = "pollux files",
    .summary = "list the types of files, and how far they are modelled",
    .help =
        R"(One entry a type of file: the first Linux whose behaviour the reference has
(with that version's profile), whether what a call does is done when it returns
or the host must settle first, what is modelled, and the calls that make one.)",
    .run = PrintFiles,
};

const Command kConvertCommand = {
    .name = "convert",
    .synopsis = "pollux convert [--to=text|wire] [--o=OUT] FILE",
    .summary = "convert a program between text and wire bytes",
    .help =
        R"(Text is for people, wire bytes are for fuzzers. Outcomes, comments and an
author's names exist in text only; all else survives both ways.)",
    .run = Convert,
};

}  // namespace pollux
