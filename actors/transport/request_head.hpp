#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/transport/origin.hpp"
#include "engine/http/gzip.hpp"
#include "engine/http/message.hpp"

namespace landfall::transport {

// Framing, the host and what belongs to one connection: the transport writes these itself.
[[nodiscard]] bool is_own_header(std::string_view name);

// The request as it goes over the wire, head and body. Framing, the host and what compresses bodies
// are the transport's: headers of those names are left out. Nothing when a part of it could end a
// line early or is no HTTP; such a request is never sent.
[[nodiscard]] std::optional<std::string> write_request(const http::Request& request,
                                                       const Origin& origin,
                                                       http::Compressor& compressor);

}  // namespace landfall::transport
