#include "engine/http/content_coding.hpp"

#include <utility>

namespace landfall::http {
namespace {

constexpr std::string_view kContentEncoding = "Content-Encoding";
constexpr std::string_view kAcceptEncoding = "Accept-Encoding";
constexpr std::string_view kContentLength = "Content-Length";
constexpr std::string_view kGzip = "gzip";

}  // namespace

bool is_coding_header(std::string_view name) {
  return same_name(name, kContentEncoding) || same_name(name, kAcceptEncoding);
}

Headers coding_headers(const Request& request) {
  Headers headers;
  if (request.gzip_body) headers.emplace_back(kContentEncoding, kGzip);
  if (request.accepts_gzip) headers.emplace_back(kAcceptEncoding, kGzip);
  return headers;
}

Request wire_form(Request request, Compressor& compressor) {
  std::erase_if(request.headers, [](const auto& header) { return is_coding_header(header.first); });
  for (auto& header : coding_headers(request)) request.headers.push_back(std::move(header));
  if (request.gzip_body) request.body = compressor.gzip(request.body);
  request.gzip_body = request.accepts_gzip = false;
  return request;
}

Answer in_clear(Answer answer, std::size_t body_bytes_max, Decompressor& decompressor) {
  if (!answer.response || answer.response->body.empty()) return answer;
  auto& response = *answer.response;
  const auto coding = find_header(response.headers, kContentEncoding);
  if (!coding || !same_name(*coding, kGzip)) return answer;
  auto text = decompressor.gunzip(response.body, body_bytes_max);
  if (!text) {
    const bool is_beyond = text.error() == GunzipFailure::too_large;
    return {std::nullopt, is_beyond ? TransportFailure::too_large : TransportFailure::cut,
            answer.left_at};
  }
  response.body = std::move(*text);
  // They are of the body as it travelled.
  std::erase_if(response.headers, [](const auto& header) {
    return same_name(header.first, kContentEncoding) || same_name(header.first, kContentLength);
  });
  return answer;
}

}  // namespace landfall::http
