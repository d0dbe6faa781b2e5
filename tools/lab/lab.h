// The kernel lab: other kernels, fetched as Debian packages.
//
//   const LabSubject* subject = FindLabSubject("uml-6.1");
//   if (absl::Status status = Fetch(*subject); status.ok()) {
//     Remote::Start({.command = LaunchCommand(*subject)});
//   }

#ifndef POLLUX_TOOLS_LAB_LAB_H_
#define POLLUX_TOOLS_LAB_LAB_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pollux {

enum class LabKind { kUml, kRunsc };

struct LabSubject {
  LabKind kind;
  std::string_view name;      // of --subject
  std::string_view suite;     // of Debian
  std::string_view packages;  // separated by blanks
  std::string_view profile;   // that it is judged by, or empty for its own
  std::string_view quirks;    // switched on in that
  std::string_view summary;
};

std::span<const LabSubject> AllLabSubjects();

// The subject of that name, or null.
const LabSubject* FindLabSubject(std::string_view name);

bool IsFetched(const LabSubject& subject);

// Fetches the subject if it is not there yet. Unavailable: its suite cannot be
// reached.
absl::Status Fetch(const LabSubject& subject);

// What starts an agent in the subject, for /bin/sh.
std::string LaunchCommand(const LabSubject& subject);

}  // namespace pollux

#endif  // POLLUX_TOOLS_LAB_LAB_H_
