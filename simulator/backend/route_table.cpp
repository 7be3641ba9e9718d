#include "simulator/backend/route_table.hpp"

namespace landfall::backend {
namespace {

// The text that stands for {id}, empty when the pattern has none; nothing when the path is another.
std::optional<std::string> match_path(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kId = "{id}";
  const std::size_t at = pattern.find(kId);
  if (at == std::string_view::npos) {
    if (path != pattern) return std::nullopt;
    return std::string{};
  }
  const std::string_view tail = pattern.substr(at + kId.size());
  if (path.size() <= at + tail.size() || !path.starts_with(pattern.substr(0, at)) ||
      !path.ends_with(tail)) {
    return std::nullopt;
  }
  const std::string_view id = path.substr(at, path.size() - at - tail.size());
  if (id.find('/') != std::string_view::npos) return std::nullopt;
  return std::string{id};
}

}  // namespace

RouteTable::RouteTable(const Routes& routes)
    : routes_{
          {RouteId::health, "health", "GET", routes.health, false},
          {RouteId::login, "login", "POST", routes.login, false},
          {RouteId::refresh, "refresh", "POST", routes.refresh, false},
          {RouteId::logout, "logout", "POST", routes.logout, false},
          {RouteId::biometric, "biometric", "POST", routes.biometric, false},
          {RouteId::biometric_register, "biometric_register", "POST", routes.biometric_register,
           true},
          {RouteId::pin_register, "pin_register", "POST", routes.pin_register, true},
          {RouteId::me, "me", "GET", routes.me, true},
          {RouteId::device_register, "device_register", "POST", routes.device_register, true},
          {RouteId::dashboard, "dashboard", "GET", routes.dashboard, true},
          {RouteId::approvals, "approvals", "GET", routes.approvals, true},
          {RouteId::approve, "approve", "POST", routes.approve, true},
          {RouteId::reject, "reject", "POST", routes.reject, true},
          {RouteId::bulk, "bulk", "POST", routes.bulk, true},
          {RouteId::update_pr, "update_pr", "POST", routes.update_pr, true},
          {RouteId::notifications, "notifications", "GET", routes.notifications, true},
          {RouteId::push, "push", "POST", routes.push, true},
          {RouteId::receipts, "receipts", "POST", routes.receipts, true},
          {RouteId::pull, "pull", "POST", routes.pull, true},
          {RouteId::attachment_start, "attachment_start", "POST", routes.attachment_start, true},
          {RouteId::attachment_send, "attachment_send", "PATCH", routes.attachment, true},
          {RouteId::attachment_offset, "attachment_offset", "HEAD", routes.attachment, true},
          {RouteId::attachment_download, "attachment_download", "GET", routes.attachment, true},
          {RouteId::report_download, "report_download", "GET", routes.report_download, true},
          {RouteId::permissions_by_role, "permissions_by_role", "GET", routes.permissions_by_role,
           true},
          {RouteId::negotiate, "negotiate", "POST", routes.hub + "/negotiate", true},
          {RouteId::second_factor_login, "second_factor_login", "POST", routes.second_factor_login,
           false},
          {RouteId::second_factor_send, "second_factor_send", "POST", routes.second_factor_send,
           false},
          {RouteId::second_factor_setup, "second_factor_setup", "POST", routes.second_factor_setup,
           true},
          {RouteId::second_factor_verify, "second_factor_verify", "POST",
           routes.second_factor_verify, true},
          {RouteId::second_factor_backup_codes, "second_factor_backup_codes", "POST",
           routes.second_factor_backup_codes, true},
          {RouteId::second_factor_disable, "second_factor_disable", "POST",
           routes.second_factor_disable, true},
          {RouteId::sign_up, "sign_up", "POST", routes.sign_up, false},
          {RouteId::unregister_device, "unregister_device", "DELETE", routes.unregister_device,
           true}} {}

RouteMatch RouteTable::match(std::string_view method, std::string_view target) const {
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  RouteMatch match;
  if (question != std::string_view::npos) match.query = target.substr(question + 1);
  for (const Route& route : routes_) {
    const auto id = match_path(route.path, path);
    if (!id) continue;
    if (route.method == method) {
      match.route = &route;
      match.id = *id;
      match.allowed.clear();
      return match;
    }
    match.allowed += (match.allowed.empty() ? "" : ", ") + std::string{route.method};
  }
  return match;
}

}  // namespace landfall::backend
