// Prints a dictionary of wire programs for engines without our mutator.
//
// One entry for each call of the call table, with arguments 0, and one for each
// symbol of its arguments, as the wire format encodes it.

#include <stdio.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diff/calls.h"
#include "diff/wire_format.h"

namespace {

void PrintEntry(std::string_view name, const std::vector<uint8_t>& bytes) {
  printf("%.*s=\"", static_cast<int>(name.size()), name.data());
  for (uint8_t byte : bytes) printf("\\x%02x", byte);
  printf("\"\n");
}

}  // namespace

int main() {
  printf("# Made from diff/calls.def by fuzz/make_dictionary.cc.\n");
  for (const pollux::CallInfo& call : pollux::AllCalls()) {
    std::vector<uint8_t> bytes;
    pollux::EncodeWire({{{call.op, {}}}, {}}, &bytes);
    PrintEntry(call.name, bytes);
    for (const pollux::ArgInfo& arg : call) {
      if (arg.symbols == nullptr) continue;
      for (const pollux::Symbol& symbol : *arg.symbols) {
        bytes.clear();
        pollux::AppendWireWord(symbol.value, &bytes);
        const std::string name(symbol.name);
        PrintEntry(std::string(call.name) + "_" + name, bytes);
      }
    }
  }
  return 0;
}
