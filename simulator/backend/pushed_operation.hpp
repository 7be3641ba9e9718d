#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::backend {

// One operation of a push, checked for form but not yet judged.
struct PushedOperation {
  std::string id;  // lower case
  EntityKey entity;
  std::string action;
  std::optional<std::int64_t> base_version = std::nullopt;
  std::optional<std::string> after = std::nullopt;
  Json payload;
  std::string bytes_hash;
  std::string payload_hash;
  Json attestation = nullptr;  // an object, or null: there is none
};

// What a push must look like before anything in it is decided. The error names the field, as
// "operations[3].base_version"; an operation with neither `base_version` nor `after` is one unless
// its action creates or commutes.
[[nodiscard]] Result<std::vector<PushedOperation>> read_operations(const Json& body,
                                                                   std::string_view body_text);

// One operation from its members; `bytes` is its text on the wire, `path` its place for errors.
[[nodiscard]] Result<PushedOperation> read_operation(const Json& object, std::string_view bytes,
                                                     const std::string& path);

// The text of each element of the top-level array `member`, as it stands in `body_text`, which must
// be valid JSON. Idempotency compares bytes, and a parsed tree has forgotten them. Empty when there
// is no such array.
[[nodiscard]] std::vector<std::string_view> element_texts(std::string_view body_text,
                                                          std::string_view member);

}  // namespace landfall::backend
