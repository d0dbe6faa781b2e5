// A divergence as text that people can read.

#ifndef POLLUX_DIFF_REPORT_H_
#define POLLUX_DIFF_REPORT_H_

#include <string>

#include "diff/divergence.h"
#include "diff/lockstep.h"
#include "diff/program.h"

namespace pollux {

// Where the text will be read.
struct ReportStyle {
  int width =
      80;  // columns; from 100 on, host and reference stand side by side
  bool color = false;
};

// The program as a trace of what the subject did, up to the diverging call.
// `outcomes` may be shorter than the program: the rest prints without outcomes.
std::string PrintTrace(const Program& program,
                       const std::vector<Outcome>& outcomes);

// The whole story: one sentence, the trace with the first unexplained call
// marked, both outcomes, and the lists behind the epolls before and after it.
// `subject`: what to call it ("host").
std::string PrintDivergence(const Program& program,
                            const Divergence& divergence,
                            const Recording& recording,
                            std::string_view subject,
                            const ReportStyle& style = {});

}  // namespace pollux

#endif  // POLLUX_DIFF_REPORT_H_
