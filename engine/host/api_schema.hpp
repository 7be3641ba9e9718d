#pragma once

#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::host {

// Checks the params of a request against schema/api.json. Errors: request.unknown, field.missing,
// field.type, field.value, field.unknown, each with the path below "params". Pure; any thread.
[[nodiscard]] Status check_params(std::string_view request, const Json& params);

}  // namespace landfall::host
