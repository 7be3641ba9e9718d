#include "simulator/backend/field_data.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/random.hpp"
#include "simulator/backend/seeded_document.hpp"

namespace landfall::backend {
namespace {

constexpr int kFarmersEach = 3;
constexpr std::size_t kRefreshTokenBytes = 64;
constexpr std::size_t kLoginFailuresMax = 5;

constexpr std::array<std::string_view, 3> kPoints{"Ejisu", "Techiman", "Nkawkaw"};
constexpr std::array<std::string_view, 6> kFarmers{"Abena Owusu", "Yaa Boateng", "Kojo Appiah",
                                                   "Efua Ansah",  "Kwesi Darko", "Akua Asante"};

std::string point_id(std::size_t at) { return "cp-" + std::to_string(at + 1); }

SeedUser person(const std::string& id, const std::string& username, const std::string& name,
                std::vector<std::string> roles, std::map<std::string, std::string> claims = {}) {
  SeedUser user;
  user.id = "6b1d0c52-8a3e-4f7b-9d20-0a1f0000000" + id;
  user.email = username + "@almafrica.example";
  user.name = name;
  user.password = username + "-pass-1";
  user.roles = std::move(roles);
  user.username = username;
  user.account_id = "user-" + id;
  user.claims = std::move(claims);
  return user;
}

}  // namespace

const std::vector<SeedUser>& field_users() {
  static const std::vector<SeedUser> users{
      person("1", "kofi", "Kofi Mensah", {"agent"},
             {{"AgentId", "agent-7"}, {"collection_point_id", "cp-1"}}),
      person("2", "amina", "Amina Sule", {"fsa"}, {{"AgentId", "agent-8"}}),
      person("3", "yaw", "Yaw Osei", {"warehouseManager", "warehouseOperator"},
             {{"ClientId", "client-3"}}),
      person("4", "esi", "Esi Badu", {"admin", "manager"}),
      person("5", "adwoa", "Adwoa Sarpong", {"auditor"}),
      person("6", "kwame", "Kwame Adjei", {"superAgent"}, {{"AgentId", "agent-9"}})};
  return users;
}

std::map<std::string, Role> field_roles() {
  return {{"fsa", {{"CreateFarmers", "EditFarmers", "ViewFarmers"}, ""}},
          {"csa", {{"CreateCollections", "ViewCollections", "ViewFarmers"}, ""}},
          {"dataAgent", {{"CreateSurveys", "ViewFarmers"}, ""}},
          {"agent", {{"CreateCollections", "ViewCollections"}, "fsa"}},
          {"superAgent", {{"CreateSurveys"}, "agent"}},
          {"warehouseOperator", {{"ReceiveStock", "ViewCollections"}, ""}},
          {"warehouseManager", {{"ManageWarehouse"}, "warehouseOperator"}},
          {"manager", {{"ViewReports"}, ""}},
          {"admin", {{"ManageUsers"}, "manager"}},
          {"auditor", {{"ViewReports"}, ""}}};
}

std::vector<Document> field_documents(std::uint64_t seed, Instant now) {
  Random random = Random::stream(seed, "backend.field_data");
  std::vector<Document> documents;
  for (std::size_t at = 0; at < kPoints.size(); ++at) {
    documents.push_back(make_document("collection_point", point_id(at),
                                      {{"name", kPoints[at]}, {"district", kPoints[at]}},
                                      std::string{kEverybody}));
  }
  for (const SeedUser& user : field_users()) {
    for (int count = 0; count < kFarmersEach; ++count) {
      const std::string id = draw_id(random);
      const auto name = kFarmers[random.below(kFarmers.size())];
      const auto point = random.below(kPoints.size());
      documents.push_back(make_document("farmer", id,
                                        {{"name", name},
                                         {"village", kPoints[point]},
                                         {"collection_point_id", point_id(point)},
                                         {"registered_by", user.id},
                                         {"registered_at", format_rfc3339(now)}},
                                        user.id));
    }
  }
  return documents;
}

BackendOptions field_options() {
  BackendOptions options;
  options.dialect = Dialect::almafrica;
  options.roles = field_roles();
  options.refresh_token_bytes = kRefreshTokenBytes;
  options.login_failures_max = kLoginFailuresMax;
  return options;
}

}  // namespace landfall::backend
