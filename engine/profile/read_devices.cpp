#include <algorithm>

#include "engine/profile/sections.hpp"
#include "engine/profile/session_body.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {

DeviceRules read_devices(ObjectReader section) {
  DeviceRules rules;
  rules.register_endpoint = section.text("register", limits::kNameBytesMax);
  rules.limit_codes = section.texts_or_none("limit_codes", limits::kDeviceLimitCodesMax);
  rules.max = static_cast<std::size_t>(
      section.integer_or("max", 0, 0, static_cast<std::int64_t>(limits::kDevicesMax)));
  section.done();
  return rules;
}

bool names_attestation_key(const Endpoint& endpoint) {
  if (!endpoint.body) return false;
  const auto used = variables_in_json(*endpoint.body);
  return used && std::find(used->begin(), used->end(), "attestation_key") != used->end();
}

void check_devices(const Profile& profile, FirstError& errors) {
  if (!profile.devices) return;
  const std::string& name = profile.devices->register_endpoint;
  const Endpoint* endpoint = profile.endpoint(name);
  const bool is_stamped =
      endpoint != nullptr && endpoint->auth == AuthKind::jwt && endpoint->replay;
  if (!is_stamped) {
    return errors.set("profile.value", "devices.register",
                      "expected an endpoint whose auth is jwt and that is replayed");
  }
  const auto in_path = variables_in(endpoint->path);
  const bool is_plain = in_path && in_path->empty();
  if (!is_plain || !endpoint->body || !has_only_names_of(SessionBody::device, *endpoint->body)) {
    errors.set("profile.value", "endpoints." + name + ".body",
               "expected a body that names nothing but the device, and a path without ${id}");
  }
}

}  // namespace landfall::profile
