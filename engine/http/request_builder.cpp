#include "engine/http/request_builder.hpp"

#include <utility>

namespace landfall::http {
namespace {

// What the profile sends with every call (P-100). A header that names the organisation is left out
// where none is chosen: an empty one would name none that exists.
Status add_headers(const Profile& profile, const profile::Variables& facts, Request& request) {
  const std::string organisation{profile::kOrganisationVariable};
  const bool has_organisation = facts.contains(organisation);
  for (const auto& [name, shape] : profile.headers) {
    const bool names_it = shape.find("${" + organisation + "}") != std::string::npos;
    if (names_it && !has_organisation) continue;
    LANDFALL_TRY_ASSIGN(std::string value, profile::fill_text(shape, facts));
    set_header(request.headers, name, std::move(value));
  }
  return {};
}

void add_bearer(const SharedSecret<std::string>& bearer, Request& request) {
  set_header(request.headers, "Authorization", "Bearer " + bearer->reveal());
}

}  // namespace

Result<Request> build_request(const Profile& profile, const profile::Variables& facts,
                              const ApiCall& call, const std::string& request_id,
                              const SharedSecret<std::string>& bearer) {
  const profile::Endpoint* endpoint = profile.endpoint(call.endpoint);
  if (endpoint == nullptr) {
    return failure(ErrorClass::invalid, "endpoint.unknown",
                   "the profile has no endpoint " + quote_input(call.endpoint));
  }
  profile::Variables variables = facts;
  for (const auto& [name, value] : call.variables) variables.insert_or_assign(name, value);
  Request request;
  request.method = endpoint->method;
  LANDFALL_TRY_ASSIGN(request.target, profile::fill_path(endpoint->path, variables));
  char before = '?';
  for (const auto& [name, value] : call.query)
    request.target += std::exchange(before, '&') + name + '=' + profile::percent_encode(value);
  LANDFALL_TRY(add_headers(profile, variables, request));
  for (const auto& [name, value] : call.headers) set_header(request.headers, name, value);
  set_header(request.headers, "X-Request-Id", request_id);
  if (bearer) add_bearer(bearer, request);
  request.body = call.body;
  return request;
}

Result<Request> build_upgrade(const Profile& profile, const profile::Variables& facts,
                              std::string target, const SharedSecret<std::string>& bearer) {
  Request request{"GET", std::move(target), {}, {}};
  LANDFALL_TRY(add_headers(profile, facts, request));
  if (profile.realtime->bearer == profile::BearerPlace::header) {
    add_bearer(bearer, request);
    return request;
  }
  request.target += request.target.find('?') == std::string::npos ? "?" : "&";
  request.target += "access_token=" + profile::percent_encode(bearer->reveal());
  return request;
}

}  // namespace landfall::http
