// pollux fuzz: a campaign on any subject.

#include <stdio.h>
#include <time.h>

#include <algorithm>
#include <filesystem>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "diff/report.h"
#include "tools/campaign.h"
#include "tools/command.h"

ABSL_DECLARE_FLAG(std::string, mute);
ABSL_DECLARE_FLAG(uint64_t, seed);
ABSL_FLAG(uint64_t, programs, 0,
          "fuzz: how many programs; 0: as many as --seconds allow");
ABSL_FLAG(std::string, out, "",
          "fuzz: a folder for the smallest program of each bucket");
ABSL_FLAG(bool, learn, false,
          "fuzz: switch on in the reference what explains a divergence, to "
          "see what is behind it");

namespace pollux {
namespace {

constexpr double kDefaultSeconds = 60;

// Keeps the minimal program of a bucket, with what the reference does.
void Keep(const Campaign& campaign, const std::string& signature,
          const Campaign::Found& found) {
  const std::string folder = absl::GetFlag(FLAGS_out);
  if (folder.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const Contest& contest = campaign.contest();
  const std::string text = absl::StrCat(
      "# ", signature, ", on ", contest.name, ".\n",
      PrintTrace(found.minimal, ExpectedOutcomes(found.minimal, contest.profile,
                                                 contest.machine)));
  const absl::Status status =
      WriteFile(absl::StrCat(folder, "/", signature, ".ep"), text);
  if (!status.ok()) Complain(status.message());
}

void Tell(const Campaign& campaign, const std::string& signature,
          const Campaign::Found& found) {
  fprintf(stderr, "\n");
  absl::PrintF("--- %s%s%s\n", signature, found.muted ? " (muted)" : "",
               found.stable ? "" : " (comes and goes)");
  if (!found.muted) {
    absl::PrintF("%s\n", PrintDivergence(
                             found.minimal, found.finding.divergence,
                             found.finding.recording, campaign.contest().name));
  }
  fflush(stdout);
  Keep(campaign, signature, found);
}

absl::StatusOr<CampaignOptions> OptionsFromFlags() {
  CampaignOptions options;
  options.seconds = SecondsOr(kDefaultSeconds);
  options.seed = absl::GetFlag(FLAGS_seed);
  options.learn = absl::GetFlag(FLAGS_learn);
  options.witnesses = absl::GetFlag(FLAGS_witnesses);
  if (const uint64_t programs = absl::GetFlag(FLAGS_programs); programs > 0) {
    options.programs = programs;
    options.seconds = SecondsOr(1e9);
  }
  options.today =
      absl::FormatTime("%Y-%m-%d", absl::Now(), absl::UTCTimeZone());
  if (const std::string path = absl::GetFlag(FLAGS_mute); !path.empty()) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return text.status();
    absl::StatusOr<std::vector<Mute>> mutes = ParseMuteList(*text);
    if (!mutes.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", mutes.status().message()));
    }
    options.mutes = *std::move(mutes);
  }
  return options;
}

int Fuzz(const std::vector<std::string>& args) {
  if (!args.empty()) {
    Complain(absl::StrCat("fuzz: unexpected argument '", args[0], "'"));
    return kExitBadInput;
  }
  const absl::StatusOr<CampaignOptions> options = OptionsFromFlags();
  if (!options.ok()) return ExitCodeOf(options.status());
  absl::StatusOr<Contest> contest = ContestFromFlags();
  if (!contest.ok()) return ExitCodeOf(contest.status());
  Campaign campaign(*std::move(contest), *options);
  campaign.Run([&](const std::string& signature, const Campaign::Found& found) {
    Tell(campaign, signature, found);
  });
  absl::PrintF("%s\n", campaign.Summary());
  for (const auto& [signature, found] : campaign.buckets()) {
    absl::PrintF("%-60s %s\n", signature, found.muted ? "muted" : "");
  }
  if (!campaign.learned().empty()) {
    std::vector<std::string_view> names;
    for (Quirk quirk : campaign.learned()) {
      names.push_back(Describe(quirk).name);
    }
    absl::PrintF("learned: --quirk=%s\n", absl::StrJoin(names, ","));
  }
  return campaign.found_any() ? kExitDivergence : kExitSame;
}

}  // namespace

const Command kFuzzCommand = {
    .name = "fuzz",
    .synopsis =
        "pollux fuzz [--subject=S] [--seconds=N] [--programs=N] "
        "[--seed=N] [--out=DIR] [--learn]",
    .summary = "random programs on a subject, divergences into buckets",
    .help =
        R"(Runs random programs on the subject and the reference, without an engine, and
puts what differs into buckets. The smallest program of each is printed, and
written to DIR/SIGNATURE.ep with what the reference does. Calls that the subject
does not have are left out of the programs; their number is printed.

  --subject=S     what to fuzz (host); `pollux help lab` names others
  --seconds=N     stop after N seconds (60); unlimited if --programs is given
  --programs=N    stop after N programs
  --seed=N        which programs (1)
  --out=DIR       keep the smallest programs
  --mute=FILE     buckets not to be told of, as for triage
  --learn         once a quirk explains a divergence, let the reference have it,
                  so that what hides behind it is seen

Exit code: 0 no divergence, or muted ones only; 1 divergences; 2 a bad argument;
3 cannot run here.)",
    .run = Fuzz,
};

}  // namespace pollux
