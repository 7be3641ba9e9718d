#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::host {

// {"id":7,"request":"operations.enqueue","params":{…}}, already validated against schema/api.json.
struct Request {
  std::int64_t id = 0;
  std::string name;
  std::shared_ptr<const Json> params;  // an object, never null
};

// {"answer":3,"result":{…}} or {"answer":3,"error":{"code","message"}}.
struct Answer {
  std::int64_t question = 0;
  Result<std::shared_ptr<const Json>> result;
};

using Incoming = std::variant<Request, Answer>;

// Why a text was not taken, and the request's id when it could be read.
struct Refusal {
  std::optional<std::int64_t> reply;
  Error error;
};

// Parses and validates one text of the host. Pure; any thread. Refusals: json.too_large,
// json.too_deep, json.invalid (offset), request.unknown, request.invalid, field.missing /
// field.type / field.value / field.unknown (path).
[[nodiscard]] tl::expected<Incoming, Refusal> parse_incoming(std::string_view text);

// The params of `name` alone, for calls that carry no envelope.
[[nodiscard]] Result<std::shared_ptr<const Json>> parse_params(std::string_view name,
                                                               std::string_view params_text);

}  // namespace landfall::host
