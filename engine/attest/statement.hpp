#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace landfall::attest {

// How whoever holds the phone was looked at.
enum class Method { pin, biometric };

[[nodiscard]] std::string_view to_string(Method method) noexcept;
[[nodiscard]] std::optional<Method> method_from(std::string_view word) noexcept;

inline constexpr std::size_t kNonceBytes = 16;
using Nonce = std::array<std::byte, kNonceBytes>;

[[nodiscard]] Nonce draw_nonce(SecureRandom& random);

// An operation as its user decides it. `payload` is dump_json's text of it.
struct Decision {
  OperationId id;
  EntityKey entity;
  std::string action;
  std::string payload;
};

// A decision by its fingerprint: lower-case hex of the SHA-256 over the JSON array
// ["landfall.decision.1", id, entity type, entity id, action, hex SHA-256 of the payload].
struct Attested {
  OperationId id;
  std::string hash;

  friend bool operator==(const Attested&, const Attested&) = default;
};

[[nodiscard]] Attested attested(const Decision& decision);

// What is signed (C-25): who was looked at, on which phone, how and when, and what they decided.
struct Statement {
  Method method = Method::pin;
  std::string device_id;
  std::string user_id;
  // The server's time as well as the phone knew it; what the phone's clock said where it never
  // heard.
  Instant at;
  // What the phone counts whatever its clock is set to (unlock::ElapsedClock, `possible`).
  std::int64_t elapsed_ms = 0;
  Nonce nonce{};
  std::vector<Attested> operations;

  friend bool operator==(const Statement&, const Statement&) = default;
};

// Whether it was this decision, in these very words, that was stated.
[[nodiscard]] bool covers(const Statement& statement, const Decision& decision);

// The bytes that are signed: a compact JSON array, in which every member has its place, so that no
// two statements have the same bytes (strings escaped as RFC 8785 has it):
// ["landfall.attestation.1", device, user, method, at, elapsed_ms, base64 nonce,
//  [[id, hash], …]].
[[nodiscard]] std::string canonical(const Statement& statement);

}  // namespace landfall::attest
