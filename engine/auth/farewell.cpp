#include "engine/auth/farewell.hpp"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "engine/profile/template.hpp"

namespace landfall::auth {
namespace {

bool is_unauthorized(const http::Answer& answer) {
  return answer.response && answer.response->status == 401;
}

}  // namespace

Farewell::Farewell(Parts parts)
    : parts_(std::move(parts)),
      left_(parts_.profile.auth.session.logout.calls.rbegin(),
            parts_.profile.auth.session.logout.calls.rend()) {}

std::optional<FarewellCall> Farewell::next() {
  while (!left_.empty()) {
    if (needs_access(left_.back()) && !parts_.tokens.access && may_renew())
      left_.emplace_back(kRefreshEndpoint);
    std::string endpoint = std::move(left_.back());
    left_.pop_back();
    if (endpoint == kRefreshEndpoint) has_renewed_ = true;
    if (auto call = make(endpoint)) {
      asked_ = std::move(endpoint);
      return call;
    }
  }
  return std::nullopt;
}

void Farewell::on_answer(const http::Answer& answer) {
  if (!asked_) return;
  const std::string endpoint = *std::exchange(asked_, std::nullopt);
  if (endpoint != kRefreshEndpoint) {
    if (!is_unauthorized(answer) || !needs_access(endpoint)) return;
    parts_.tokens.access = nullptr;
    if (may_renew()) left_.push_back(endpoint);
    return;
  }
  if (!answer.response || answer.response->status / 100 != 2) return;
  auto pair = parse_token_pair(parts_.profile, kRefreshEndpoint, *answer.response);
  if (!pair) return;
  parts_.tokens.access = share(std::move(pair->access));
  parts_.tokens.refresh = share(std::move(pair->refresh));
}

// Nothing where the credential that it carries is not there.
std::optional<FarewellCall> Farewell::make(const std::string& name) const {
  const profile::Endpoint* endpoint = parts_.profile.endpoint(name);
  if (endpoint == nullptr) return std::nullopt;
  const bool has_credential =
      needs_access(name) ? parts_.tokens.access != nullptr : parts_.tokens.refresh != nullptr;
  if (!has_credential) return std::nullopt;
  FarewellCall farewell{http::ApiCall{name, {}, {}, {}}, nullptr};
  if (needs_access(name)) farewell.bearer = parts_.tokens.access;
  if (!parts_.organisation.empty())
    farewell.call.variables.emplace(profile::kOrganisationVariable, parts_.organisation);
  if (!endpoint->body) return farewell;
  const auto& refresh = parts_.tokens.refresh;
  auto body = profile::fill_body(
      profile::SessionBody::farewell, *endpoint->body,
      {{"refresh_token", refresh ? refresh->reveal() : ""}, {"device_id", parts_.device_id}});
  if (!body) return std::nullopt;
  farewell.call.body = std::move(*body);
  return farewell;
}

bool Farewell::needs_access(const std::string& name) const {
  const profile::Endpoint* endpoint = parts_.profile.endpoint(name);
  return endpoint != nullptr && endpoint->auth == profile::AuthKind::jwt;
}

bool Farewell::may_renew() const {
  return !has_renewed_ && !parts_.tokens.is_refreshing && parts_.tokens.refresh != nullptr &&
         parts_.profile.endpoint(kRefreshEndpoint) != nullptr;
}

}  // namespace landfall::auth
