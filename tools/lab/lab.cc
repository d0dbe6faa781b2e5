// The kernel lab: where things are, and the scripts that fetch and launch.

#include "tools/lab/lab.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace pollux {
namespace {

namespace fs = std::filesystem;

constexpr LabSubject kSubjects[] = {
#define LAB(kind, name, suite, packages, profile, quirks, summary) \
  {LabKind::kind, name, suite, packages, profile, quirks, summary},
#include "tools/lab/subjects.def"
#undef LAB
};

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// Where subjects are kept from one use to the next.
fs::path CacheFolder() {
  if (const auto cache = Environment("POLLUX_CACHE"); !cache.empty()) {
    return fs::path(cache) / "lab";
  }
  if (const auto cache = Environment("XDG_CACHE_HOME"); !cache.empty()) {
    return fs::path(cache) / "pollux/lab";
  }
  const std::string home = Environment("HOME");
  return fs::path(home.empty() ? "/tmp" : home) / ".cache/pollux/lab";
}

fs::path FolderOf(const LabSubject& subject) {
  return CacheFolder() / subject.name;
}

// A file that was built with us, by its path from the root of the project.
fs::path Built(const std::string& path) {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  const fs::path places[] = {
      fs::path(Environment("TEST_SRCDIR")) / Environment("TEST_WORKSPACE"),
      self.string() + ".runfiles/pollux",
      self.parent_path().parent_path(),
  };
  for (const fs::path& place : places) {
    if (fs::exists(place / path)) return fs::canonical(place / path);
  }
  return path;
}

std::string Quote(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

std::string_view KindName(LabKind kind) {
  return kind == LabKind::kUml ? "uml" : "runsc";
}

}  // namespace

std::span<const LabSubject> AllLabSubjects() { return kSubjects; }

const LabSubject* FindLabSubject(std::string_view name) {
  for (const LabSubject& subject : kSubjects) {
    if (subject.name == name) return &subject;
  }
  return nullptr;
}

bool IsFetched(const LabSubject& subject) {
  return fs::is_directory(FolderOf(subject));
}

absl::Status Fetch(const LabSubject& subject) {
  if (IsFetched(subject)) return absl::OkStatus();
  const std::string command = absl::StrCat(
      "exec ", Quote(Built("tools/lab/fetch.sh").string()), " ", subject.suite,
      " ", Quote(FolderOf(subject).string()), " ", subject.packages);
  const int status = system(command.c_str());
  if (status == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "the lab cannot fetch ", subject.packages, " of ", subject.suite));
}

std::string LaunchCommand(const LabSubject& subject) {
  return absl::StrCat("exec ", Quote(Built("tools/lab/launch.sh").string()),
                      " ", KindName(subject.kind), " ",
                      Quote(FolderOf(subject).string()), " ",
                      Quote(Built("tools/agent/pollux_agent").string()));
}

}  // namespace pollux
