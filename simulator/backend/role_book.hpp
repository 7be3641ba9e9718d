#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

// The roles of the backend and what they allow. They live in its database, so that an
// administrator's word outlives a restart.
class RoleBook final {
 public:
  RoleBook(BackendDatabase& database, const std::map<std::string, Role>& defaults);

  // Rights of each of these roles with those of its ancestors, sorted. A role that inherits
  // from itself ends there.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> by_role(
      const std::vector<std::string>& roles) const;
  // All of them together, sorted.
  [[nodiscard]] std::vector<std::string> rights_of(const std::vector<std::string>& roles) const;

  void grant(const std::string& role, const std::string& right);
  void revoke(const std::string& role, const std::string& right);

 private:
  void collect(std::string_view role, std::set<std::string>& rights) const;
  void store();

  BackendDatabase& database_;
  std::map<std::string, Role, std::less<>> roles_;
};

}  // namespace landfall::backend
