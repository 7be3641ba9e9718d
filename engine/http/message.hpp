#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::http {

// Name and value as they stand on the wire; names compare without case.
using Headers = std::vector<std::pair<std::string, std::string>>;

// One call as it leaves the engine. `target` is the path with its query ("/api/mobile/sync/push"),
// the origin comes from the profile. Credentials are stamped into `headers` by the gateway when the
// request leaves.
struct Request {
  std::string method;
  std::string target;
  Headers headers;
  std::string body;  // in clear, however it travels
  // What the transport makes of it on the wire (RequestCoding): the body goes as gzip, and so may
  // the answer's.
  bool gzip_body = false;
  bool accepts_gzip = false;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

// Why a call has no response.
enum class TransportFailure {
  not_sent,    // offline, DNS, refused, TLS, no token yet: the server cannot have seen it
  no_session,  // not sent because there is no valid token to stamp it with
  silent,      // sent, then reset or nothing until the deadline: the server may have decided it
  cut,       // a response began and broke off, or does not match its length: may have been decided
  too_large  // the response passed the route's limit: may have been decided
};

// What a transport makes of one request: exactly one of a response or a failure.
struct Answer {
  std::optional<Response> response;
  std::optional<TransportFailure> failure;
  // When the call last left the engine, where somebody noted it: a call may wait for its token for
  // long after it was made.
  std::optional<Instant> left_at = std::nullopt;
};

// Without case.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

// First header of that name, case-insensitive; nothing when absent.
[[nodiscard]] std::optional<std::string_view> find_header(const Headers& headers,
                                                          std::string_view name);
// The same as text; empty when absent.
[[nodiscard]] std::string header_text(const Headers& headers, std::string_view name);
void set_header(Headers& headers, std::string_view name, std::string value);

}  // namespace landfall::http
