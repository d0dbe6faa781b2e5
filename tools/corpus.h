// Corpora: folders of programs, as text (.ep) or as wire bytes.
//
// Everything here goes on where it was interrupted when it is run again, writes
// files whole, does things in the order of the files' names, and names and
// counts a file that is bad instead of ending.

#ifndef POLLUX_TOOLS_CORPUS_H_
#define POLLUX_TOOLS_CORPUS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "diff/program.h"

namespace pollux {

// A program and the file that it came from.
struct CorpusEntry {
  std::string path;
  Program program;
  bool is_text = false;
};

struct Corpus {
  std::vector<CorpusEntry> entries;  // by path
  size_t bad = 0;                    // files that were named and skipped
};

// Loads every file below the folders, or the files themselves; half-written
// ones (.tmp) are no files. Bad ones are told on stderr.
absl::StatusOr<Corpus> LoadCorpus(const std::vector<std::string>& paths);

// The name of a program in a corpus: a hash of its wire bytes, with ".ep" for
// text. The same program has the same name everywhere.
std::string CorpusName(const Program& program, bool as_text);

// Writes the program into the folder under its name, unless it is there.
// `written`: false if it was.
absl::Status AddToCorpus(const std::string& folder, const Program& program,
                         bool as_text, bool* written);

// The features of each entry (see StateCoverage), in order. They are found by
// a process of their own: an entry that makes the reference crash is told,
// counted in `crashed`, and has none.
std::vector<std::vector<uint64_t>> FeaturesOf(
    const std::vector<CorpusEntry>& entries, size_t* crashed);

// Indices of the fewest entries, or nearly, that have all features: the
// shortest first, each that adds a feature to those before. Ascending.
std::vector<size_t> Cover(const std::vector<CorpusEntry>& entries,
                          const std::vector<std::vector<uint64_t>>& features);

}  // namespace pollux

#endif  // POLLUX_TOOLS_CORPUS_H_
