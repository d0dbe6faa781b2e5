// The C functions that exported programs are made of.

#ifndef POLLUX_TOOLS_EXPORT_HELPERS_H_
#define POLLUX_TOOLS_EXPORT_HELPERS_H_

#include <set>
#include <string>
#include <string_view>

#include "diff/program.h"
#include "tools/exhibit.h"

namespace pollux {

// The C function that makes a call; empty for a call that has none.
std::string_view HelperOf(Op op);

// Includes and those functions that `body`, the code of `program`, needs.
std::string Prologue(const Program& program, CodeStyle style,
                     const std::string& body);

// Names that no variable may have.
std::set<std::string> ReservedWords();

}  // namespace pollux

#endif  // POLLUX_TOOLS_EXPORT_HELPERS_H_
