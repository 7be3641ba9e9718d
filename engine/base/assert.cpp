#include "engine/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace landfall {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "landfall: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace landfall
