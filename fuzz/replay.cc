// Replaying files of inputs.

#include "fuzz/replay.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace pollux {
namespace {

namespace fs = std::filesystem;

// The file itself, or all files below it.
std::vector<fs::path> FilesOf(std::string_view path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool Replay(const fs::path& path) {
  std::fprintf(stderr, "Running: %s\n", path.c_str());
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return false;
  const size_t size = file.tellg();
  // Exactly as large as the input, so that a sanitizer sees a read past its
  // end.
  const std::unique_ptr<char[]> data(new char[size]);
  if (!file.seekg(0).read(data.get(), size)) return false;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(data.get()), size);
  return true;
}

}  // namespace

int ReplayFiles(int argc, char** argv) {
  size_t replayed = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--")) continue;
    for (const fs::path& path : FilesOf(argv[i])) {
      if (!Replay(path)) {
        std::fprintf(stderr, "Cannot read %s\n", path.c_str());
        return 1;
      }
      ++replayed;
    }
  }
  std::printf("Replayed %zu inputs\n", replayed);
  return replayed > 0 ? 0 : 1;
}

}  // namespace pollux
