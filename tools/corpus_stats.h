// pollux corpus stats: what a set of programs exercises.

#ifndef POLLUX_TOOLS_CORPUS_STATS_H_
#define POLLUX_TOOLS_CORPUS_STATS_H_

#include <string>
#include <vector>

namespace pollux {

// Counts the programs in files and folders, and those of --generate, by running
// them in the reference. Returns the exit code.
int CorpusStats(const std::vector<std::string>& paths);

}  // namespace pollux

#endif  // POLLUX_TOOLS_CORPUS_STATS_H_
