#include "engine/http/request_builder.hpp"

#include <utility>

namespace landfall::http {

// A header that names the organisation is left out where none is chosen: an empty one would name
// none that exists.
Result<Headers> profile_headers(const Profile& profile, const profile::Variables& facts) {
  const std::string placeholder = "${" + std::string{profile::kOrganisationVariable} + "}";
  const bool has_organisation = facts.contains(std::string{profile::kOrganisationVariable});
  Headers headers;
  for (const auto& [name, shape] : profile.headers) {
    if (!has_organisation && shape.find(placeholder) != std::string::npos) continue;
    LANDFALL_TRY_ASSIGN(std::string value, profile::fill_text(shape, facts));
    set_header(headers, name, std::move(value));
  }
  return headers;
}

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
  LANDFALL_TRY_ASSIGN(Headers own, profile_headers(profile, variables));
  for (auto& [name, value] : own) set_header(request.headers, name, std::move(value));
  for (const auto& [name, value] : call.headers) set_header(request.headers, name, value);
  set_header(request.headers, "X-Request-Id", request_id);
  if (bearer) set_header(request.headers, "Authorization", "Bearer " + bearer->reveal());
  request.body = call.body;
  return request;
}

}  // namespace landfall::http
