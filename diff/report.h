// A divergence as text that people can read.

#ifndef POLLUX_DIFF_REPORT_H_
#define POLLUX_DIFF_REPORT_H_

#include <string>

#include "diff/divergence.h"
#include "diff/lockstep.h"
#include "diff/program.h"

namespace pollux {

// The program as a trace of what the subject did, up to the diverging call.
// `outcomes` may be shorter than the program: the rest prints without outcomes.
std::string PrintTrace(const Program& program,
                       const std::vector<Outcome>& outcomes);

// The whole story: trace, the first unexplained call, both outcomes, and the
// ready lists. `subject`: what to call it ("host").
std::string PrintDivergence(const Program& program,
                            const Divergence& divergence,
                            const Recording& recording,
                            std::string_view subject);

}  // namespace pollux

#endif  // POLLUX_DIFF_REPORT_H_
