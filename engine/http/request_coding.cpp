#include "engine/http/request_coding.hpp"

#include <string_view>

namespace landfall::http {
namespace {

constexpr int kBadRequest = 400;
constexpr int kUnsupportedMediaType = 415;

bool is_json(const Headers& headers) {
  constexpr std::string_view kJson = "application/json";
  const auto type = find_header(headers, "Content-Type");
  return type && same_name(type->substr(0, kJson.size()), kJson);
}

bool is_success(int status) { return status >= 200 && status < 300; }

}  // namespace

void RequestCoding::prepare(Request& request, const profile::HttpRules& rules) const {
  request.accepts_gzip = request.method != "HEAD" && !find_header(request.headers, "Range");
  request.gzip_body = rules.compress_requests && !is_refused() &&
                      request.body.size() >= rules.compress_bytes_min && is_json(request.headers);
}

bool RequestCoding::goes_again(int status) {
  if (status == kUnsupportedMediaType) server_ = Server::takes_none;
  if (server_ == Server::unknown && is_success(status)) server_ = Server::takes_gzip;
  return status == kUnsupportedMediaType ||
         (status == kBadRequest && server_ != Server::takes_gzip);
}

// A server that failed, or refuses who asks, has not looked at the body.
void RequestCoding::on_second_answer(int status) {
  if (server_ == Server::unknown && is_success(status)) server_ = Server::takes_none;
}

}  // namespace landfall::http
