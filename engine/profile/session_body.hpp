#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::profile {

// The calls of a session whose bodies are the profile's templates and whose values are known before
// the call is made.
enum class SessionBody {
  login,
  registration,  // of an account
  farewell,      // each call of a logout
  factor_code,   // hands a code in
  factor_text,   // asks for a code by text message
  factor_task,   // turns a second factor on, verifies it, turns it off
  device         // registers the phone
};

// What the template of such a body may name, each once. The profile is checked by this list and the
// body is filled by it, so that no name can be allowed and have no value.
[[nodiscard]] std::span<const std::string_view> names_in(SessionBody body) noexcept;

// Whether a template names nothing beside the list. False for one that is no template.
[[nodiscard]] bool has_only_names_of(SessionBody body, const Json& shape);

// The text of the body. `values` is an object with exactly the names of the list (asserted). Errors
// are those of fill_json, for a profile that was not checked.
[[nodiscard]] Result<std::string> fill_body(SessionBody body, const Json& shape,
                                            const Json& values);

}  // namespace landfall::profile
