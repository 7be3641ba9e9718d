#include "simulator/backend/organisations.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/reply.hpp"

namespace landfall::backend {
namespace {

constexpr const char* kLina = "5d1c7e20-8a3f-4b52-9c6d-1b5e00000001";
constexpr const char* kOmar = "5d1c7e20-8a3f-4b52-9c6d-1b5e00000002";
constexpr const char* kNorth = "org-north-hardware";
constexpr const char* kSouth = "org-south-pharmacy";

struct Item {
  const char* id;
  const char* organisation;
  const char* name;
  int quantity;
};

constexpr std::array<Item, 5> kItems{{{"north-bolts", kNorth, "Bolts M8", 400},
                                      {"north-paint", kNorth, "Paint white 5 l", 32},
                                      {"north-timber", kNorth, "Timber 2 m", 75},
                                      {"south-gauze", kSouth, "Gauze 10 cm", 210},
                                      {"south-syrup", kSouth, "Cough syrup", 64}}};

const BackendOrganisation& north() {
  static const BackendOrganisation organisation{kNorth, "North Hardware", "Retail"};
  return organisation;
}

const BackendOrganisation& south() {
  static const BackendOrganisation organisation{kSouth, "South Pharmacy", "Health"};
  return organisation;
}

}  // namespace

const std::vector<SeedUser>& organisation_users() {
  static const std::vector<SeedUser> users{
      {kLina, "lina@ims.example", "Lina Haddad", "lina-pass-1", {"clerk"}},
      {kOmar, "omar@ims.example", "Omar Farouk", "omar-pass-1", {"manager"}}};
  return users;
}

std::vector<BackendOrganisation> organisations_of(std::string_view user_id) {
  if (user_id == kLina) return {north()};
  if (user_id == kOmar) return {north(), south()};
  return {};
}

std::string organisations_json(std::string_view user_id) {
  Json list = Json::array();
  for (const auto& each : organisations_of(user_id))
    list.push_back({{"id", each.id}, {"name", each.name}, {"industry", each.industry}});
  return dump_json(list);
}

std::vector<Document> organisation_documents() {
  std::vector<Document> documents;
  for (const Item& item : kItems) {
    Document document;
    document.key = {"stock_item", item.id};
    document.data = dump_json(
        {{"name", item.name}, {"sku", item.id}, {"quantity", item.quantity}, {"unit", "piece"}});
    document.owner = item.organisation;
    documents.push_back(std::move(document));
  }
  return documents;
}

OrganisationCheck check_organisation(const http::Request& request, std::string_view user_id) {
  const auto own = organisations_of(user_id);
  if (own.empty()) return {};
  std::string named = http::header_text(request.headers, "X-Organization-Id");
  if (named.empty())
    return {{}, error_reply(400, "ORGANISATION_MISSING", "X-Organization-Id is missing.")};
  const bool is_own = std::any_of(
      own.begin(), own.end(), [&](const auto& organisation) { return organisation.id == named; });
  if (!is_own)
    return {{}, error_reply(403, "NOT_YOUR_ORGANISATION", "The user does not belong to it.")};
  return {std::move(named), std::nullopt};
}

}  // namespace landfall::backend
