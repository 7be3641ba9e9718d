#pragma once

#include <string>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/http/message.hpp"

namespace landfall::backend {

[[nodiscard]] http::Response ok_reply(std::string body);

// The error shape of wire.md: {"error":{"code","message","details":{}}}. `details` is JSON text.
[[nodiscard]] http::Response error_reply(int status, std::string_view code,
                                         std::string_view message, std::string_view details = "{}");

// A 400 that names the field or the offset of what is wrong with a body.
[[nodiscard]] http::Response bad_request(const Error& error);

}  // namespace landfall::backend
