#include "simulator/net/profile_routes.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace landfall::net {
namespace {

// The profile writes ${id}, the backend's routes {id}.
std::string pattern_of(std::string path) {
  const std::size_t at = path.find("${id}");
  if (at != std::string::npos) path.erase(at, 1);
  return path;
}

}  // namespace

backend::Routes routes_of(const Profile& profile) {
  backend::Routes routes;
  const std::array<std::pair<std::string_view, std::string*>, 24> known{{
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
  if (profile.realtime) routes.hub = profile.realtime->hub;
  return routes;
}

void serve_profile(const Profile& profile, backend::BackendOptions& options) {
  options.routes = routes_of(profile);
  const auto* login = profile.endpoint("login");
  options.has_organisations = login != nullptr && login->reply.contains("organisations");
}

}  // namespace landfall::net
