#include "simulator/oracles/token_pairs.hpp"

#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

namespace landfall::oracles {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBearer = "Bearer ";
constexpr const char* kRefreshToken = "${refresh_token}";

// "error.code" as /error/code.
Json::json_pointer pointer_to(std::string_view dotted) {
  std::string text = "/";
  for (const char c : dotted) text += c == '.' ? '/' : c;
  return Json::json_pointer{text};
}

std::string text_at(const Json& body, const Json& paths, const char* name) {
  if (!paths.contains(name) || !paths[name].is_string()) return {};
  const auto pointer = pointer_to(paths[name].get<std::string>());
  if (!body.is_object() || !body.contains(pointer) || !body[pointer].is_string()) return {};
  return body[pointer].get<std::string>();
}

// Said as a number of seconds, or as the instant of its end by the server's clock, which a world's
// phones share.
Duration lifetime_in(const Json& body, const Json& paths, Instant now) {
  if (paths.contains("expires_in_s") && paths["expires_in_s"].is_string()) {
    const auto pointer = pointer_to(paths["expires_in_s"].get<std::string>());
    if (!body.contains(pointer) || !body[pointer].is_number_integer()) return Duration{0};
    return std::chrono::seconds{body[pointer].get<std::int64_t>()};
  }
  const auto end = parse_rfc3339(text_at(body, paths, "expires_at"));
  return end && *end > now ? *end - now : Duration{0};
}

bool is_call_of(const Json& endpoint, const http::Request& request) {
  return endpoint.value("path", "") == request.target &&
         endpoint.value("method", "") == request.method;
}

// The reply paths of whatever endpoint this call may be of, if they name a pair.
const Json* pair_paths(const world::World& world, const http::Request& request) {
  for (const auto& endpoint : world.profile()["endpoints"]) {
    if (!is_call_of(endpoint, request) || !endpoint.contains("reply")) continue;
    const Json& reply = endpoint["reply"];
    if (reply.contains("access_token") && reply.contains("refresh_token")) return &reply;
  }
  return nullptr;
}

const Json* endpoint_of(const world::World& world, const char* name) {
  const auto& endpoints = world.profile()["endpoints"];
  return endpoints.contains(name) ? &endpoints[name] : nullptr;
}

// What stands in the body where the template has ${refresh_token}.
std::string token_by(const Json& form, const Json& body) {
  if (form.is_string() && form == kRefreshToken && body.is_string()) return body.get<std::string>();
  if (!form.is_object() || !body.is_object()) return {};
  for (const auto& [name, part] : form.items()) {
    if (!body.contains(name)) continue;
    if (auto found = token_by(part, body[name]); !found.empty()) return found;
  }
  return {};
}

}  // namespace

std::optional<SeenPair> pair_in(const world::World& world, const http::Request& request,
                                const http::Answer& answer) {
  if (!answer.response || answer.failure || answer.response->status / 100 != 2) return std::nullopt;
  const Json* paths = pair_paths(world, request);
  if (paths == nullptr) return std::nullopt;
  const auto body = Json::parse(answer.response->body, nullptr, false);
  SeenPair pair{text_at(body, *paths, "access_token"), text_at(body, *paths, "refresh_token"),
                Duration{0}, text_at(body, *paths, "user_id")};
  if (pair.access.empty() || pair.refresh.empty()) return std::nullopt;
  pair.lifetime = lifetime_in(body, *paths, world.now());
  return pair;
}

std::string bearer_of(const http::Request& request) {
  const std::string value = http::header_text(request.headers, "Authorization");
  return value.starts_with(kBearer) ? value.substr(kBearer.size()) : std::string{};
}

bool is_refresh(const world::World& world, const http::Request& request) {
  const Json* endpoint = endpoint_of(world, "refresh");
  return endpoint != nullptr && is_call_of(*endpoint, request);
}

bool is_farewell(const world::World& world, const http::Request& request) {
  const Json::json_pointer id_header{"/auth/refresh/id_header"};
  if (is_refresh(world, request))
    return world.profile().value(id_header, "") != "" && refresh_id_of(world, request).empty();
  const Json::json_pointer steps{"/auth/logout/steps"};
  for (const auto& step : world.profile().value(steps, Json::array({"logout"}))) {
    const Json* endpoint = endpoint_of(world, step.get_ref<const std::string&>().c_str());
    if (endpoint != nullptr && is_call_of(*endpoint, request)) return true;
  }
  return false;
}

std::string presented_token(const world::World& world, const http::Request& request) {
  for (const char* name : {"refresh", "logout"}) {
    const Json* endpoint = endpoint_of(world, name);
    if (endpoint == nullptr || !is_call_of(*endpoint, request) || !endpoint->contains("body"))
      continue;
    return token_by((*endpoint)["body"], Json::parse(request.body, nullptr, false));
  }
  return {};
}

std::string refresh_id_of(const world::World& world, const http::Request& request) {
  const Json::json_pointer header{"/auth/refresh/id_header"};
  const auto& profile = world.profile();
  if (!profile.contains(header) || !profile[header].is_string()) return {};
  const auto name = profile[header].get<std::string>();
  return name.empty() ? std::string{} : http::header_text(request.headers, name);
}

bool is_verdict(const world::World& world, const http::Answer& answer) {
  if (!answer.response || answer.failure) return false;
  const int status = answer.response->status;
  if (status != 400 && status != 401) return false;
  const auto body = Json::parse(answer.response->body, nullptr, false);
  return !text_at(body, world.profile()["errors"], "code").empty();
}

}  // namespace landfall::oracles
