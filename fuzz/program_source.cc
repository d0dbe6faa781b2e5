// Programs without an engine: fresh, crossed or mutated.

#include "fuzz/program_source.h"

#include "fuzz/generator.h"
#include "fuzz/mutator.h"

namespace pollux {
namespace {

constexpr size_t kFreshCalls = 40;

}  // namespace

void ProgramSource::Next(Program* program) {
  Program& old = pool_[random_.Below(pool_.size())];
  if (old.calls.empty() || random_.OneIn(4)) {
    GenerateProgram(random_, kFreshCalls, program);
  } else if (random_.OneIn(4)) {
    CrossOver(random_, old, pool_[random_.Below(pool_.size())], program);
  } else {
    *program = old;
    MutateProgram(random_, program);
  }
  old = *program;
}

}  // namespace pollux
