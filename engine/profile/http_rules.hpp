#pragma once

#include <cstddef>

#include "schema/limits.hpp"

namespace landfall::profile {

// How requests go over the wire. Answers may always come compressed, but for files.
struct HttpRules {
  bool compress_requests = false;  // the server takes `Content-Encoding: gzip`
  std::size_t compress_bytes_min = limits::kCompressedBytesMinDefault;  // a smaller body goes plain
};

}  // namespace landfall::profile
