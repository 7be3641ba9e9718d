#include "tests/engine/auth/model_server.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace landfall::test {

using nlohmann::json;

std::string_view to_string(RefreshMode mode) {
  switch (mode) {
    case RefreshMode::grace:
      return "grace";
    case RefreshMode::until_used:
      return "until_used";
    case RefreshMode::strict:
      return "strict";
  }
  return "";
}

std::string ModelServer::login() {
  generations_.clear();
  issue();
  accepted_from_ = 0;
  json body = json::parse(pair(0).response->body);
  body["user"] = {{"id", "u-1"}, {"name", "Ann"}, {"tenantId", "t-1"}};
  return body.dump();
}

http::Answer ModelServer::refresh(const http::ApiCall& call, Instant now) {
  const auto token = json::parse(call.body).at("refreshToken").get<std::string>();
  const std::string id{http::find_header(call.headers, "X-Refresh-Id").value_or("")};
  refresh_ids_.push_back(id);
  const auto found =
      std::find_if(generations_.begin(), generations_.end(),
                   [&](const Generation& generation) { return generation.refresh == token; });
  if (revoked_ || found == generations_.end()) return refuse();
  const auto index = static_cast<std::size_t>(found - generations_.begin());
  if (index + 1 == generations_.size()) {
    found->used = true;
    found->exchanged_by = id;
    found->exchanged_at = now;
    issue();
    ++rotations_;
    return pair(index + 1);
  }
  if (index + 2 == generations_.size() && may_repeat(index, id, now)) return pair(index + 1);
  ++alarms_;
  revoked_ = true;
  return refuse();
}

bool ModelServer::accepts(const std::string& bearer) {
  for (std::size_t index = accepted_from_; index < generations_.size() && !revoked_; ++index) {
    if (generations_[index].access != bearer) continue;
    generations_[index].used = true;
    return true;
  }
  return false;
}

void ModelServer::forget_newest() {
  generations_.pop_back();
  accepted_from_ = std::min(accepted_from_, generations_.size());
}

void ModelServer::issue() {
  const std::string number = std::to_string(issued_.size() / 2);
  generations_.push_back({"access-marker-" + number, "refresh-marker-" + number, "", {}, false});
  issued_.push_back(generations_.back().access);
  issued_.push_back(generations_.back().refresh);
}

http::Answer ModelServer::pair(std::size_t index) const {
  return respond(200, pair_body(generations_[index].access, generations_[index].refresh, 900));
}

bool ModelServer::may_repeat(std::size_t index, const std::string& id, Instant now) const {
  const Generation& exchanged = generations_[index];
  switch (mode_) {
    case RefreshMode::grace:
      return now - exchanged.exchanged_at <= Duration{30'000};
    case RefreshMode::until_used:
      return !generations_[index + 1].used && exchanged.exchanged_by == id;
    case RefreshMode::strict:
      return false;
  }
  return false;
}

http::Answer respond(int status, std::string body, http::Headers headers) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer fail_with(http::TransportFailure failure) { return {std::nullopt, failure}; }

http::Answer refuse() {
  return respond(401, R"({"error":{"code":"INVALID_GRANT","message":"no","details":{}}})");
}

http::Answer portal_page(int status) {
  return respond(status, "<html><body>Please accept our terms</body></html>");
}

std::string pair_body(std::string_view access, std::string_view refresh,
                      std::int64_t expires_in_s) {
  return json{{"accessToken", access}, {"refreshToken", refresh}, {"expiresIn", expires_in_s}}
      .dump();
}

}  // namespace landfall::test
