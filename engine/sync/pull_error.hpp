#pragma once

#include "engine/base/error.hpp"

namespace landfall::http {
struct Outcome;
}

namespace landfall::sync {

// What a call met, for those who asked: why there is no answer to their question. wait_network,
// auth, refused or transient.
[[nodiscard]] Error pull_error(const http::Outcome& outcome);

}  // namespace landfall::sync
