#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace landfall::simulator {

// For an option that takes a seed: the parser would take -1 for the largest one there is.
inline CLI::Validator seed_check() {
  return {[](const std::string& text) {
            return text.starts_with('-') ? "expected a seed from 0 on, got " + text : std::string{};
          },
          "UINT"};
}

}  // namespace landfall::simulator
