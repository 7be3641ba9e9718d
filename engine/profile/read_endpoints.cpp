#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::array<std::string_view, 7> kDeviceVariables{
    "app_version", "device_id", "device_name", "locale", "os_version", "platform", "zone"};

// What a body may name beside the device: credentials and the parts of an exchange with the server.
constexpr std::array<std::string_view, 18> kBodyVariables{"access_token",
                                                          "attestation_key",
                                                          "biometric_token",
                                                          "challenge",
                                                          "code",
                                                          "email",
                                                          "entity_ids",
                                                          "id",
                                                          "name",
                                                          "password",
                                                          "public_key",
                                                          "refresh_token",
                                                          "remember_me",
                                                          "signature",
                                                          "signed_at",
                                                          "push_token",
                                                          "biometric_capable",
                                                          "biometric_type"};

// What a reply may be asked for. Behind `organisations` (I-28 to I-30): what stands in each of its
// items.
constexpr std::array<std::string_view, 21> kReplyNames{"access_token",
                                                       "refresh_token",
                                                       "expires_in_s",
                                                       "expires_at",
                                                       "user_id",
                                                       "user_name",
                                                       "organisation",
                                                       "roles",
                                                       "permissions",
                                                       "challenge",
                                                       "entity",
                                                       "assigned_id",
                                                       "two_factor_required",
                                                       "biometric_token",
                                                       "role_permissions",
                                                       "account_name",
                                                       "account_id",
                                                       "organisations",
                                                       "organisation_id",
                                                       "organisation_name",
                                                       "organisation_industry"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Refuses placeholders that nobody will have a value for, before a user meets them.
void check_variables(const Result<std::vector<std::string>>& used, bool with_body_variables,
                     ObjectReader& reader, std::string_view key) {
  if (!used) return reader.refuse(key, "expected placeholders of the form ${name}");
  for (const std::string& name : *used) {
    if (is_one_of(name, kDeviceVariables)) continue;
    if (with_body_variables && is_one_of(name, kBodyVariables)) continue;
    if (with_body_variables && is_second_factor_variable(name)) continue;
    // Known to the requests of a session that has one; without it the header is left out (I-29).
    if (!with_body_variables && name == kOrganisationVariable) continue;
    reader.refuse(key, "no value is known for the placeholder " + quote_input(name));
  }
}

bool is_path_byte(char c) {
  return c > ' ' && c < 0x7F && c != '\\' && c != '#' && c != '"' && c != '<' && c != '>';
}

std::string read_path(ObjectReader& reader) {
  std::string path = reader.text("path", limits::kTargetBytesMax);
  if (path.empty()) return path;
  const bool rooted = path.front() == '/' && !path.starts_with("//");
  if (!rooted || path.find("/..") != std::string::npos ||
      !std::all_of(path.begin(), path.end(), is_path_byte)) {
    reader.refuse("path", "expected a path that begins with one / and has no /..");
  }
  if (!variables_in(path)) reader.refuse("path", "expected placeholders of the form ${name}");
  return path;
}

std::map<std::string, std::string, std::less<>> read_reply(ObjectReader& reader) {
  std::map<std::string, std::string, std::less<>> reply;
  auto section = reader.object_if("reply");
  if (!section) return reply;
  for (auto& [name, path] : section->texts(2 * kReplyNames.size(), 256)) {
    if (is_one_of(name, kReplyNames) || is_second_factor_reply(name)) {
      reply.emplace(name, path);
    } else {
      section->errors().set("profile.unknown_key", section->path_of(path_part(name)),
                            "is nothing that a reply is asked for");
    }
  }
  return reply;
}

Endpoint read_endpoint(const std::string& name, ObjectReader& reader) {
  Endpoint endpoint;
  endpoint.name = name;
  endpoint.method = reader.choice<std::string_view>("method", {{"GET", "GET"},
                                                               {"POST", "POST"},
                                                               {"PUT", "PUT"},
                                                               {"PATCH", "PATCH"},
                                                               {"DELETE", "DELETE"},
                                                               {"HEAD", "HEAD"}});
  endpoint.path = read_path(reader);
  endpoint.auth = reader.choice<AuthKind>("auth", {{"jwt", AuthKind::jwt},
                                                   {"none", AuthKind::none},
                                                   {"refresh", AuthKind::refresh},
                                                   {"biometric", AuthKind::biometric}});
  endpoint.offline = reader.choice<OfflineClass>("offline", {{"no", OfflineClass::no},
                                                             {"cached", OfflineClass::cached},
                                                             {"queued", OfflineClass::queued},
                                                             {"partial", OfflineClass::partial}});
  endpoint.replay = reader.flag_or("replay", false);
  if (endpoint.replay && endpoint.auth != AuthKind::jwt) {
    reader.refuse("replay", "only calls with auth jwt are replayed after a refresh");
  }
  endpoint.body = reader.raw("body");
  if (endpoint.body && !endpoint.body->is_object()) reader.refuse("body", "expected an object");
  if (endpoint.body) check_variables(variables_in_json(*endpoint.body), true, reader, "body");
  endpoint.reply = read_reply(reader);
  endpoint.documents = reader.text_or("documents", "");
  const std::size_t bytes_default = endpoint.auth == AuthKind::jwt ? limits::kSyncResponseBytesMax
                                                                   : limits::kAuthResponseBytesMax;
  endpoint.response_bytes_max = static_cast<std::size_t>(
      reader.integer_or("response_bytes_max", static_cast<std::int64_t>(bytes_default), 1024,
                        static_cast<std::int64_t>(limits::kSyncResponseBytesMax)));
  endpoint.operations_max = static_cast<std::size_t>(reader.integer_or(
      "operations_max", 0, 0, static_cast<std::int64_t>(limits::kBatchOperationsMax)));
  reader.done();
  return endpoint;
}

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kNameBytesMax &&
         std::all_of(name.begin(), name.end(), is_token_char);
}

}  // namespace

const Json* reply_value(const Json& reply, std::string_view dotted_path) {
  const Json* at = &reply;
  while (!dotted_path.empty()) {
    const std::size_t dot = dotted_path.find('.');
    const std::string key{dotted_path.substr(0, dot)};
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end() || found->is_null()) return nullptr;
    at = &*found;
    dotted_path = dot == std::string_view::npos ? std::string_view{} : dotted_path.substr(dot + 1);
  }
  return at;
}

const Json* reply_value(const Json& reply, const Endpoint& endpoint, std::string_view what) {
  const auto named = endpoint.reply.find(what);
  return named == endpoint.reply.end() ? nullptr : reply_value(reply, named->second);
}

std::map<std::string, Endpoint, std::less<>> read_endpoints(ObjectReader section) {
  std::map<std::string, Endpoint, std::less<>> endpoints;
  for (auto& [name, reader] : section.objects(limits::kEndpointsMax)) {
    endpoints.emplace(name, read_endpoint(name, reader));
  }
  return endpoints;
}

std::vector<std::pair<std::string, std::string>> read_headers(ObjectReader section) {
  auto headers = section.texts(limits::kHeadersMax, 1024);
  for (const auto& [name, value] : headers) {
    const std::string key = path_part(name);
    if (!is_header_name(name)) section.refuse(key, "expected the name of a header");
    check_variables(variables_in(value), false, section, key);
    if (!fill_header(value, {}) && variables_in(value) && variables_in(value)->empty()) {
      section.refuse(key, "expected a text without control characters");
    }
  }
  return headers;
}

ErrorShape read_errors(ObjectReader section) {
  ErrorShape shape;
  shape.code = section.text("code");
  shape.message = section.text("message");
  shape.details = section.text_or("details", "");
  if (section.has("map")) {
    for (ObjectReader& reader : section.array("map", limits::kErrorMappingsMax)) {
      ErrorMapping mapping;
      mapping.endpoint = reader.text("endpoint", limits::kNameBytesMax);
      mapping.status = static_cast<int>(reader.integer("status", 400, 599));
      mapping.code = reader.text_or("code", "");
      mapping.as = reader.text("as", limits::kNameBytesMax);
      reader.done();
      shape.map.push_back(std::move(mapping));
    }
  }
  section.done();
  return shape;
}

std::string_view ErrorShape::mapped(std::string_view endpoint, int status,
                                    std::string_view server_code) const {
  const auto fits = [&](const ErrorMapping& mapping) {
    return mapping.endpoint == endpoint && mapping.status == status &&
           (mapping.code.empty() || mapping.code == server_code);
  };
  const auto found = std::find_if(map.begin(), map.end(), fits);
  return found == map.end() ? std::string_view{} : found->as;
}

AuthRules read_auth(ObjectReader section) {
  AuthRules rules;
  ObjectReader refresh = section.object("refresh");
  rules.refresh.ahead = std::chrono::seconds{refresh.integer("ahead_s", 0, 3600)};
  rules.refresh.on_rejected =
      refresh.choice<OnRefreshRejected>("on_rejected", {{"keep", OnRefreshRejected::keep},
                                                        {"ask", OnRefreshRejected::ask},
                                                        {"logout", OnRefreshRejected::logout}});
  rules.refresh.id_header = refresh.text_or("id_header", "");
  if (!rules.refresh.id_header.empty() && !is_header_name(rules.refresh.id_header)) {
    refresh.refuse("id_header", "expected the name of a header");
  }
  refresh.done();
  rules.passthrough_paths = section.texts_or_none("passthrough_paths", limits::kEndpointsMax);
  if (auto claims = section.object_if("claims")) {
    rules.claims.roles = claims->text_or("roles", "", limits::kNameBytesMax);
    rules.claims.kept = claims->texts_or_none("kept", limits::kClaimsMax);
    claims->done();
  }
  rules.session = read_session(section);
  section.done();
  return rules;
}

}  // namespace landfall::profile
