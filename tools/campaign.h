// A campaign: random programs on a subject, until enough is known.
//
// Programs run in batches. A divergence is looked into, made small and put into
// its bucket; buckets that were met often are only counted. With `learn`, a
// quirk that explains a divergence is switched on in the reference from then
// on, so that what hides behind it comes to light.

#ifndef POLLUX_TOOLS_CAMPAIGN_H_
#define POLLUX_TOOLS_CAMPAIGN_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "diff/investigation.h"
#include "fuzz/program_source.h"
#include "tools/subject_flags.h"
#include "tools/triage.h"

namespace pollux {

struct CampaignOptions {
  uint64_t programs = UINT64_MAX;
  double seconds = 60;
  uint64_t seed = 1;
  bool learn = false;
  bool witnesses = true;         // in one batch of eight
  double minimize_seconds = 10;  // for one bucket
  std::vector<Mute> mutes;
  std::string today;  // "2026-01-31", for the mutes
};

class Campaign {
 public:
  struct Found {
    uint64_t count = 0;  // programs that were looked into
    Program minimal;
    Finding finding;  // of the minimal program
    bool muted = false;
    bool stable = false;  // every rerun showed it
  };

  Campaign(Contest contest, CampaignOptions options);

  // Runs to the end. `tell` gets each new bucket as it is found.
  using Tell = std::function<void(const std::string&, const Found&)>;
  void Run(const Tell& tell);

  const std::map<std::string, Found>& buckets() const { return buckets_; }
  const Contest& contest() const { return contest_; }
  // Names of the quirks learned, in order.
  const std::vector<Quirk>& learned() const { return learned_; }

  // "1000 programs, 125 with witnesses, ..."
  std::string Summary() const;
  bool found_any() const;  // not counting what is muted

 private:
  void NextBatch();
  void RunBatch(bool witnesses);
  void LookInto(const Program& program, const Tell& tell);
  void Learn(const Finding& finding);
  void Rebuild();  // for a new profile
  void PrintProgress(bool last);
  double seconds() const;

  Contest contest_;
  const CampaignOptions options_;
  ProgramSource source_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<Lockstep> plain_;
  std::unique_ptr<Lockstep> witnessed_;
  std::unique_ptr<Investigator> investigator_;

  std::vector<Program> batch_;
  std::vector<Program> suspects_;             // of the batch, to look into
  std::map<std::string, uint64_t> symptoms_;  // how often each was seen
  std::map<std::string, Found> buckets_;
  std::vector<Quirk> learned_;
  uint64_t programs_ = 0;
  uint64_t witnessed_programs_ = 0;
  uint64_t divergent_ = 0;
  uint64_t trimmed_ = 0;  // programs that lost calls the subject lacks
  uint64_t flaky_ = 0;    // divergences that did not happen again
  int64_t start_ns_ = 0;
  int64_t next_progress_ns_ = 0;
};

}  // namespace pollux

#endif  // POLLUX_TOOLS_CAMPAIGN_H_
