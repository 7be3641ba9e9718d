#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace landfall {

// Sixteen bytes of a UUID, typed by what they identify, so that an operation's id cannot stand for
// a batch's.
template <class Tag>
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

using OperationId = Uuid<struct OperationTag>;
using BatchId = Uuid<struct BatchTag>;
using PartitionId = Uuid<struct PartitionTag>;
using RequestId = Uuid<struct RequestTag>;
using AttachmentId = Uuid<struct AttachmentTag>;

namespace detail {
[[nodiscard]] std::string format_uuid(const std::array<std::uint8_t, 16>& bytes);
[[nodiscard]] std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text);
[[nodiscard]] std::array<std::uint8_t, 16> make_uuid_v7(Instant now, SecureRandom& random);
}  // namespace detail

// Lower-case text with hyphens.
template <class Tag>
[[nodiscard]] std::string to_text(const Uuid<Tag>& id) {
  return detail::format_uuid(id.bytes);
}

// Accepts 36 characters with hyphens, either case; anything else is nothing.
template <class Id>
[[nodiscard]] std::optional<Id> parse_id(std::string_view text) {
  auto bytes = detail::parse_uuid(text);
  if (!bytes) return std::nullopt;
  return Id{*bytes};
}

// Version 7: ordered by time, so that rows with new ids are inserted at the end of an index.
template <class Id>
[[nodiscard]] Id make_id(Instant now, SecureRandom& random) {
  return Id{detail::make_uuid_v7(now, random)};
}

// One entity of the profile's types; also the name of a lane.
struct EntityKey {
  std::string type;
  std::string id;

  friend auto operator<=>(const EntityKey&, const EntityKey&) = default;
};

}  // namespace landfall
