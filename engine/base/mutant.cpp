#include "engine/base/mutant.hpp"

#if defined(LANDFALL_MUTANTS)

#include "engine/base/assert.hpp"

namespace landfall::mutant {
namespace {

// Written before any engine runs and only read afterwards; every world of one process has the same
// fault.
Mutant chosen = Mutant::none;

}  // namespace

void choose(int number) {
  LANDFALL_ASSERT(number >= 0 && number <= kMutantMax);
  chosen = static_cast<Mutant>(number);
}

bool is(Mutant mutant) noexcept { return chosen == mutant; }

}  // namespace landfall::mutant

#endif
