#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "actors/transport/origin.hpp"
#include "engine/http/gzip.hpp"
#include "engine/http/message.hpp"

namespace landfall::transport {

// Framing, the host and what belongs to one connection: the transport writes these itself.
[[nodiscard]] bool is_own_header(std::string_view name);

// A request as it goes over the wire, whichever version of HTTP carries it, and what may come back.
struct WireRequest {
  std::string method;
  std::string target;
  std::string authority;  // the host
  bool is_tls = false;
  http::Headers headers;  // all but the host's; with Content-Length where there is a body
  std::string body;
  std::size_t response_bytes_max = 0;
  bool accepts_gzip = false;
};

// Framing, the host and what compresses bodies are the transport's: headers of those names are left
// out. Nothing when a part of it could end a line early or is no HTTP; such a request is never
// sent.
[[nodiscard]] std::optional<WireRequest> prepare_request(const http::Request& request,
                                                         const Origin& origin,
                                                         http::Compressor& compressor,
                                                         std::size_t response_bytes_max);

// Head and body in HTTP/1.1.
[[nodiscard]] std::string http1_text(const WireRequest& request);

}  // namespace landfall::transport
