#include "simulator/backend/role_book.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::backend {
namespace {

constexpr const char* kRoles = "roles";

}  // namespace

std::map<std::string, Role> default_roles() {
  return {{"employee", {{"ViewDashboard"}, ""}},
          {"requester", {{"CreateRequisitions", "EditRequisitions"}, "employee"}},
          {"approver", {{"Approve", "Reject"}, "employee"}},
          {"receiving", {{"ConfirmReceipts"}, "employee"}}};
}

RoleBook::RoleBook(BackendDatabase& database, const std::map<std::string, Role>& defaults)
    : database_(database), roles_(defaults.begin(), defaults.end()) {
  const auto stored = database_.meta(kRoles);
  if (!stored) return;
  const Json roles = Json::parse(*stored, nullptr, false);
  for (const auto& [name, role] : roles.items()) {
    roles_[name] = {role.at("rights").get<std::vector<std::string>>(),
                    role.at("parent").get<std::string>()};
  }
}

void RoleBook::store() {
  Json roles = Json::object();
  for (const auto& [name, role] : roles_)
    roles[name] = {{"rights", role.rights}, {"parent", role.parent}};
  database_.set_meta(kRoles, dump_json(roles));
}

void RoleBook::collect(std::string_view role, std::set<std::string>& rights) const {
  std::set<std::string_view> seen;
  for (auto found = roles_.find(role); found != roles_.end() && seen.insert(found->first).second;
       found = roles_.find(found->second.parent)) {
    rights.insert(found->second.rights.begin(), found->second.rights.end());
  }
}

std::map<std::string, std::vector<std::string>> RoleBook::by_role(
    const std::vector<std::string>& roles) const {
  std::map<std::string, std::vector<std::string>> by_role;
  for (const auto& role : roles) {
    std::set<std::string> rights;
    collect(role, rights);
    by_role[role] = {rights.begin(), rights.end()};
  }
  return by_role;
}

std::vector<std::string> RoleBook::rights_of(const std::vector<std::string>& roles) const {
  std::set<std::string> rights;
  for (const auto& role : roles) collect(role, rights);
  return {rights.begin(), rights.end()};
}

void RoleBook::grant(const std::string& role, const std::string& right) {
  auto& rights = roles_[role].rights;
  if (std::find(rights.begin(), rights.end(), right) == rights.end()) rights.push_back(right);
  store();
}

void RoleBook::revoke(const std::string& role, const std::string& right) {
  std::erase(roles_[role].rights, right);
  store();
}

}  // namespace landfall::backend
