// Running the probes and judging the answers.

#include "diff/probes.h"

#include <algorithm>
#include <string>

#include "diff/executor.h"
#include "diff/host.h"
#include "diff/reference.h"
#include "diff/script.h"
#include "diff/text_format.h"

namespace pollux {
namespace {

std::vector<Outcome> RunOn(Subject* subject, const Program& program) {
  if (subject->wants_scripts()) {
    const Script script{program, {}};
    subject->Prepare({&script, 1});
  }
  Executor executor(subject);
  std::vector<Outcome> outcomes(program.calls.size());
  executor.Begin();
  for (size_t i = 0; i < program.calls.size(); ++i) {
    executor.Execute(program.calls[i], &outcomes[i]);
  }
  executor.End();
  return outcomes;
}

std::vector<Outcome> Predict(const Program& program, const Profile& profile,
                             const Machine& machine) {
  Reference reference(profile, machine);
  return RunOn(&reference, program);
}

ProbeAnswer Ask(const ProgramRunner& run, Quirk quirk, const Program& program,
                Profile profile, const Machine& machine) {
  profile.Enable(quirk);
  const std::vector<Outcome> with = Predict(program, profile, machine);
  profile.Disable(quirk);
  const std::vector<Outcome> without = Predict(program, profile, machine);
  if (with == without) return ProbeAnswer::kHidden;
  const std::optional<std::vector<Outcome>> seen = run(program);
  if (!seen) return ProbeAnswer::kNotRun;
  if (*seen == with) return ProbeAnswer::kYes;
  return *seen == without ? ProbeAnswer::kNo : ProbeAnswer::kNeither;
}

}  // namespace

ProgramRunner RunnerOf(Subject* subject, bool can_freeze) {
  return [=](const Program& program) -> std::optional<std::vector<Outcome>> {
    for (const Call& call : program.calls) {
      if (!subject->Supports(call.op)) return std::nullopt;
      if (call.op == Op::kFreeze && !can_freeze) return std::nullopt;
    }
    return RunOn(subject, program);
  };
}

ProbeReport RunProbes(const ProgramRunner& run, const Profile& assumed,
                      const Machine& machine) {
  ProbeReport report;
  report.profile = assumed;
  for (const QuirkProgram& row : ProbePrograms()) {
    const absl::StatusOr<Trace> trace = ParseText(row.text);
    // A test parses them all.
    if (!trace.ok()) continue;
    const ProbeAnswer answer =
        Ask(run, row.quirk, trace->program, report.profile, machine);
    report.results.push_back({row.quirk, answer, assumed.Has(row.quirk)});
    if (answer == ProbeAnswer::kYes) report.profile.Enable(row.quirk);
    if (answer == ProbeAnswer::kNo) report.profile.Disable(row.quirk);
  }
  return report;
}

const ProbeReport& HostProbes() {
  static const ProbeReport report = [] {
    Host host;
    return RunProbes(RunnerOf(&host, host.can_freeze()),
                     Profile::Linux(HostVersion()), HostMachine());
  }();
  return report;
}

}  // namespace pollux
