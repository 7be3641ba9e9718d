#include "simulator/backend/body_coding.hpp"

#include <string_view>
#include <utility>

#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 4U * 1024U * 1024U;
constexpr std::size_t kCompressedBytesMin = 256;

http::Response refusal_of(http::GunzipFailure failure) {
  if (failure == http::GunzipFailure::too_large)
    return error_reply(413, "BODY_TOO_LARGE", "A body may have at most 4 MiB.");
  return error_reply(400, "BODY_BROKEN", "The body is no gzip.");
}

// Any list of codings with their weights; none weighs zero in what is known to ask.
bool accepts_gzip(const http::Request& request) {
  const auto codings = http::find_header(request.headers, "Accept-Encoding");
  return codings && codings->find("gzip") != std::string_view::npos;
}

}  // namespace

tl::expected<std::optional<http::Request>, http::Response> in_clear(
    const http::Request& request, bool takes_gzip, http::Decompressor& decompressor) {
  const auto coding = http::find_header(request.headers, "Content-Encoding");
  if (!coding || http::same_name(*coding, "identity")) return std::nullopt;
  if (!takes_gzip || !http::same_name(*coding, "gzip")) {
    return tl::unexpected(
        error_reply(415, "UNSUPPORTED_CODING", "This server does not read bodies of that coding."));
  }
  auto text = decompressor.gunzip(request.body, kBodyBytesMax);
  if (!text) return tl::unexpected(refusal_of(text.error()));
  return http::Request{request.method, request.target, request.headers, std::move(*text)};
}

void compress(const http::Request& request, http::Response& response,
              http::Compressor& compressor) {
  const bool is_worth_it =
      response.body.size() >= kCompressedBytesMin &&
      http::header_text(response.headers, "Content-Type").starts_with("application/json");
  if (!is_worth_it || !accepts_gzip(request) || http::find_header(request.headers, "Range")) return;
  response.body = compressor.gzip(response.body);
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
}

}  // namespace landfall::backend
