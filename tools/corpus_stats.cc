// pollux corpus stats: what a set of programs exercises.

#include "tools/corpus_stats.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "diff/executor.h"
#include "diff/reference.h"
#include "fuzz/generator.h"
#include "nlohmann/json.hpp"
#include "tools/command.h"

ABSL_FLAG(uint64_t, generate, 0,
          "corpus stats: also count this many generated programs");

ABSL_DECLARE_FLAG(bool, json);
ABSL_DECLARE_FLAG(uint64_t, seed);

namespace pollux {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Calls of a generated program, at most; as many as //fuzz:epoll_soak makes.
constexpr size_t kGeneratedCalls = 40;

// How a call can end, by name: "ok", "blocked" or an errno's.
using Results = std::map<std::string, uint64_t>;

std::string ResultOf(const Outcome& outcome) {
  if (outcome.blocked) return "blocked";
  if (outcome.result >= 0) return "ok";
  return std::string(ErrnoName(static_cast<int>(-outcome.result)));
}

class Statistics {
 public:
  void Count(const Program& program) {
    ++programs_;
    executor_.Begin();
    Outcome outcome;
    for (const Call& call : program.calls) {
      executor_.Execute(call, &outcome);
      ++calls_[static_cast<size_t>(call.op)][ResultOf(outcome)];
      ++all_[ResultOf(outcome)];
      ++total_;
      events_ += outcome.events.size();
      for (int fd : outcome.fds) CountResource(call.op, fd);
    }
    executor_.End();
  }

  void Print() const {
    absl::PrintF("%d programs, %d calls, %d events\n\n", programs_, total_,
                 events_);
    absl::PrintF("%-18s %9s %6s %6s  %s\n", "call", "count", "share", "ok",
                 "by errno");
    for (const CallInfo& call : AllCalls()) {
      const Results& results = ResultsOf(call);
      const uint64_t count = Sum(results);
      absl::PrintF("%-18s %9d %5.1f%% %5.1f%%  %s\n", call.name, count,
                   Percent(count, total_), Percent(Get(results, "ok"), count),
                   Errors(results));
    }
    absl::PrintF("%-18s %9d %5.1f%% %5.1f%%  %s\n", "all", total_, 100.0,
                 Percent(Get(all_, "ok"), total_), Errors(all_));
    absl::PrintF("\n%-18s %9s\n", "resource", "made");
    for (const auto& [name, count] : resources_) {
      absl::PrintF("%-18s %9d\n", name, count);
    }
  }

  void PrintJson() const {
    Json calls = Json::object();
    for (const CallInfo& call : AllCalls()) {
      calls[std::string(call.name)] = {{"count", Sum(ResultsOf(call))},
                                       {"results", ResultsOf(call)}};
    }
    const Json json = {{"programs", programs_}, {"calls", total_},
                       {"events", events_},     {"results", all_},
                       {"by_call", calls},      {"resources", resources_}};
    absl::PrintF("%s\n", json.dump(2));
  }

 private:
  // What the call made, by the name of its file's type.
  void CountResource(Op op, int fd) {
    if (fd < 0 || Describe(op).makes == Makes::kNothing) return;
    const World& world = reference_.world();
    const FileType type = world.files[RawFileOf(world, fd)].type;
    ++resources_[std::string(OpsOf(type).name)];
  }

  const Results& ResultsOf(const CallInfo& call) const {
    return calls_[static_cast<size_t>(call.op)];
  }

  static uint64_t Sum(const Results& results) {
    uint64_t sum = 0;
    for (const auto& [name, count] : results) sum += count;
    return sum;
  }

  static uint64_t Get(const Results& results, const std::string& name) {
    const auto found = results.find(name);
    return found == results.end() ? 0 : found->second;
  }

  static double Percent(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : 100.0 * part / whole;
  }

  // "EINVAL 3.1%, EBADF 0.2%", the most frequent first.
  static std::string Errors(const Results& results) {
    std::vector<std::pair<uint64_t, std::string>> errors;
    for (const auto& [name, count] : results) {
      if (name != "ok") errors.emplace_back(count, name);
    }
    std::sort(errors.rbegin(), errors.rend());
    const uint64_t sum = Sum(results);
    return absl::StrJoin(errors, ", ", [&](std::string* out, const auto& e) {
      absl::StrAppend(
          out, absl::StrFormat("%s %.1f%%", e.second, Percent(e.first, sum)));
    });
  }

  Reference reference_{Profile(), Machine()};
  Executor executor_{&reference_};
  std::array<Results, kOpCount> calls_;
  Results all_;
  std::map<std::string, uint64_t> resources_;
  uint64_t programs_ = 0;
  uint64_t total_ = 0;
  uint64_t events_ = 0;
};

// The files below `path`, sorted, or `path` itself.
std::vector<std::string> FilesBelow(const std::string& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    const fs::path& file = entry.path();
    const bool program = file.extension() == ".ep" || file.extension().empty();
    if (entry.is_regular_file() && program) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int CorpusStats(const std::vector<std::string>& paths) {
  if (paths.empty() && absl::GetFlag(FLAGS_generate) == 0) {
    Complain("corpus stats: of which DIR, or of how many with --generate=N?");
    return kExitBadInput;
  }
  Statistics statistics;
  for (const std::string& path : paths) {
    for (const std::string& file : FilesBelow(path)) {
      const absl::StatusOr<Trace> trace = LoadProgram(file);
      if (!trace.ok()) {
        Complain(trace.status().message());
        return kExitBadInput;
      }
      statistics.Count(trace->program);
    }
  }
  Random random(absl::GetFlag(FLAGS_seed));
  Program program;
  for (uint64_t i = absl::GetFlag(FLAGS_generate); i > 0; --i) {
    GenerateProgram(random, kGeneratedCalls, &program);
    statistics.Count(program);
  }
  absl::GetFlag(FLAGS_json) ? statistics.PrintJson() : statistics.Print();
  return kExitSame;
}

}  // namespace pollux
