#include "engine/http/content_coding.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace landfall;
using namespace landfall::http;

namespace {

constexpr std::size_t kMax = 1'000;

Answer gzip_answer(std::string body) {
  return {Response{200,
                   {{"content-encoding", "GZIP"}, {"Content-Length", "1"}, {"ETag", "\"1\""}},
                   std::move(body)},
          std::nullopt, Instant{7}};
}

}  // namespace

TEST_CASE("a request travels as it says, and nobody else says how") {
  Compressor compressor;
  Decompressor decompressor;
  Request request{"POST", "/a", {{"accept-encoding", "br"}, {"X-A", "b"}}, "{\"a\":1}"};
  const Request plain = wire_form(request, compressor);
  CHECK(plain.headers == Headers{{"X-A", "b"}});
  CHECK(plain.body == request.body);
  request.gzip_body = request.accepts_gzip = true;
  const Request coded = wire_form(request, compressor);
  CHECK(coded.headers ==
        Headers{{"X-A", "b"}, {"Content-Encoding", "gzip"}, {"Accept-Encoding", "gzip"}});
  CHECK(decompressor.gunzip(coded.body, kMax) == request.body);
}

TEST_CASE("an answer comes in clear, and what is none is cut or too large") {
  Compressor compressor;
  Decompressor decompressor;
  const auto read = [&](Answer answer) { return in_clear(std::move(answer), kMax, decompressor); };
  const std::string bytes = compressor.gzip(std::string(kMax, 'x'));
  const Answer clear = read(gzip_answer(bytes));
  REQUIRE(clear.response);
  CHECK(clear.response->body == std::string(kMax, 'x'));
  CHECK(clear.response->headers == Headers{{"ETag", "\"1\""}});
  CHECK(read(gzip_answer(bytes.substr(0, bytes.size() / 2))).failure == TransportFailure::cut);
  CHECK(read(gzip_answer("<html>")).failure == TransportFailure::cut);
  const Answer beyond = read(gzip_answer(compressor.gzip(std::string(kMax + 1, 'x'))));
  CHECK(beyond.failure == TransportFailure::too_large);
  CHECK(beyond.left_at == Instant{7});
  CHECK_FALSE(beyond.response);
  // Nothing to read: a 204, or what answers a HEAD.
  CHECK(read(gzip_answer("")).response.has_value());
  const Answer plain{Response{200, {}, bytes}, std::nullopt};
  CHECK(read(plain).response->body == bytes);
  CHECK(read({std::nullopt, TransportFailure::silent}).failure == TransportFailure::silent);
}
