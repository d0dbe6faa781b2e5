// Signatures: the bucket that a divergence belongs to.
//
// A symptom is what differs, stripped of accidents: no names, data words,
// descriptor numbers or positions. A signature is a symptom together with the
// quirks that explain it, as a short string that can be a file name:
//
//   edge-as-level.epoll_wait                explained: one cause, one bucket
//   new.wake-up.epoll_wait.missing-in.pipe  by no known quirk

#ifndef POLLUX_DIFF_SIGNATURE_H_
#define POLLUX_DIFF_SIGNATURE_H_

#include <string>
#include <vector>

#include "core/quirks.h"
#include "diff/divergence.h"
#include "diff/program.h"

namespace pollux {

struct Symptom {
  // Where the difference seems to lie, judged by its looks alone.
  Layer layer = Layer::kReadyList;
  // "epoll_wait"; or, for a difference seen between calls, "interest-list" or
  // "poll-mask", whatever the call before it was.
  std::string where;
  // "missing-in", "extra-hup", "mask+in-out", "order", "ebadf-not-einval", ...
  std::string difference;
  // What was watched or called: "pipe", "eventfd", "epoll", ...; or "none".
  std::string file;
};

Symptom SymptomOf(const Program& program, const Divergence& divergence);

// `quirks`: those that explain it, or none. With an explanation, the cause is
// known, and the looks do not split its bucket.
std::string Signature(const Symptom& symptom, const std::vector<Quirk>& quirks);

// Can `text` be a signature? Only letters, digits and "-_.+".
bool IsSignature(std::string_view text);

}  // namespace pollux

#endif  // POLLUX_DIFF_SIGNATURE_H_
