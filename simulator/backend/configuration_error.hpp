#pragma once

#include <stdexcept>

namespace landfall::backend {

// A backend that lacks what it needs to be one: the secret that its tokens are signed with.
class ConfigurationError final : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace landfall::backend
