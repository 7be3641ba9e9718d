#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// Sealed columns of an operation are bound to its id: it is unique, never changes, and is known
// before the row is.
[[nodiscard]] inline std::vector<std::byte> seal_text(Sealer& key, std::string_view place,
                                                      const OperationId& id,
                                                      std::string_view text) {
  return key.seal(place, std::as_bytes(std::span(id.bytes)), std::as_bytes(std::span(text)));
}

// The same of a text that may be long, compressed as the sealer has it. A short one is not: what an
// operation carries is mostly some hundred bytes, and somebody waits for it to be written.
inline constexpr std::size_t kLongTextBytes = 1'024;

[[nodiscard]] inline std::vector<std::byte> seal_long_text(Transaction& tx, Sealer& key,
                                                           std::string_view place,
                                                           const OperationId& id,
                                                           std::string_view text) {
  if (text.size() < kLongTextBytes) return seal_text(key, place, id, text);
  return key.seal_compressed(place, std::as_bytes(std::span(id.bytes)),
                             std::as_bytes(std::span(text)), tx.compressor());
}

[[nodiscard]] inline Result<std::string> open_text(const Sealer& key, std::string_view place,
                                                   const OperationId& id,
                                                   std::span<const std::byte> sealed) {
  LANDFALL_TRY_ASSIGN(const std::vector<std::byte> bytes,
                      key.open(place, std::as_bytes(std::span(id.bytes)), sealed));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace landfall::store
