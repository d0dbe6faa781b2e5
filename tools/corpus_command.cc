// pollux corpus: folders of programs.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unordered_set>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "diff/text_format.h"
#include "diff/wire_format.h"
#include "tools/command.h"
#include "tools/corpus.h"

ABSL_DECLARE_FLAG(std::string, to);

namespace pollux {
namespace {

namespace fs = std::filesystem;

using Args = std::vector<std::string>;

// The corpus in `paths`, or an exit code with a complaint.
std::optional<Corpus> Load(const Args& paths, int* exit_code) {
  absl::StatusOr<Corpus> corpus = LoadCorpus(paths);
  if (corpus.ok()) return *std::move(corpus);
  Complain(corpus.status().message());
  *exit_code = kExitBadInput;
  return std::nullopt;
}

// Text or wire, as --to says, else as it was.
bool AsText(const CorpusEntry& entry) {
  const std::string to = absl::GetFlag(FLAGS_to);
  return to.empty() ? entry.is_text : to == "text";
}

// Adds the entries to the folder.
bool AddAll(const std::string& folder, const std::vector<CorpusEntry>& entries,
            const std::vector<size_t>& which, size_t* added) {
  *added = 0;
  for (size_t i : which) {
    bool written;
    const absl::Status status =
        AddToCorpus(folder, entries[i].program, AsText(entries[i]), &written);
    if (!status.ok()) {
      Complain(status.message());
      return false;
    }
    *added += written;
  }
  return true;
}

size_t CountFeatures(const std::vector<std::vector<uint64_t>>& features) {
  std::unordered_set<uint64_t> all;
  for (const auto& some : features) all.insert(some.begin(), some.end());
  return all.size();
}

// corpus merge OUT IN...
int Merge(const Args& args) {
  int exit_code;
  const std::string out = args[0];
  std::error_code ignored;
  fs::create_directories(out, ignored);
  std::optional<Corpus> corpus = Load(args, &exit_code);
  if (!corpus) return exit_code;
  size_t crashed;
  const auto features = FeaturesOf(corpus->entries, &crashed);
  // What is there already comes first: only what adds to it is new.
  std::unordered_set<uint64_t> seen;
  std::vector<size_t> adding;
  for (const bool there : {true, false}) {
    for (size_t i = 0; i < features.size(); ++i) {
      const std::string& path = corpus->entries[i].path;
      if (absl::StartsWith(path, out + "/") != there) continue;
      bool adds = false;
      for (uint64_t feature : features[i]) adds |= seen.insert(feature).second;
      if (adds && !there) adding.push_back(i);
    }
  }
  size_t added;
  if (!AddAll(out, corpus->entries, adding, &added)) return kExitBadInput;
  absl::PrintF(
      "%d programs read, %d added, %d features in all, %d bad, %d crashed\n",
      corpus->entries.size(), added, seen.size(), corpus->bad, crashed);
  return corpus->bad + crashed > 0 ? kExitBadInput : kExitSame;
}

// corpus minimize OUT IN...
int Minimize(const Args& args) {
  int exit_code;
  const std::optional<Corpus> corpus =
      Load(Args(args.begin() + 1, args.end()), &exit_code);
  if (!corpus) return exit_code;
  size_t crashed;
  const auto features = FeaturesOf(corpus->entries, &crashed);
  const std::vector<size_t> kept = Cover(corpus->entries, features);
  size_t added;
  if (!AddAll(args[0], corpus->entries, kept, &added)) return kExitBadInput;
  absl::PrintF(
      "%d programs with %d features; %d of them have all; %d bad, %d crashed\n",
      corpus->entries.size(), CountFeatures(features), kept.size(), corpus->bad,
      crashed);
  return corpus->bad + crashed > 0 ? kExitBadInput : kExitSame;
}

// corpus convert OUT IN...
int Convert(const Args& args) {
  if (absl::GetFlag(FLAGS_to).empty()) {
    Complain("corpus convert: --to=text or --to=wire?");
    return kExitBadInput;
  }
  int exit_code;
  const std::optional<Corpus> corpus =
      Load(Args(args.begin() + 1, args.end()), &exit_code);
  if (!corpus) return exit_code;
  std::vector<size_t> all(corpus->entries.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  size_t added;
  if (!AddAll(args[0], corpus->entries, all, &added)) return kExitBadInput;
  absl::PrintF("%d programs, %d written, %d were there, %d bad\n", all.size(),
               added, all.size() - added, corpus->bad);
  return corpus->bad > 0 ? kExitBadInput : kExitSame;
}

// Does the program survive both notations?
bool RoundTrips(const Program& program) {
  std::vector<uint8_t> bytes;
  EncodeWire(program, &bytes);
  Program decoded;
  DecodeWire(bytes, &decoded);
  const absl::StatusOr<Trace> parsed = ParseText(PrintText(program));
  return decoded == program && parsed.ok() && parsed->program == program;
}

// Is the name a hash that belongs to another program?
bool IsMisnamed(const CorpusEntry& entry) {
  const std::string stem = fs::path(entry.path).stem();
  const bool is_hash =
      stem.size() == 16 &&
      stem.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash && stem != CorpusName(entry.program, false);
}

// corpus check DIR...
int Check(const Args& args) {
  int exit_code;
  std::optional<Corpus> corpus = Load(args, &exit_code);
  if (!corpus) return exit_code;
  size_t twins = 0;
  std::vector<std::string> names;
  for (const CorpusEntry& entry : corpus->entries) {
    names.push_back(CorpusName(entry.program, false));
    const bool misnamed = IsMisnamed(entry);
    if (!misnamed && RoundTrips(entry.program)) continue;
    Complain(absl::StrCat(entry.path, misnamed
                                          ? ": is not what its name says"
                                          : ": changes when it is converted"));
    ++corpus->bad;
  }
  std::sort(names.begin(), names.end());
  twins = names.end() - std::unique(names.begin(), names.end());
  absl::PrintF("%d programs, %d of them twice, %d bad\n",
               corpus->entries.size(), twins, corpus->bad);
  return corpus->bad > 0 ? kExitBadInput : kExitSame;
}

struct Subcommand {
  std::string_view name;
  std::string_view synopsis;
  size_t least_args;
  int (*run)(const Args&);
};

constexpr Subcommand kSubcommands[] = {
    {"merge", "OUT IN...", 2, Merge},
    {"minimize", "OUT IN...", 2, Minimize},
    {"convert", "--to=text|wire OUT IN...", 2, Convert},
    {"check", "DIR...", 1, Check},
};

int RunCorpus(const Args& args) {
  const std::string to = absl::GetFlag(FLAGS_to);
  if (to != "" && to != "text" && to != "wire") {
    Complain(absl::StrCat("--to: 'text' or 'wire', not '", to, "'"));
    return kExitBadInput;
  }
  for (const Subcommand& subcommand : kSubcommands) {
    if (args.empty() || args[0] != subcommand.name) continue;
    const Args rest(args.begin() + 1, args.end());
    if (rest.size() >= subcommand.least_args) return subcommand.run(rest);
    Complain(absl::StrCat("use: pollux corpus ", subcommand.name, " ",
                          subcommand.synopsis));
    return kExitBadInput;
  }
  Complain("corpus: what is to be done? See pollux help corpus.");
  return kExitBadInput;
}

}  // namespace

const Command kCorpusCommand = {
    .name = "corpus",
    .synopsis = "pollux corpus merge|minimize|convert|check ARGUMENT...",
    .summary = "keep folders of programs small and sound",
    .help =
        R"(A corpus is a folder of programs, text or wire bytes.

  merge OUT IN...     adds to OUT what of IN shows a state that OUT lacks
  minimize OUT IN...  writes to OUT the shortest programs of IN that show all
                      states that IN shows
  convert OUT IN...   writes all of IN to OUT, --to=text or --to=wire
  check DIR...        says which files are no programs, are not what their name
                      says, or change when they are converted

A state is what an outcome, an interest list and its items look like without
their accidents, and how an item goes from one to the next, by the reference
alone: no instrumented binary is needed (for coverage of code, libFuzzer has
-merge=1 and AFL++ has afl-cmin).

IN may be files, too. Programs in OUT are named by a hash of their bytes, so that
a second run adds nothing, and one that was interrupted is gone on with by
running it again. A bad file is named, skipped and counted.

  --to=text|wire      the notation of what is written; by default, its own

Exit code: 0 all is well; 2 something is bad, or an argument is.)",
    .run = RunCorpus,
};

}  // namespace pollux
