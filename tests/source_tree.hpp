#pragma once

#include <string>

namespace landfall::testing {

// The directory of the sources that this test was built from, for tests that read the project's own
// files. It is a function and no macro, so that the path of a checkout is compiled into one file
// and every other object can be shared by ccache.
[[nodiscard]] std::string source_tree();

}  // namespace landfall::testing
