#pragma once

#include <optional>

#include <tl/expected.hpp>

#include "engine/http/gzip.hpp"
#include "engine/http/message.hpp"

namespace landfall::backend {

// Bodies of requests and answers as they travel: gzip, or as they are.

// The request with its body in clear; nothing when it is in clear already. Or the refusal: 415 of
// another coding than gzip, and of gzip where the server takes none; 400 of what is no gzip; 413.
[[nodiscard]] tl::expected<std::optional<http::Request>, http::Response> in_clear(
    const http::Request& request, bool takes_gzip, http::Decompressor& decompressor);

// Compresses the answer where it is JSON that is worth it, and whoever asked would have it.
void compress(const http::Request& request, http::Response& response, http::Compressor& compressor);

}  // namespace landfall::backend
