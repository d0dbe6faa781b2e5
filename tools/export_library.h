// The C that exported programs are made of: export_library.c, in parts.

#ifndef POLLUX_TOOLS_EXPORT_LIBRARY_H_
#define POLLUX_TOOLS_EXPORT_LIBRARY_H_

#include <set>
#include <string>
#include <string_view>

namespace pollux {

// Does the library define `name`?
bool LibraryHas(std::string_view name);

// The includes and parts that `body` needs, and that they need, ready to stand
// above it.
std::string LibraryFor(std::string_view body);

// Names that no variable may have: those of C and C++, and all that the library
// mentions.
std::set<std::string> ReservedWords();

}  // namespace pollux

#endif  // POLLUX_TOOLS_EXPORT_LIBRARY_H_
