#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/backend/options.hpp"

namespace landfall::backend {

enum class RouteId {
  health,
  login,
  refresh,
  logout,
  biometric,
  biometric_register,
  me,
  pin_register,
  device_register,
  dashboard,
  approvals,
  approve,
  reject,
  bulk,
  update_pr,
  notifications,
  push,
  receipts,
  pull,
  attachment_start,
  attachment_send,
  attachment_offset,
  attachment_download,
  report_download,
  permissions_by_role,
  negotiate,
  second_factor_login,
  second_factor_send,
  second_factor_setup,
  second_factor_verify,
  second_factor_backup_codes,
  second_factor_disable,
  sign_up,
  unregister_device
};

struct Route {
  RouteId id;
  std::string_view name;  // in the ledger
  std::string_view method;
  std::string path;  // may hold one {id}
  bool needs_access_token;
};

// What a request line means: the route with the text for {id} and the query, a path with another
// method, or nothing.
struct RouteMatch {
  const Route* route = nullptr;
  std::string id;
  std::string query;
  std::string allowed;  // the methods of a known path, when none of them is the request's
};

class RouteTable final {
 public:
  explicit RouteTable(const Routes& routes);
  [[nodiscard]] RouteMatch match(std::string_view method, std::string_view target) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace landfall::backend
