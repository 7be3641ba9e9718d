#include "engine/http/request_coding.hpp"

#include <string_view>

namespace landfall::http {
namespace {

constexpr int kUnsupportedMediaType = 415;

bool is_json(const Headers& headers) {
  constexpr std::string_view kJson = "application/json";
  const auto type = find_header(headers, "Content-Type");
  return type && same_name(type->substr(0, kJson.size()), kJson);
}

}  // namespace

void RequestCoding::prepare(Request& request, const profile::HttpRules& rules) const {
  request.accepts_gzip = request.method != "HEAD" && !find_header(request.headers, "Range");
  request.gzip_body = rules.compress_requests && !is_refused() &&
                      request.body.size() >= rules.compress_bytes_min && is_json(request.headers);
}

bool RequestCoding::on_answer(int status) {
  if (status != kUnsupportedMediaType) return false;
  is_refused_ = true;
  return true;
}

}  // namespace landfall::http
