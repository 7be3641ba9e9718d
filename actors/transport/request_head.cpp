#include "actors/transport/request_head.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/http/content_coding.hpp"
#include "schema/limits.hpp"

namespace landfall::transport {
namespace {

constexpr std::array<std::string_view, 8> kOwnHeaders = {
    "host",   "content-length", "transfer-encoding", "connection", "te", "trailer",
    "expect", "upgrade"};

constexpr std::string_view kWebSocket = "sec-websocket-";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() && std::equal(a.begin(), a.end(), lower_case.begin(),
                                                     [](char x, char y) { return lower(x) == y; });
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

// A path of this origin, never another one: "//elsewhere" would be read as a host by some.
bool is_target(std::string_view text) {
  return text.starts_with('/') && !text.starts_with("//") &&
         text.size() <= limits::kTargetBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

bool is_own_header(std::string_view name) {
  const auto is = [&](std::string_view own) { return equal_ignoring_case(name, own); };
  return std::any_of(kOwnHeaders.begin(), kOwnHeaders.end(), is) || http::is_coding_header(name) ||
         equal_ignoring_case(name.substr(0, kWebSocket.size()), kWebSocket);
}

std::optional<WireRequest> prepare_request(const http::Request& request, const Origin& origin,
                                           http::Compressor& compressor,
                                           std::size_t response_bytes_max) {
  if (!is_token(request.method) || !is_target(request.target)) return std::nullopt;
  http::Headers headers;
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_value(value)) return std::nullopt;
    if (!is_own_header(name)) headers.emplace_back(name, value);
  }
  for (auto& header : http::coding_headers(request)) headers.push_back(std::move(header));
  std::string body = request.gzip_body ? compressor.gzip(request.body) : request.body;
  const bool may_be_without = request.method == "GET" || request.method == "HEAD";
  if (!body.empty() || !may_be_without)
    headers.emplace_back("Content-Length", std::to_string(body.size()));
  return WireRequest{request.method,     request.target,  origin.authority(), origin.tls,
                     std::move(headers), std::move(body), response_bytes_max, request.accepts_gzip};
}

std::string http1_text(const WireRequest& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\n";
  text += "Host: " + request.authority + "\r\n";
  for (const auto& [name, value] : request.headers) {
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
  return text + "\r\n" + request.body;
}

}  // namespace landfall::transport
