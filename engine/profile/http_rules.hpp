#pragma once

#include <cstddef>

#include "schema/limits.hpp"

namespace landfall::profile {

// What a client and a server speak. In HTTP/2 headers that come again are named by a number.
enum class HttpVersion { http_1_1, http_2 };

// How requests go over the wire. Answers may always come compressed, but for files.
struct HttpRules {
  bool compress_requests = false;               // the server takes `Content-Encoding: gzip`
  HttpVersion version = HttpVersion::http_1_1;  // the best that the server is offered
  std::size_t compress_bytes_min = limits::kCompressedBytesMinDefault;  // a smaller body goes plain
};

}  // namespace landfall::profile
