#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/attest/attestation.hpp"

namespace landfall::test {

// Decisions and keys by small numbers.

inline OperationId attested_id(int number) {
  OperationId id;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

inline store::SecretKey seed(int number) {
  std::array<std::byte, store::kSecretKeyBytes> bytes{};
  bytes.fill(std::byte(number));
  return store::SecretKey{bytes};
}

inline attest::Decision decided(int number) {
  return {attested_id(number), {"approval", "A-1"}, "approve", R"({"comment":"Agreed"})"};
}

inline attest::Statement statement_of(const std::vector<attest::Decision>& decisions) {
  attest::Statement statement;
  statement.device_id = "d-1";
  statement.user_id = "u-1";
  statement.at = Instant{1'800'000'000'000};
  statement.elapsed_ms = 60'000;
  for (const auto& decision : decisions) statement.operations.push_back(attest::attested(decision));
  return statement;
}

}  // namespace landfall::test
