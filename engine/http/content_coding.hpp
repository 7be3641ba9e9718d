#pragma once

#include <cstddef>

#include "engine/http/gzip.hpp"
#include "engine/http/message.hpp"

namespace landfall::http {

// What a transport does with bodies on the way: everything above it has them in clear, so that a
// sent operation stays the same to the byte however it travels. Pure.

// Content-Encoding and Accept-Encoding as the request's own words have them; no other stand on the
// wire.
[[nodiscard]] bool is_coding_header(std::string_view name);
[[nodiscard]] Headers coding_headers(const Request& request);

// The request as it stands on the wire: its body compressed if it goes so, and the headers that say
// it.
[[nodiscard]] Request wire_form(Request request, Compressor& compressor);

// The answer to a request that accepts gzip, in clear, within the bound that holds for one that
// came in clear. One that is no gzip is `cut`, one beyond the bound `too_large`: either way the
// server may have decided.
[[nodiscard]] Answer in_clear(Answer answer, std::size_t body_bytes_max,
                              Decompressor& decompressor);

}  // namespace landfall::http
