// Running commands.

#include "tests/shell_testing.h"

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace pollux {

Ran Shell(const std::string& command) {
  FILE* pipe = popen(absl::StrCat(command, " 2>&1").c_str(), "r");
  Ran ran;
  char chunk[4096];
  for (size_t n; (n = fread(chunk, 1, sizeof(chunk), pipe)) > 0;) {
    ran.output.append(chunk, n);
  }
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

std::vector<std::string> Compilers() {
  const std::pair<std::string, std::string> kAll[] = {
      {"/usr/bin/gcc",
       "-std=gnu99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion"},
      {"/usr/bin/clang-19",
       "-std=gnu11 -Weverything -Wno-declaration-after-statement "
       "-Wno-unsafe-buffer-usage -Wno-padded -Wno-disabled-macro-expansion "
       "-Wno-reserved-macro-identifier -Wno-format-nonliteral "
       "-Wno-switch-default -Wno-pre-c11-compat"}};
  std::vector<std::string> found;
  for (const auto& [path, flags] : kAll) {
    if (std::filesystem::exists(path)) {
      found.push_back(absl::StrCat(path, " -O0 -Werror -pthread ", flags));
    }
  }
  return found;
}

}  // namespace pollux
