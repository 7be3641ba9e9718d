#include "simulator/net/profile_routes.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "simulator/backend/field_data.hpp"

namespace landfall::net {
namespace {

// The profile writes ${id}, the backend's routes {id}.
std::string pattern_of(std::string path) {
  const std::size_t at = path.find("${id}");
  if (at != std::string::npos) path.erase(at, 1);
  return path;
}

void second_factor_routes(const Profile& profile, backend::Routes& routes) {
  const std::array<std::pair<std::string_view, std::string*>, 6> known{{
      {"second_factor_login", &routes.second_factor_login},
      {"second_factor_send", &routes.second_factor_send},
      {"second_factor_setup", &routes.second_factor_setup},
      {"second_factor_verify", &routes.second_factor_verify},
      {"second_factor_backup_codes", &routes.second_factor_backup_codes},
      {"second_factor_disable", &routes.second_factor_disable},
  }};
  for (const auto& [name, path] : known) {
    if (const auto* endpoint = profile.endpoint(name)) *path = pattern_of(endpoint->path);
  }
}

}  // namespace

backend::Routes routes_of(const Profile& profile) {
  backend::Routes routes;
  const std::array<std::pair<std::string_view, std::string*>, 25> known{{
      {"login", &routes.login},
      {"logout", &routes.logout},
      {"refresh", &routes.refresh},
      {"biometric", &routes.biometric},
      {"biometric_register", &routes.biometric_register},
      {"me", &routes.me},
      {"pin_register", &routes.pin_register},
      {"device_register", &routes.device_register},
      {"dashboard", &routes.dashboard},
      {"approvals", &routes.approvals},
      {"approve", &routes.approve},
      {"reject", &routes.reject},
      {"bulk_approve", &routes.bulk},
      {"update_pr", &routes.update_pr},
      {"notifications", &routes.notifications},
      {"push", &routes.push},
      {"receipts", &routes.receipts},
      {"pull", &routes.pull},
      {"probe", &routes.health},
      {"attachment_start", &routes.attachment_start},
      {"attachment_send", &routes.attachment},
      {"report_download", &routes.report_download},
      {"permissions_by_role", &routes.permissions_by_role},
      {"register", &routes.sign_up},
      {"unregister_device", &routes.unregister_device},
  }};
  for (const auto& [name, path] : known) {
    if (const auto* endpoint = profile.endpoint(std::string{name}))
      *path = pattern_of(endpoint->path);
  }
  second_factor_routes(profile, routes);
  if (profile.realtime) routes.hub = profile.realtime->hub;
  return routes;
}

backend::BackendOptions options_for(const Profile& profile) {
  backend::BackendOptions options =
      profile.name == "almafrica" ? backend::field_options() : backend::BackendOptions{};
  const auto* login = profile.endpoint("login");
  if (login != nullptr && login->reply.contains("organisations"))
    options.dialect = backend::Dialect::ims;
  options.routes = routes_of(profile);
  for (const auto& [type, entity] : profile.entities) {
    for (const auto& [name, action] : entity.actions) {
      if (action.attest == profile::Attest::signature) options.attested.insert(type + "/" + name);
    }
  }
  if (profile.attestation) options.attestation_fields = profile.attestation->fields;
  return options;
}

}  // namespace landfall::net
