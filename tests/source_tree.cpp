#include "tests/source_tree.hpp"

namespace landfall::testing {

std::string source_tree() { return LANDFALL_SOURCE_DIR; }

}  // namespace landfall::testing
