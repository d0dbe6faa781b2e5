// A divergence in one sentence, for people in a hurry.
//
//   epoll_wait(ep0) on the host does not deliver EPOLLIN of p0.r; the reference
//   does

#ifndef POLLUX_DIFF_HEADLINE_H_
#define POLLUX_DIFF_HEADLINE_H_

#include <string>
#include <string_view>

#include "diff/divergence.h"
#include "diff/program.h"

namespace pollux {

// `subject`: what to call it ("host"). One line, without a full stop.
std::string Headline(const Program& program, const Divergence& divergence,
                     std::string_view subject);

}  // namespace pollux

#endif  // POLLUX_DIFF_HEADLINE_H_
