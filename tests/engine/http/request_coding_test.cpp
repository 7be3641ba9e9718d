#include "engine/http/request_coding.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace landfall::http;
using landfall::profile::HttpRules;

namespace {

constexpr HttpRules kGzip{.compress_requests = true, .compress_bytes_min = 100};

Request json_request(std::size_t bytes) {
  return {"POST", "/a", {{"Content-Type", "application/json"}}, std::string(bytes, 'x')};
}

bool goes_compressed(const RequestCoding& coding, Request request, HttpRules rules = kGzip) {
  coding.prepare(request, rules);
  return request.gzip_body;
}

bool accepts_gzip(Request request) {
  RequestCoding().prepare(request, kGzip);
  return request.accepts_gzip;
}

}  // namespace

TEST_CASE("bodies of JSON go compressed from the profile's size on, if it says so") {
  const RequestCoding coding;
  CHECK(goes_compressed(coding, json_request(100)));
  CHECK_FALSE(goes_compressed(coding, json_request(99)));
  CHECK_FALSE(goes_compressed(coding, json_request(100), {}));
  Request piece = json_request(1'000);
  set_header(piece.headers, "content-type", "application/octet-stream");
  CHECK_FALSE(goes_compressed(coding, piece));
}

TEST_CASE("answers may come compressed, but not those whose bytes are counted") {
  CHECK(accepts_gzip(json_request(0)));
  Request range = json_request(0);
  range.headers.emplace_back("range", "bytes=0-99");
  CHECK_FALSE(accepts_gzip(range));
  Request head = json_request(0);
  head.method = "HEAD";
  CHECK_FALSE(accepts_gzip(head));
}

TEST_CASE("a 415 sends the same request again, plain, and all others from then on") {
  RequestCoding coding;
  for (const int status : {200, 400, 401, 413, 422, 500, 503})
    CHECK_FALSE(coding.on_answer(status));
  CHECK_FALSE(coding.is_refused());
  CHECK(goes_compressed(coding, json_request(100)));
  CHECK(coding.on_answer(415));
  CHECK(coding.is_refused());
  CHECK_FALSE(goes_compressed(coding, json_request(100)));
  CHECK(coding.on_answer(415));  // of one that was under way
}
