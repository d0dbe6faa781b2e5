// Replaying files of inputs with the fuzz target that is linked.

#ifndef POLLUX_FUZZ_REPLAY_H_
#define POLLUX_FUZZ_REPLAY_H_

#include <cstddef>
#include <cstdint>

namespace pollux {

// Runs the target on every file among the arguments, and on every file below
// the directories among them, in sorted order. Those that start with "--" are
// flags of the target. Each name is printed before its file runs, so that the
// last one is the one that crashed. Returns an exit code; it fails when there
// is nothing to replay: a corpus that went missing must not look like a corpus
// that passes.
int ReplayFiles(int argc, char** argv);

}  // namespace pollux

#endif  // POLLUX_FUZZ_REPLAY_H_
