// Loading and storing files for the commands.

#include "tools/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "diff/wire_format.h"

ABSL_FLAG(
    double, seconds, -1,
    "minimize, triage: for one program (10); fuzz, diff-profiles: in all (60, "
    "10)");
ABSL_FLAG(std::string, o, "-", "the file to write; - is the standard output");

namespace pollux {
namespace {

constexpr size_t kMaxFileBytes = 16 << 20;

// Wire programs always hold a byte that no text does: every call has a small
// opcode.
bool IsText(std::string_view content) {
  return std::all_of(content.begin(), content.end(), [](char c) {
    return static_cast<uint8_t>(c) >= 0x80 || absl::ascii_isprint(c) ||
           absl::ascii_isspace(c);
  });
}

absl::Status ErrnoError(std::string_view path, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", what, ": ", strerror(errno)));
}

}  // namespace

double SecondsOr(double otherwise) {
  const double seconds = absl::GetFlag(FLAGS_seconds);
  return seconds < 0 ? otherwise : seconds;
}

void Complain(std::string_view message) {
  fprintf(stderr, "pollux: %.*s\n", static_cast<int>(message.size()),
          message.data());
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const int fd =
      path == "-" ? dup(0) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoError(path, "cannot open");
  std::string content;
  char chunk[1 << 16];
  ssize_t n;
  while ((n = read(fd, chunk, sizeof(chunk))) > 0 &&
         content.size() <= kMaxFileBytes) {
    content.append(chunk, n);
  }
  absl::Status error =
      n < 0 ? ErrnoError(path, "cannot read") : absl::OkStatus();
  close(fd);
  if (!error.ok()) return error;
  if (content.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": larger than ", kMaxFileBytes, " bytes"));
  }
  return content;
}

absl::StatusOr<Trace> LoadProgram(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  if (absl::EndsWith(path, ".ep") || IsText(*content)) {
    absl::StatusOr<Trace> trace = ParseText(*content);
    if (trace.ok()) return trace;
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", trace.status().message()));
  }
  Trace trace;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content->data());
  DecodeWire({bytes, content->size()}, &trace.program);
  trace.outcomes.resize(trace.program.calls.size());
  return trace;
}

absl::StatusOr<std::vector<std::string>> ProgramPaths(
    const std::vector<std::string>& args) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  for (const std::string& arg : args) {
    std::error_code error;
    if (!fs::is_directory(arg, error)) {
      paths.push_back(arg);
      continue;
    }
    const size_t before = paths.size();
    for (fs::recursive_directory_iterator it(arg, error), end; it != end;
         it.increment(error)) {
      if (it->path().extension() == ".ep") paths.push_back(it->path());
    }
    if (paths.size() == before) {
      return absl::InvalidArgumentError(
          absl::StrCat(arg, ": this folder has no programs (.ep)"));
    }
    std::sort(paths.begin() + before, paths.end());
  }
  return paths;
}

absl::Status WriteFile(const std::string& path, std::string_view content) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  FILE* file = fopen(temporary.c_str(), "we");
  if (file == nullptr) return ErrnoError(path, "cannot write");
  const bool written =
      fwrite(content.data(), 1, content.size(), file) == content.size();
  const bool closed = fclose(file) == 0;
  if (written && closed && rename(temporary.c_str(), path.c_str()) == 0) {
    return absl::OkStatus();
  }
  absl::Status error = ErrnoError(path, "cannot write");
  unlink(temporary.c_str());
  return error;
}

bool WriteOutput(std::string_view content) {
  const std::string path = absl::GetFlag(FLAGS_o);
  if (path == "-") {
    fwrite(content.data(), 1, content.size(), stdout);
    return fflush(stdout) == 0;
  }
  const absl::Status status = WriteFile(path, content);
  if (!status.ok()) Complain(status.message());
  return status.ok();
}

}  // namespace pollux
