// Setting up subject and reference.

#include "tools/bench.h"

#include "absl/flags/flag.h"
#include "tools/command.h"
#include "tools/subject_flags.h"

namespace pollux {

std::unique_ptr<Bench> Bench::FromFlags(int* exit_code) {
  absl::StatusOr<Contest> contest = ContestFromFlags();
  if (!contest.ok()) {
    *exit_code = ExitCodeOf(contest.status());
    return nullptr;
  }
  return std::unique_ptr<Bench>(new Bench(*std::move(contest)));
}

Bench::Bench(Contest contest)
    : contest_(std::move(contest)),
      investigator_(contest_.subject.get(), contest_.profile, contest_.machine,
                    {.witnesses = absl::GetFlag(FLAGS_witnesses)}) {}

}  // namespace pollux
