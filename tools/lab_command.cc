// pollux lab: other kernels.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/command.h"
#include "tools/lab/lab.h"

namespace pollux {
namespace {

int List() {
  for (const LabSubject& subject : AllLabSubjects()) {
    absl::PrintF("%-12s %-9s %s (%s of %s)\n", subject.name,
                 IsFetched(subject) ? "fetched" : "-", subject.summary,
                 subject.packages, subject.suite);
  }
  return kExitSame;
}

int FetchAll(const std::vector<std::string>& names) {
  int exit_code = kExitSame;
  for (const LabSubject& subject : AllLabSubjects()) {
    const bool wanted = names.empty() || std::find(names.begin(), names.end(),
                                                   subject.name) != names.end();
    if (!wanted) continue;
    const absl::Status status = Fetch(subject);
    if (status.ok()) {
      absl::PrintF("%s is there\n", subject.name);
    } else {
      Complain(status.message());
      exit_code = kExitCannotRun;
    }
  }
  return exit_code;
}

int Lab(const std::vector<std::string>& args) {
  const std::string verb = args.empty() ? "list" : args[0];
  const std::vector<std::string> names(args.begin() + !args.empty(),
                                       args.end());
  for (const std::string& name : names) {
    if (FindLabSubject(name) != nullptr) continue;
    Complain(absl::StrCat("lab: there is no subject '", name,
                          "'; `pollux lab list` has those that are"));
    return kExitBadInput;
  }
  if (verb == "list" && names.empty()) return List();
  if (verb == "fetch") return FetchAll(names);
  Complain("lab: `list` or `fetch [NAME...]`. See pollux help lab.");
  return kExitBadInput;
}

}  // namespace

const Command kLabCommand = {
    .name = "lab",
    .synopsis = "pollux lab list | pollux lab fetch [NAME...]",
    .summary = "other kernels, as subjects: list, fetch",
    .help =
        R"(The lab's subjects are kernels and emulations from Debian's packages, of this
release and of others. `fetch` takes all of them, or those named, from the
archive that this machine uses, into a cache of our own; nothing is installed.
Whatever --subject=NAME needs is fetched anyway.

  pollux lab fetch
  pollux run --subject=uml-6.1 corpus/edge/*.ep
  pollux fuzz --subject=runsc-2024 --seconds=60 --out=found

Exit code: 0 all there; 2 there is no such subject; 3 it cannot be fetched.)",
    .run = Lab,
};

}  // namespace pollux
