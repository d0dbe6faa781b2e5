// Loading, storing and covering corpora.

#include "tools/corpus.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <system_error>
#include <unordered_set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/host.h"
#include "diff/state_coverage.h"
#include "diff/text_format.h"
#include "diff/wire_format.h"
#include "tools/command.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

std::string WireOf(const Program& program) {
  std::vector<uint8_t> bytes;
  EncodeWire(program, &bytes);
  return std::string(bytes.begin(), bytes.end());
}

uint64_t HashOf(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char byte : bytes) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  // FNV leaves little of the last bytes in the upper bits.
  hash ^= hash >> 29;
  hash *= 0xbf58476d1ce4e5b9;
  return hash ^ (hash >> 32);
}

absl::Status AppendFiles(const std::string& path,
                         std::vector<std::string>* files) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    if (!fs::exists(path, error)) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": is not there"));
    }
    files->push_back(path);
    return absl::OkStatus();
  }
  for (auto it = fs::recursive_directory_iterator(path, error);
       !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename();
    const bool is_program = !absl::EndsWith(name, ".tmp") && name != "BUILD" &&
                            !absl::EndsWith(name, ".bazel") &&
                            !absl::EndsWith(name, ".md");
    if (it->is_regular_file() && is_program) files->push_back(it->path());
  }
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": cannot read: ", error.message()));
}

void WriteAll(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = write(fd, at, size);
    if (n <= 0) _exit(1);
    at += n;
    size -= n;
  }
}

bool ReadAll(int fd, void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = read(fd, at, size);
    if (n <= 0) return false;
    at += n;
    size -= n;
  }
  return true;
}

// In the child: the features of entries `from` and on, each as a count and so
// many words. Pipes keep the order and the parent reads as fast as we write.
[[noreturn]] void SendFeatures(const std::vector<CorpusEntry>& entries,
                               size_t from, int fd) {
  StateCoverage coverage(Profile{}, Machine{});
  std::vector<uint64_t> features;
  for (size_t i = from; i < entries.size(); ++i) {
    coverage.FeaturesOf(entries[i].program, &features);
    const uint64_t count = features.size();
    WriteAll(fd, &count, sizeof(count));
    WriteAll(fd, features.data(), count * sizeof(uint64_t));
  }
  _exit(0);
}

}  // namespace

absl::StatusOr<Corpus> LoadCorpus(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (absl::Status status = AppendFiles(path, &files); !status.ok()) {
      return status;
    }
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  Corpus corpus;
  for (const std::string& file : files) {
    absl::StatusOr<Trace> trace = LoadProgram(file);
    if (trace.ok() && trace->program.calls.empty()) {
      trace = absl::InvalidArgumentError(absl::StrCat(file, ": is empty"));
    }
    if (!trace.ok()) {
      Complain(absl::StrCat(trace.status().message(), " (skipped)"));
      ++corpus.bad;
      continue;
    }
    corpus.entries.push_back(
        {file, std::move(trace->program), !trace->lines.empty()});
  }
  return corpus;
}

std::string CorpusName(const Program& program, bool as_text) {
  return absl::StrFormat("%016x%s", HashOf(WireOf(program)),
                         as_text ? ".ep" : "");
}

absl::Status AddToCorpus(const std::string& folder, const Program& program,
                         bool as_text, bool* written) {
  std::error_code error;
  fs::create_directories(folder, error);
  const std::string path =
      absl::StrCat(folder, "/", CorpusName(program, as_text));
  *written = !fs::exists(path, error);
  if (!*written) return absl::OkStatus();
  return WriteFile(path, as_text ? absl::StrCat("# A program of a corpus.\n",
                                                PrintText(program))
                                 : WireOf(program));
}

std::vector<std::vector<uint64_t>> FeaturesOf(
    const std::vector<CorpusEntry>& entries, size_t* crashed) {
  std::vector<std::vector<uint64_t>> features(entries.size());
  *crashed = 0;
  size_t next = 0;
  while (next < entries.size()) {
    int fds[2];
    if (pipe(fds) != 0) break;
    const pid_t child = fork();
    if (child == 0) {
      close(fds[0]);
      SendFeatures(entries, next, fds[1]);
    }
    close(fds[1]);
    uint64_t count;
    while (next < entries.size() && ReadAll(fds[0], &count, sizeof(count))) {
      features[next].resize(count);
      if (!ReadAll(fds[0], features[next].data(), count * sizeof(uint64_t))) {
        features[next].clear();
        break;
      }
      ++next;
    }
    close(fds[0]);
    waitpid(child, nullptr, 0);
    if (next == entries.size()) break;
    Complain(absl::StrCat(entries[next].path,
                          ": the reference crashes on it (skipped)"));
    ++*crashed;
    features[next++].clear();
  }
  return features;
}

std::vector<size_t> Cover(const std::vector<CorpusEntry>& entries,
                          const std::vector<std::vector<uint64_t>>& features) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const size_t a_calls = entries[a].program.calls.size();
    const size_t b_calls = entries[b].program.calls.size();
    return a_calls != b_calls ? a_calls < b_calls : a < b;
  });
  std::unordered_set<uint64_t> covered;
  std::vector<size_t> kept;
  for (size_t i : order) {
    bool adds = false;
    for (uint64_t feature : features[i]) adds |= covered.insert(feature).second;
    if (adds) kept.push_back(i);
  }
  std::sort(kept.begin(), kept.end());
  return kept;
}

}  // namespace pollux
