// Campaigns: batches, suspects, buckets.

#include "tools/campaign.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "diff/draft.h"

namespace pollux {
namespace {

constexpr size_t kBatch = 512;         // programs
constexpr uint64_t kWitnessOneIn = 8;  // batches
constexpr uint64_t kLooksASymptom = 3;

int64_t NowNs() {
  return std::chrono::steady_clock::now().time_since_epoch() /
         std::chrono::nanoseconds(1);
}

// Drops the calls that the subject cannot make. True if there were any.
bool Trim(const Subject& subject, Program* program) {
  const auto missing = [&](const Call& call) {
    return !subject.Supports(call.op);
  };
  if (std::none_of(program->calls.begin(), program->calls.end(), missing)) {
    return false;
  }
  Draft draft(*program);
  draft.DropAllWithUses(missing);
  draft.Write(program, [](const Call&, size_t) { return kNoFd; });
  return true;
}

}  // namespace

Campaign::Campaign(Contest contest, CampaignOptions options)
    : contest_(std::move(contest)),
      options_(std::move(options)),
      source_(options_.seed),
      batch_(kBatch) {
  Rebuild();
}

void Campaign::Rebuild() {
  Subject* subject = contest_.subject.get();
  oracle_ = std::make_unique<Oracle>(contest_.profile, contest_.machine);
  plain_ = std::make_unique<Lockstep>(subject, oracle_.get(),
                                      LockstepOptions{.witnesses = false});
  witnessed_ = std::make_unique<Lockstep>(subject, oracle_.get(),
                                          LockstepOptions{.witnesses = true});
  investigator_ = std::make_unique<Investigator>(
      subject, contest_.profile, contest_.machine,
      LockstepOptions{.witnesses = options_.witnesses});
}

double Campaign::seconds() const { return 1e-9 * (NowNs() - start_ns_); }

void Campaign::NextBatch() {
  batch_.resize(std::min<uint64_t>(kBatch, options_.programs - programs_));
  for (Program& program : batch_) {
    source_.Next(&program);
    trimmed_ += Trim(*contest_.subject, &program);
  }
}

void Campaign::RunBatch(bool witnesses) {
  suspects_.clear();
  Lockstep& lockstep = witnesses ? *witnessed_ : *plain_;
  lockstep.RunAll(batch_, [&](size_t i, Verdict verdict) {
    ++programs_;
    witnessed_programs_ += witnesses;
    if (verdict != Verdict::kDivergence) return;
    ++divergent_;
    const std::string symptom =
        Signature(SymptomOf(batch_[i], lockstep.divergence()), {});
    if (++symptoms_[symptom] <= kLooksASymptom) suspects_.push_back(batch_[i]);
  });
}

void Campaign::Run(const Tell& tell) {
  start_ns_ = NowNs();
  while (programs_ < options_.programs && seconds() < options_.seconds) {
    NextBatch();
    RunBatch(options_.witnesses && source_.random().OneIn(kWitnessOneIn));
    for (const Program& suspect : suspects_) {
      if (seconds() < options_.seconds) LookInto(suspect, tell);
    }
    PrintProgress(false);
  }
  PrintProgress(true);
}

void Campaign::LookInto(const Program& program, const Tell& tell) {
  std::optional<Finding> finding = investigator_->Look(program);
  if (!finding) {
    // What was learned since explains it, or it comes and goes.
    flaky_ += learned_.empty();
    return;
  }
  const std::string signature = finding->signature;
  Found& found = buckets_[signature];
  if (found.count++ > 0) return;
  found.muted = FindMute(options_.mutes, signature, options_.today) != nullptr;
  const Minimized small = investigator_->Minimize(
      program, *finding, {.seconds = options_.minimize_seconds});
  found.minimal = small.program;
  found.stable = small.is_stable;
  std::optional<Finding> again = investigator_->Look(small.program);
  found.finding = again ? *std::move(again) : *std::move(finding);
  tell(signature, found);
  if (options_.learn) Learn(found.finding);
}

void Campaign::Learn(const Finding& finding) {
  const std::vector<Quirk> quirks = finding.explanation.best();
  if (quirks.size() != 1) return;
  contest_.profile.Flip(quirks[0]);
  learned_.push_back(quirks[0]);
  symptoms_.clear();
  Rebuild();
}

void Campaign::PrintProgress(bool last) {
  const bool terminal = isatty(2);
  if (NowNs() < next_progress_ns_ && !last) return;
  next_progress_ns_ = NowNs() + (terminal ? 1'000'000'000 : 10'000'000'000);
  fprintf(stderr,
          "%s%llu programs, %.0f a second, %llu divergent, %zu buckets%s",
          terminal ? "\r" : "", static_cast<unsigned long long>(programs_),
          programs_ / std::max(seconds(), 1e-9),
          static_cast<unsigned long long>(divergent_), buckets_.size(),
          terminal && !last ? " " : "\n");
}

bool Campaign::found_any() const {
  return std::any_of(buckets_.begin(), buckets_.end(),
                     [](const auto& bucket) { return !bucket.second.muted; });
}

std::string Campaign::Summary() const {
  const Remote* remote = contest_.remote;
  return absl::StrCat(
      programs_, " programs on ", contest_.name, ", ", witnessed_programs_,
      " with witnesses, ", trimmed_, " without calls that it lacks; ",
      divergent_, " divergent, ", flaky_, " of them not again",
      remote == nullptr ? ""
                        : absl::StrCat("; started again ", remote->restarts(),
                                       " times, ", remote->unexplained_deaths(),
                                       " of them for no program's sake"));
}

}  // namespace pollux
