// Triage.

#include "tools/triage.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "diff/text_format.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMinimalName = "minimal.ep";

// A crash file and what became of it.
struct CrashFile {
  fs::path path;
  int64_t time = 0;
  Program program;
  std::string bucket;  // signature, "flaky" or "fixed"; empty: left in place
};

int64_t ModificationTime(const fs::path& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? status.st_mtime : 0;
}

// All crash files below `folder`, in a fixed order: what triage itself wrote
// and half-written files are none.
std::vector<CrashFile> CrashFilesIn(const fs::path& folder) {
  std::vector<CrashFile> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name == kMinimalName ||
        absl::EndsWith(name, ".tmp")) {
      continue;
    }
    files.push_back({entry.path(), ModificationTime(entry.path()), {}, ""});
  }
  std::sort(
      files.begin(), files.end(),
      [](const CrashFile& a, const CrashFile& b) { return a.path < b.path; });
  return files;
}

class Sorter {
 public:
  Sorter(Investigator& investigator, const fs::path& folder,
         const TriageOptions& options)
      : investigator_(investigator), folder_(folder), options_(options) {}

  absl::StatusOr<TriageSummary> Run() {
    std::vector<CrashFile> files = CrashFilesIn(folder_);
    size_t done = 0;
    for (CrashFile& file : files) {
      Judge(file);
      if (!file.bucket.empty()) Count(file);
      ++done;
      if (options_.progress != nullptr) options_.progress(done, files.size());
    }
    for (auto& [signature, bucket] : summary_.buckets) {
      Classify(signature, bucket);
    }
    for (CrashFile& file : files) {
      if (file.bucket.empty()) continue;
      if (absl::Status status = Move(file); !status.ok()) return status;
    }
    for (const auto& [signature, bucket] : summary_.buckets) {
      if (absl::Status status = WriteMinimal(signature, files); !status.ok()) {
        return status;
      }
    }
    RemoveEmptyBuckets();
    return summary_;
  }

 private:
  fs::path FolderOf(const std::string& signature) const {
    const std::string& state = summary_.buckets.at(signature).state;
    return state == signature ? folder_ / state : folder_ / state / signature;
  }

  // Runs the file as often as asked and names its bucket.
  void Judge(CrashFile& file) {
    const absl::StatusOr<Trace> trace = LoadProgram(file.path);
    if (!trace.ok()) {
      Complain(trace.status().message());
      ++summary_.bad;
      return;
    }
    file.program = trace->program;
    for (int run = 0; run < options_.runs; ++run) {
      const std::optional<Finding> finding = investigator_.Look(file.program);
      if (investigator_.verdict() == Verdict::kSkipped) {
        ++summary_.skipped;
        return;
      }
      const std::string bucket = finding ? finding->signature : "fixed";
      if (run > 0 && bucket != file.bucket) {
        file.bucket = "flaky";
        return;
      }
      file.bucket = bucket;
    }
  }

  void Count(const CrashFile& file) {
    Bucket& bucket = summary_.buckets[file.bucket];
    const size_t calls = file.program.calls.size();
    if (bucket.files == 0) {
      bucket.first_seen = bucket.last_seen = file.time;
      bucket.fewest_calls = calls;
    }
    ++bucket.files;
    bucket.first_seen = std::min(bucket.first_seen, file.time);
    bucket.last_seen = std::max(bucket.last_seen, file.time);
    bucket.fewest_calls = std::min(bucket.fewest_calls, calls);
  }

  void Classify(const std::string& signature, Bucket& bucket) {
    bucket.state = "new";
    if (signature == "flaky" || signature == "fixed") bucket.state = signature;
    if (bucket.state != "new") return;
    const Mute* mute = FindMute(options_.mutes, signature, options_.today);
    const fs::path kept =
        fs::path(options_.regressions) / absl::StrCat(signature, ".ep");
    if (mute != nullptr) {
      bucket.state = "known";
      bucket.note =
          absl::StrCat("muted until ", mute->expiry, ": ", mute->reason);
      summary_.muted += bucket.files;
    } else if (!options_.regressions.empty() && fs::exists(kept)) {
      bucket.state = "known";
      bucket.note = absl::StrCat("kept as ", kept.string());
    }
  }

  absl::Status Move(CrashFile& file) {
    const fs::path folder = FolderOf(file.bucket);
    if (file.path.parent_path() == folder) return absl::OkStatus();
    std::error_code error;
    fs::create_directories(folder, error);
    fs::path target = folder / file.path.filename();
    for (int i = 2; fs::exists(target); ++i) {
      target = folder / absl::StrCat(file.path.stem().string(), ".", i,
                                     file.path.extension().string());
    }
    fs::rename(file.path, target, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.path.string(), ": cannot move: ", error.message()));
    }
    file.path = target;
    return absl::OkStatus();
  }

  // Minimises the shortest program of a bucket, unless that was done before.
  absl::Status WriteMinimal(const std::string& signature,
                            const std::vector<CrashFile>& files) {
    const fs::path folder = FolderOf(signature);
    if (folder.filename() != signature || signature == "flaky" ||
        signature == "fixed") {
      return absl::OkStatus();
    }
    const fs::path target = folder / kMinimalName;
    if (HasSignature(target, signature)) return absl::OkStatus();
    const CrashFile* shortest = nullptr;
    for (const CrashFile& file : files) {
      if (file.bucket != signature) continue;
      if (shortest == nullptr ||
          file.program.calls.size() < shortest->program.calls.size()) {
        shortest = &file;
      }
    }
    const std::optional<Finding> finding =
        investigator_.Look(shortest->program);
    if (!finding || finding->signature != signature) return absl::OkStatus();
    const Minimized minimized = investigator_.Minimize(
        shortest->program, *finding, {.seconds = options_.seconds});
    const std::string cause =
        finding->explanation.empty()
            ? "No known quirk explains it."
            : std::string(Describe(finding->explanation.best()[0]).name);
    return WriteFile(
        target,
        absl::StrCat("# ", signature, "\n#\n# ", cause,
                     minimized.is_stable ? "" : " Does not always show.", "\n",
                     PrintText(minimized.program)));
  }

  bool HasSignature(const fs::path& path, const std::string& signature) {
    if (!fs::exists(path)) return false;
    const absl::StatusOr<Trace> trace = LoadProgram(path);
    if (!trace.ok()) return false;
    const std::optional<Finding> finding = investigator_.Look(trace->program);
    return finding && finding->signature == signature;
  }

  // Buckets whose last crash file went elsewhere.
  void RemoveEmptyBuckets() {
    for (const char* state : {"new", "known"}) {
      const fs::path folder = folder_ / state;
      if (!fs::is_directory(folder)) continue;
      std::vector<fs::path> empty;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.is_directory()) continue;
        bool used = false;
        for (const auto& file : fs::directory_iterator(entry.path())) {
          used |= file.path().filename() != kMinimalName;
        }
        if (!used) empty.push_back(entry.path());
      }
      std::error_code ignored;
      for (const fs::path& path : empty) {
        fs::remove(path / kMinimalName, ignored);
        fs::remove(path, ignored);
      }
      fs::remove(folder, ignored);  // if nothing is left in it
    }
  }

  Investigator& investigator_;
  const fs::path folder_;
  const TriageOptions& options_;
  TriageSummary summary_;
};

}  // namespace

absl::StatusOr<TriageSummary> Triage(Investigator& investigator,
                                     const std::string& folder,
                                     const TriageOptions& options) {
  if (!fs::is_directory(folder)) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, ": is no directory"));
  }
  return Sorter(investigator, folder, options).Run();
}

}  // namespace pollux
