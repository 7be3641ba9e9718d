#include "engine/sync/pull_error.hpp"

#include <string>

#include "engine/http/outcome.hpp"

namespace landfall::sync {

Error pull_error(const http::Outcome& outcome) {
  const std::string cause{outcome.cause};
  if (outcome.signal == http::Signal::not_reached) {
    return {ErrorClass::wait_network, cause, "The server could not be reached."};
  }
  if (outcome.block == http::Block::auth)
    return {ErrorClass::auth, cause, "There is no valid session."};
  if (outcome.fate == http::Fate::rejected || outcome.fate == http::Fate::blocked) {
    return {ErrorClass::refused, cause, "The server refuses the call."};
  }
  return {ErrorClass::transient, cause, "The server gave no answer of use."};
}

}  // namespace landfall::sync
