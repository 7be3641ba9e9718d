#include "engine/host/config.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"

namespace landfall::host {
namespace {

tl::unexpected<Error> bad(std::string code, std::string_view key, std::string message) {
  return failure(field_error(std::move(code), "", key, std::move(message)));
}

Result<std::string> text_at(const Json& config, std::string_view key, std::size_t bytes_max) {
  const auto found = config.find(std::string{key});
  if (found == config.end() || found->is_null()) return bad("config.missing", key, "is missing");
  if (!found->is_string())
    return bad("config.value", key, std::string{"expected a string, got "} + found->type_name());
  auto text = found->get<std::string>();
  if (text.empty() || text.size() > bytes_max) {
    return bad("config.value", key, "must be 1 to " + std::to_string(bytes_max) + " bytes long");
  }
  // They become headers and paths: a control character would end one early.
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return bad("config.value", key, "has a control character");
  }
  return text;
}

Result<std::string> profile_text(const Json& config) {
  const auto found = config.find("profile");
  if (found == config.end() || found->is_null())
    return bad("config.missing", "profile", "is missing");
  if (found->is_object()) return dump_json(*found);
  if (!found->is_string()) return bad("config.value", "profile", "expected a name or an object");
  const auto shipped = schema::profile(found->get_ref<const std::string&>());
  if (!shipped) {
    return bad("config.value", "profile",
               "names no shipped profile: " + quote_input(found->get<std::string>()));
  }
  return std::string{*shipped};
}

// Replaces the profile's server. Cleartext stays possible on loopback only, as in the profile
// itself.
Result<std::string> with_origin(std::string profile, const Json& config) {
  const auto found = config.find("origin");
  if (found == config.end() || found->is_null()) return profile;
  if (!found->is_string()) return bad("config.value", "origin", "expected a string");
  LANDFALL_TRY_ASSIGN(Json tree,
                      parse_json(profile, {limits::kProfileBytesMax, limits::kJsonDepthMax}));
  if (tree.is_object()) tree["origin"] = *found;
  return dump_json(tree);
}

Status check_keys(const Json& config) {
  constexpr std::array<std::string_view, 9> kKnown = {"directory",   "profile",  "origin",
                                                      "app_version", "platform", "os_version",
                                                      "device_name", "locale",   "zone"};
  for (const auto& [key, value] : config.items()) {
    bool found = false;
    for (const auto name : kKnown) found = found || key == name;
    if (!found) return bad("config.unknown_key", path_part(key), "is not part of a config");
  }
  return {};
}

}  // namespace

Result<Config> parse_config(std::string_view json_text) {
  LANDFALL_TRY_ASSIGN(const Json json,
                      parse_json(json_text, {limits::kRequestJsonBytesMax, limits::kJsonDepthMax}));
  if (!json.is_object())
    return failure(ErrorClass::invalid, "config.value", "the config must be an object");
  LANDFALL_TRY(check_keys(json));
  Config config;
  LANDFALL_TRY_ASSIGN(config.directory, text_at(json, "directory", limits::kDirectoryBytesMax));
  if (config.directory.front() != '/')
    return bad("config.value", "directory", "must be an absolute path");
  LANDFALL_TRY_ASSIGN(config.app_version, text_at(json, "app_version", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(config.platform, text_at(json, "platform", limits::kNameBytesMax));
  if (config.platform != "IOS" && config.platform != "ANDROID")
    return bad("config.value", "platform", "must be IOS or ANDROID");
  LANDFALL_TRY_ASSIGN(config.os_version, text_at(json, "os_version", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(config.device_name, text_at(json, "device_name", limits::kFileNameBytesMax));
  LANDFALL_TRY_ASSIGN(config.locale, text_at(json, "locale", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(config.zone, text_at(json, "zone", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(std::string shipped, profile_text(json));
  LANDFALL_TRY_ASSIGN(const std::string text, with_origin(std::move(shipped), json));
  auto profile = Profile::load(text);
  if (!profile) {
    Error error = profile.error();
    // The host's own origin stands beside the profile, not in it.
    if (json.contains("origin") && error.field == "origin") {
      error.code = "config.value";
      return failure(std::move(error));
    }
    error.field = "profile" + (error.field ? "." + *error.field : std::string{});
    return failure(std::move(error));
  }
  config.profile = std::make_shared<const Profile>(std::move(*profile));
  return config;
}

}  // namespace landfall::host
