#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "engine/store/secret_key.hpp"

namespace landfall::attest {

// Ed25519 (RFC 8032) as libsodium has it. Pure; any thread. A secret is the seed of 32 bytes, from
// which both halves of the pair follow.

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

[[nodiscard]] PublicKey public_half(const store::SecretKey& seed);

// The same bytes each time for the same seed and text.
[[nodiscard]] Signature sign(const store::SecretKey& seed, std::string_view text);

// False for a key or a signature of another length, and for a key of small order.
[[nodiscard]] bool is_signed(std::string_view text, std::span<const std::byte> signature,
                             std::span<const std::byte> key);

}  // namespace landfall::attest
