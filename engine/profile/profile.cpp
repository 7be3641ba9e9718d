#include "engine/profile/profile.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall {
namespace {

using profile::AuthKind;
using profile::FirstError;
using profile::ObjectReader;

bool is_lower_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_host(std::string_view host) {
  return !host.empty() && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool is_port(std::string_view port) {
  if (port.empty() || port.size() > 5) return false;
  int number = 0;
  for (const char c : port) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  return number >= 1 && number <= 65'535;
}

// Scheme, host and port and nothing else. Clear text is for a server on the same machine only.
bool is_origin(std::string_view origin) {
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kClear = "http://";
  const bool tls = origin.starts_with(kTls);
  if (!tls && !origin.starts_with(kClear)) return false;
  const std::string_view authority = origin.substr(tls ? kTls.size() : kClear.size());
  const std::size_t colon = authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  if (!is_host(host)) return false;
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return false;
  return tls || host == "localhost" || host == "127.0.0.1";
}

// An endpoint that the engine calls by this name.
void require_endpoint(const Profile& profile, const std::string& name, AuthKind auth,
                      FirstError& errors) {
  const profile::Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr) {
    errors.set("profile.missing", "endpoints." + name, "is missing, expected an endpoint");
  } else if (endpoint->auth != auth) {
    errors.set("profile.value", "endpoints." + name + ".auth",
               "is not the kind that this call needs");
  }
}

void require_reply(const Profile& profile, const std::string& name,
                   std::initializer_list<std::string_view> values, FirstError& errors) {
  const profile::Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr) return;
  for (const std::string_view value : values) {
    if (endpoint->reply.contains(value)) continue;
    errors.set("profile.missing", "endpoints." + name + ".reply." + std::string{value},
               "is missing, expected the place of this value in the reply");
  }
}

// What an unlock asks the server (C-8, P-14).
void check_unlock(const Profile& profile, FirstError& errors) {
  if (profile.endpoint("pin_login") != nullptr) {
    require_endpoint(profile, "pin_login", AuthKind::none, errors);
    require_reply(profile, "pin_login", {"access_token", "refresh_token"}, errors);
    require_endpoint(profile, "pin_register", AuthKind::jwt, errors);
  }
  const auto& biometric = profile.unlock.biometric;
  if (!biometric) return;
  if (biometric->mode == profile::BiometricMode::server_token) {
    require_endpoint(profile, "biometric_register", AuthKind::jwt, errors);
    require_reply(profile, "biometric_register", {"biometric_token"}, errors);
    require_endpoint(profile, "biometric", AuthKind::biometric, errors);
    require_reply(profile, "biometric", {"access_token", "refresh_token"}, errors);
  } else {
    require_endpoint(profile, "me", AuthKind::jwt, errors);
  }
}

// Every call that a login with a second factor or its management may need.
void check_second_factor(const Profile& profile, FirstError& errors) {
  if (!profile.second_factor) return;
  require_reply(profile, "login", {"challenge"}, errors);
  require_endpoint(profile, "second_factor_login", AuthKind::none, errors);
  require_reply(profile, "second_factor_login", {"access_token", "refresh_token", "user_id"},
                errors);
  if (profile.second_factor->methods.contains(profile::FactorMethod::sms))
    require_endpoint(profile, "second_factor_send", AuthKind::none, errors);
  for (const char* name : {"second_factor_setup", "second_factor_verify",
                           "second_factor_backup_codes", "second_factor_disable"}) {
    if (profile.endpoint(name) != nullptr) require_endpoint(profile, name, AuthKind::jwt, errors);
  }
}

void check_endpoints(const Profile& profile, FirstError& errors) {
  require_endpoint(profile, "login", AuthKind::none, errors);
  require_reply(profile, "login", {"access_token", "refresh_token", "user_id"}, errors);
  require_endpoint(profile, "refresh", AuthKind::refresh, errors);
  require_reply(profile, "refresh", {"access_token", "refresh_token"}, errors);
  check_unlock(profile, errors);
  check_second_factor(profile, errors);
  require_endpoint(profile, "push", AuthKind::jwt, errors);
  require_endpoint(profile, "pull", AuthKind::jwt, errors);
  if (profile.sync.idempotency != profile::Idempotency::none) {
    require_endpoint(profile, "receipts", AuthKind::jwt, errors);
  }
  if (profile.endpoint(profile.connectivity.probe) == nullptr) {
    errors.set("profile.value", "connectivity.probe", "expected the name of an endpoint");
  }
}

// That the endpoint of an action is there and is called as deliveries are (engine/sync/delivery).
void check_delivery(const Profile& profile, const std::string& path, const profile::Action& action,
                    FirstError& errors) {
  if (action.delivery == profile::Delivery::batch) return;
  const profile::Endpoint* endpoint = profile.endpoint(action.endpoint);
  if (endpoint == nullptr || endpoint->auth != AuthKind::jwt || !endpoint->replay) {
    return errors.set("profile.value", path + ".endpoint",
                      "expected an endpoint whose auth is jwt and that is replayed");
  }
  const auto in_path = profile::variables_in(endpoint->path);
  const bool names_entity = in_path && *in_path == std::vector<std::string>{"id"};
  const bool is_plain = in_path && in_path->empty();
  const bool fits =
      action.delivery == profile::Delivery::endpoint ? names_entity || is_plain : is_plain;
  if (!fits) {
    errors.set("profile.value", "endpoints." + action.endpoint + ".path",
               "expected no placeholder but ${id}, and none for a group");
  }
  if (!endpoint->body) return;
  const auto in_body = profile::variables_in_json(*endpoint->body);
  const auto is_known = [](const std::string& name) {
    return name == "id" || name == "device_id" || name == "entity_ids";
  };
  if (!in_body || !std::all_of(in_body->begin(), in_body->end(), is_known)) {
    errors.set("profile.value", "endpoints." + action.endpoint + ".body",
               "expected no placeholder but ${id}, ${device_id} and ${entity_ids}");
  }
}

void check_references(const Profile& profile, const std::string& path,
                      const profile::Action& action, FirstError& errors) {
  for (const auto& [name, field] : action.payload) {
    if (field.refers_to.empty() || profile.entity(field.refers_to) != nullptr) continue;
    errors.set("profile.value", path + ".payload." + name + ".refers_to",
               "expected a type of entities");
  }
}

// A GET with a list of documents that may be answered from here.
bool is_cached_get(const profile::Endpoint* endpoint) {
  if (endpoint == nullptr || endpoint->method != "GET" || endpoint->auth != AuthKind::jwt ||
      endpoint->documents.empty() || endpoint->offline != profile::OfflineClass::cached) {
    return false;
  }
  const auto in_path = profile::variables_in(endpoint->path);
  return in_path && in_path->empty();
}

// Its answer goes into documents of two types: the items, which are the server's, and the answer
// itself, which comes in no other way.
void check_read(const Profile& profile, const profile::CachedRead& read, FirstError& errors) {
  const std::string path = "reads." + read.name;
  if (!is_cached_get(profile.endpoint(read.endpoint))) {
    errors.set("profile.value", path + ".endpoint",
               "expected a GET with documents and no placeholder, whose auth is jwt and whose "
               "offline class is cached");
  }
  const profile::Entity* items = profile.entity(read.entity);
  if (items == nullptr || items->tier == profile::Tier::online)
    errors.set("profile.value", path + ".entity", "expected a type of entities that is stored");
  const profile::Entity* kept = profile.entity(read.kept_as);
  if (kept == nullptr || kept->tier == profile::Tier::online || !kept->scope.empty() ||
      !kept->actions.empty() || read.kept_as == read.entity) {
    errors.set("profile.value", path + ".kept_as",
               "expected a type of its own that is stored, with no scope and no actions");
  }
}

// A pinned entity is brought ahead by a scope, unless it is the answer to a read.
void check_scope(const Profile& profile, const profile::Entity& entity, FirstError& errors) {
  const std::string path = "entities." + entity.type + ".scope";
  if (!entity.scope.empty()) {
    if (profile.sync.scope(entity.scope) == nullptr)
      errors.set("profile.value", path, "expected a scope of sync.scopes");
    return;
  }
  if (entity.tier != profile::Tier::pinned) return;
  const bool is_answer =
      std::any_of(profile.reads.begin(), profile.reads.end(),
                  [&](const auto& read) { return read.second.kept_as == entity.type; });
  if (!is_answer) {
    errors.set("profile.value", path,
               "expected a scope: a pinned entity is pulled ahead, unless a read is kept as it");
  }
}

// An endpoint of a transfer: stamped and replayed, with one ${id} in its path but for the first
// call.
void check_file_endpoint(const Profile& profile, const std::string& key, const std::string& name,
                         std::string_view method, bool names_file, FirstError& errors) {
  const profile::Endpoint* endpoint = profile.endpoint(name);
  const bool is_stamped = endpoint != nullptr && endpoint->auth == AuthKind::jwt;
  if (!is_stamped || !endpoint->replay || endpoint->method != method) {
    return errors.set(
        "profile.value", "attachments." + key,
        "expected an endpoint with method " + std::string{method} + ", auth jwt and replay");
  }
  const auto in_path = profile::variables_in(endpoint->path);
  const std::vector<std::string> wanted =
      names_file ? std::vector<std::string>{"id"} : std::vector<std::string>{};
  if (!in_path || *in_path != wanted || endpoint->body) {
    errors.set(
        "profile.value", "endpoints." + name,
        names_file ? "expected ${id} in the path and no body" : "expected no ${id} and no body");
  }
}

void check_attachments(const Profile& profile, FirstError& errors) {
  if (!profile.attachments) return;
  const auto& rules = *profile.attachments;
  check_file_endpoint(profile, "start", rules.start, "POST", false, errors);
  check_file_endpoint(profile, "send", rules.send, "PATCH", true, errors);
  check_file_endpoint(profile, "offset", rules.offset, "HEAD", true, errors);
  for (const auto& [kind, name] : rules.downloads)
    check_file_endpoint(profile, "downloads." + kind, name, "GET", true, errors);
}

// An endpoint that is named by a section and carries the access token.
void check_named(const Profile& profile, const std::string& path, const std::string& name,
                 FirstError& errors) {
  if (name.empty()) return;
  const profile::Endpoint* endpoint = profile.endpoint(name);
  if (endpoint != nullptr && endpoint->auth == AuthKind::jwt) return;
  errors.set("profile.value", path, "expected the name of an endpoint whose auth is jwt");
}

void check_permissions(const Profile& profile, FirstError& errors) {
  if (profile.realtime)
    check_named(profile, "realtime.negotiate", profile.realtime->negotiate, errors);
  if (profile.permissions)
    return check_named(profile, "permissions.by_role", profile.permissions->by_role, errors);
  for (const auto& [type, entity] : profile.entities) {
    for (const auto& [name, action] : entity.actions) {
      if (action.permission.empty()) continue;
      errors.set("profile.value", "entities." + type + ".actions." + name + ".permission",
                 "expected none: the profile has no section permissions");
    }
  }
}

// Routes follow roles, which a login names and which are stored with the rights.
void check_routing(const Profile& profile, FirstError& errors) {
  if (!profile.routing) return;
  const profile::Endpoint* login = profile.endpoint("login");
  const bool names_roles =
      (login != nullptr && login->reply.contains("roles")) || !profile.auth.claims.roles.empty();
  if (!names_roles)
    errors.set("profile.missing", "endpoints.login.reply.roles",
               "is missing, expected the roles that routing needs");
}

void check_auth(const Profile& profile, FirstError& errors) {
  for (std::size_t i = 0; i < profile.auth.passthrough_paths.size(); ++i) {
    const std::string& path = profile.auth.passthrough_paths[i];
    const bool is_known =
        std::any_of(profile.endpoints.begin(), profile.endpoints.end(),
                    [&](const auto& endpoint) { return endpoint.second.path == path; });
    if (is_known) continue;
    errors.set("profile.value", "auth.passthrough_paths[" + std::to_string(i) + "]",
               "expected the path of an endpoint");
  }
  for (std::size_t i = 0; i < profile.errors.map.size(); ++i) {
    if (profile.endpoint(profile.errors.map[i].endpoint) != nullptr) continue;
    errors.set("profile.value", "errors.map[" + std::to_string(i) + "].endpoint",
               "expected the name of an endpoint");
  }
}

// What two sections must agree on.
void check_together(const Profile& profile, FirstError& errors) {
  check_endpoints(profile, errors);
  check_permissions(profile, errors);
  check_auth(profile, errors);
  check_routing(profile, errors);
  profile::check_devices(profile, errors);
  profile::check_session(profile, errors);
  profile::check_bodies(profile, errors);
  for (const auto& [name, read] : profile.reads) check_read(profile, read, errors);
  check_attachments(profile, errors);
  profile::check_attestation(profile, errors);
  for (const auto& [type, entity] : profile.entities) {
    check_scope(profile, entity, errors);
    for (const auto& [name, action] : entity.actions) {
      const std::string path = "entities." + type + ".actions." + name;
      check_delivery(profile, path, action, errors);
      check_references(profile, path, action, errors);
    }
  }
  const auto& settings = profile.notifications.settings;
  if (settings && profile.entity(settings->entity) == nullptr) {
    errors.set("profile.value", "notifications.settings.entity", "expected a type of entities");
  }
  if (profile.limits.payload_bytes_max + limits::kOperationEnvelopeBytesMax >
      profile.sync.batch_bytes_max) {
    errors.set("profile.value", "limits.payload_bytes_max",
               "expected at most sync.batch_bytes_max less " +
                   std::to_string(limits::kOperationEnvelopeBytesMax) +
                   ": a larger operation could never be sent");
  }
}

Profile read(ObjectReader root) {
  Profile profile;
  profile.name = root.text("name", limits::kNameBytesMax);
  if (!profile.name.empty() && !is_lower_name(profile.name)) {
    root.refuse("name", "expected lower-case letters, digits, _ and -");
  }
  profile.display_name = root.text_or("display_name", profile.name, limits::kNameBytesMax);
  profile.origin = root.text("origin");
  if (!profile.origin.empty() && !is_origin(profile.origin)) {
    root.refuse("origin", "expected https://host or https://host:port and nothing more");
  }
  profile.endpoints = profile::read_endpoints(root.object("endpoints"));
  profile.headers = profile::read_headers(root.object("headers"));
  profile.errors = profile::read_errors(root.object("errors"));
  profile.auth = profile::read_auth(root.object("auth"));
  profile.sync = profile::read_sync(root.object("sync"));
  profile.entities = profile::read_entities(root.object("entities"));
  if (auto reads = root.object_if("reads")) profile.reads = profile::read_reads(*reads);
  profile.notifications = profile::read_notifications(root.object("notifications"));
  profile.connectivity = profile::read_connectivity(root.object("connectivity"));
  profile.attachments = profile::read_attachments(root);
  if (auto section = root.object_if("realtime")) {
    profile.realtime = profile::read_realtime(std::move(*section));
  }
  if (auto section = root.object_if("permissions")) {
    profile.permissions = profile::read_permissions(std::move(*section));
  }
  ObjectReader messages = root.object("messages");
  for (auto& [key, text] : messages.texts(limits::kMessagesMax, limits::kMessageBytesMax)) {
    profile.messages.emplace(key, text);
  }
  profile.limits = profile::read_limits(root.object("limits"));
  if (auto unlock = root.object_if("unlock")) profile.unlock = profile::read_unlock(*unlock);
  if (auto section = root.object_if("routing"))
    profile.routing = profile::read_routing(std::move(*section));
  if (auto devices = root.object_if("devices")) profile.devices = profile::read_devices(*devices);
  if (auto updates = root.object_if("updates")) profile.updates = profile::read_updates(*updates);
  if (auto trust = root.object_if("trust")) profile.trust = profile::read_trust(*trust);
  if (auto http = root.object_if("http")) profile.http = profile::read_http(*http);
  if (auto section = root.object_if("second_factor"))
    profile.second_factor = profile::read_second_factor(std::move(*section));
  if (auto section = root.object_if("attestation"))
    profile.attestation = profile::read_attestation(std::move(*section));
  profile::add_session_defaults(profile);
  root.done();
  return profile;
}

}  // namespace

Result<Profile> Profile::load(std::string_view json_text) {
  LANDFALL_TRY_ASSIGN(const Json value,
                      parse_json(json_text, {limits::kProfileBytesMax, limits::kJsonDepthMax}));
  FirstError errors;
  Profile loaded = read(ObjectReader(value, "", errors));
  check_together(loaded, errors);
  if (errors.error()) return failure(*errors.error());
  return loaded;
}

const profile::Endpoint* Profile::endpoint(std::string_view endpoint_name) const {
  const auto found = endpoints.find(endpoint_name);
  return found == endpoints.end() ? nullptr : &found->second;
}

const profile::Entity* Profile::entity(std::string_view type) const {
  const auto found = entities.find(type);
  return found == entities.end() ? nullptr : &found->second;
}

const profile::CachedRead* Profile::cached_read(std::string_view read_name) const {
  const auto found = reads.find(read_name);
  return found == reads.end() ? nullptr : &found->second;
}

const profile::Action* Profile::action(std::string_view type, std::string_view action_name) const {
  const profile::Entity* declared = entity(type);
  return declared == nullptr ? nullptr : declared->action(action_name);
}

bool Profile::server_names(std::string_view type) const {
  const profile::Entity* found = entity(type);
  return found != nullptr && found->ids == profile::IdSource::server;
}

bool Profile::renames(std::string_view type) const {
  if (!server_names(type)) return false;
  const auto& actions = entity(type)->actions;
  return std::any_of(actions.begin(), actions.end(), [](const auto& action) {
    return action.second.kind == profile::ActionKind::create;
  });
}

std::size_t Profile::payload_bytes_max() const {
  return std::min(limits.payload_bytes_max, limits::kPayloadBytesMax);
}

std::string_view Profile::message(std::string_view key) const {
  const auto found = messages.find(key);
  return found == messages.end() ? key : std::string_view{found->second};
}

}  // namespace landfall
