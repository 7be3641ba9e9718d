#include "tests/bench/quick_backend.hpp"

#include <string_view>

#include "simulator/backend/options.hpp"

namespace landfall::bench {
namespace {

constexpr std::string_view kAccessToken = "access-of-the-bench";
constexpr std::string_view kEmptyPage =
    R"({"scope":"tier1","cursor":"1","has_more":false,"changes":[]})";
constexpr std::string_view kPair =
    R"({"accessToken":"access-of-the-bench","refreshToken":"refresh-of-the-bench",)"
    R"("expiresIn":86400})";
constexpr std::string_view kUnauthorized =
    R"({"error":{"code":"TOKEN_EXPIRED","message":"the token has expired"}})";

const backend::Routes& routes() {
  static const backend::Routes all;
  return all;
}

http::Response json(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

// Every member "id" of the body names an operation; nothing else in it is called so.
std::string applied(std::string_view body, std::uint64_t& operations) {
  constexpr std::string_view kName = R"("id":")";
  constexpr std::size_t kIdBytes = 36;
  std::string results = R"({"results":[)";
  for (std::size_t at = body.find(kName); at != std::string_view::npos;
       at = body.find(kName, at + kIdBytes)) {
    if (operations++ > 0) results += ',';
    results += R"({"id":")";
    results += body.substr(at + kName.size(), kIdBytes);
    results += R"(","status":"applied"})";
  }
  return results + "]}";
}

}  // namespace

http::Response QuickBackend::answer(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  ++counts_.requests;
  if (broken_) return json(503, "{}");
  if (request.target == routes().health) return json(200, "{}");
  if (request.target == routes().refresh) {
    ++counts_.refreshes;
    return json(200, std::string(kPair));
  }
  const std::string token = http::header_text(request.headers, "Authorization");
  if (expired_ && !token.ends_with(kAccessToken)) {
    ++counts_.unauthorized;
    return json(401, std::string(kUnauthorized));
  }
  return answer_call(request);
}

http::Response QuickBackend::answer_call(const http::Request& request) {
  if (request.target == routes().pull) {
    ++counts_.pulls;
    return json(200, answer_pull_ ? answer_pull_(request.body) : std::string(kEmptyPage));
  }
  ++counts_.pushes;
  if (request.target != routes().push) {
    ++counts_.operations;
    return json(200, "{}");
  }
  std::uint64_t operations = 0;
  std::string results = applied(request.body, operations);
  counts_.operations += operations;
  return json(200, std::move(results));
}

void QuickBackend::expire_tokens() {
  const std::lock_guard lock(mutex_);
  expired_ = true;
}

void QuickBackend::break_down() {
  const std::lock_guard lock(mutex_);
  broken_ = true;
}

ServerCounts QuickBackend::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace landfall::bench
