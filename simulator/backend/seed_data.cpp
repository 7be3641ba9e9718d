#include "simulator/backend/seed_data.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/seed_names.hpp"
#include "simulator/backend/seeded_document.hpp"

namespace landfall::backend {
namespace {

constexpr int kApprovalsOfFirstUser = 30;
constexpr int kApprovalsOfOthers = 5;
constexpr int kNotificationsEach = 4;
constexpr int kVendors = 6;
constexpr int kPurchaseOrders = 10;
constexpr int kRequisitions = 6;
constexpr int kKpiDays = 7;
constexpr Duration kDay = std::chrono::hours{24};

template <std::size_t N>
std::string pick(Random& random, const std::array<std::string_view, N>& from) {
  return std::string{from[random.below(N)]};
}

Json make_lines(Random& random, std::int64_t count) {
  Json lines = Json::array();
  for (std::int64_t line_no = 1; line_no <= count; ++line_no) {
    const std::string material = pick(random, kMaterials);
    const std::int64_t quantity = random.between(1, 200);
    const std::int64_t price = random.between(50, 9'000);
    lines.push_back({{"line_no", line_no},
                     {"material", material},
                     {"quantity", quantity},
                     {"unit_price", price}});
  }
  return lines;
}

std::int64_t total(const Json& lines) {
  std::int64_t sum = 0;
  for (const Json& line : lines) {
    sum += line["quantity"].get<std::int64_t>() * line["unit_price"].get<std::int64_t>();
  }
  return sum;
}

struct KpiSpec {
  std::string_view code;
  std::string_view title;
  std::string_view unit;
  std::string_view rule;  // how the value is held against the target
  int target_tenths;
  int low_tenths;
  int high_tenths;
};

// P-61..66.
constexpr std::array<KpiSpec, 6> kKpis{{
    {"CYCLE_TIME", "Procurement Cycle Time", "days", "<", 140, 90, 180},
    {"COST_SAVINGS", "Cost Savings", "%", ">", 50, 20, 90},
    {"ON_TIME_DELIVERY", "On-Time Delivery", "%", ">", 950, 880, 990},
    {"PENDING_APPROVALS", "Pending Approvals", "count", "=", 0, 0, 300},
    {"BUDGET_UTIL", "Budget Utilisation", "%", "<", 800, 550, 950},
    {"VENDOR_RATING", "Vendor Rating", "stars", ">", 40, 35, 49},
}};

Document make_kpi(Random& random, const KpiSpec& spec, Instant now) {
  Json history = Json::array();
  for (int day = kKpiDays - 1; day >= 0; --day) {
    const auto tenths = random.between(spec.low_tenths, spec.high_tenths);
    history.push_back({{"date", format_rfc3339(now - day * kDay).substr(0, 10)},
                       {"value", static_cast<double>(tenths) / 10.0}});
  }
  const Json data = {{"code", spec.code},        {"name", spec.title},
                     {"unit", spec.unit},        {"target", spec.target_tenths / 10.0},
                     {"target_rule", spec.rule}, {"value", history.back()["value"]},
                     {"history", history}};
  return make_document("kpi", std::string{spec.code}, data, std::string{kEverybody});
}

Document make_profile(const SeedUser& user) {
  const Json data = {{"email", user.email},
                     {"display_name", user.name},
                     {"roles", user.roles},
                     {"mobile_settings",
                      {{"push_enabled", true},
                       {"quiet_hours_start", "22:00"},
                       {"quiet_hours_end", "07:00"},
                       {"quiet_hours_override", Json::array({"APPROVAL_PENDING"})},
                       {"notification_channels",
                        {{"KPI_ALERT", true},
                         {"ANOMALY_ALERT", true},
                         {"APPROVAL_PENDING", true},
                         {"DELIVERY_UPDATE", true},
                         {"BUDGET_WARNING", true}}}}}};
  return make_document("user_profile", user.id, data, user.id);
}

Document make_notification(Random& random, const std::string& user_id, Instant now) {
  constexpr std::array<std::string_view, 4> kTypes{"KPI_ALERT", "APPROVAL_PENDING",
                                                   "DELIVERY_UPDATE", "BUDGET_WARNING"};
  const std::string id = draw_id(random);
  const std::string type = pick(random, kTypes);
  const std::string project = pick(random, kProjects);
  const auto age = Duration{random.between(60'000, 3 * kDay.count())};
  const Json data = {{"type", type},
                     {"title", project},
                     {"body", "Something needs a look at " + project + "."},
                     {"read", false},
                     {"created_at", format_rfc3339(now - age)}};
  return make_document("notification", id, data, user_id);
}

Document make_vendor(Random& random, std::size_t at) {
  const std::string id = draw_id(random);
  const auto rating_tenths = random.between(30, 50);
  const Json data = {{"name", kVendorNames[at % kVendorNames.size()]},
                     {"rating", static_cast<double>(rating_tenths) / 10.0},
                     {"phone", "+91-22-5550-0" + std::to_string(100 + at)}};
  return make_document("vendor", id, data, std::nullopt);
}

Document make_purchase_order(Random& random, int number, const Document& vendor, Instant now) {
  const std::string id = draw_id(random);
  const std::string project = pick(random, kProjects);
  const std::int64_t line_count = random.between(2, 5);
  const Json lines = make_lines(random, line_count);
  const Json data = {{"number", "PO-2026-00" + std::to_string(number)},
                     {"vendor_id", vendor.key.id},
                     {"vendor", Json::parse(vendor.data)["name"]},
                     {"project", project},
                     {"status", "dispatched"},
                     {"currency", "INR"},
                     {"amount", total(lines)},
                     {"created_at", format_rfc3339(now - kDay)},
                     {"lines", lines}};
  return make_document("po", id, data, std::nullopt);
}

Document make_requisition(Random& random, int number, const std::string& requester_id,
                          Instant now) {
  const std::string id = draw_id(random);
  const std::string project = pick(random, kProjects);
  const std::int64_t line_count = random.between(1, 3);
  const Json lines = make_lines(random, line_count);
  const Json data = {{"number", "PR-2026-00" + std::to_string(number)},
                     {"title", "Materials for " + project},
                     {"project", project},
                     {"requester_id", requester_id},
                     {"status", number % 3 == 0 ? "submitted" : "draft"},
                     {"currency", "INR"},
                     {"amount", total(lines)},
                     {"created_at", format_rfc3339(now - kDay)},
                     {"lines", lines}};
  return make_document("pr", id, data, std::nullopt);
}

}  // namespace

const std::vector<SeedUser>& seed_users() {
  static const std::vector<SeedUser> users{
      {"3f2b8a10-5c0e-4d6a-9b1f-0a5e00000001",
       "asha@prokure.example",
       "Asha Nair",
       "asha-pass-1",
       {"approver"}},
      {"3f2b8a10-5c0e-4d6a-9b1f-0a5e00000002",
       "ravi@prokure.example",
       "Ravi Menon",
       "ravi-pass-1",
       {"approver", "requester"}},
      {"3f2b8a10-5c0e-4d6a-9b1f-0a5e00000003",
       "meera@prokure.example",
       "Meera Iyer",
       "meera-pass-1",
       {"receiving"}},
  };
  return users;
}

Document make_approval(Random& random, const std::string& approver_id, Instant now) {
  constexpr std::array<std::string_view, 3> kKinds{"PR", "PO", "INVOICE"};
  const std::string id = draw_id(random);
  const std::string kind = pick(random, kKinds);
  const std::string document_id = draw_id(random);
  const std::string project = pick(random, kProjects);
  const std::int64_t number = random.between(100, 999);
  const std::int64_t line_count = random.between(1, 4);
  const Json lines = make_lines(random, line_count);
  const std::int64_t amount = total(lines);
  const auto waiting = Duration{random.between(0, 5 * kDay.count())};
  const std::int64_t budget_percent = random.between(1, 60);
  const Json data = {{"document_type", kind},
                     {"document_id", document_id},
                     {"number", kind + "-2026-00" + std::to_string(number)},
                     {"title", project},
                     {"status", "pending"},
                     {"approver_id", approver_id},
                     {"requester", seed_users()[1].name},
                     {"requester_id", seed_users()[1].id},
                     {"currency", "INR"},
                     {"amount", amount},
                     {"budget_impact_percent", budget_percent},
                     {"created_at", format_rfc3339(now - waiting)},
                     {"due_at", format_rfc3339(now - waiting + 7 * kDay)},
                     {"lines", lines},
                     {"comments", Json::array()}};
  return make_document("approval", id, data, approver_id);
}

std::vector<Document> seed_documents(std::uint64_t seed, Instant now) {
  Random random = Random::stream(seed, "backend.seed_data");
  std::vector<Document> documents;
  std::vector<Document> vendors;
  for (const SeedUser& user : seed_users()) documents.push_back(make_profile(user));
  for (const KpiSpec& spec : kKpis) documents.push_back(make_kpi(random, spec, now));
  for (std::size_t at = 0; at < kVendors; ++at) {
    documents.push_back(make_vendor(random, at));
    vendors.push_back(documents.back());
  }
  for (int at = 0; at < kPurchaseOrders; ++at) {
    const Document& vendor = vendors[random.below(vendors.size())];
    documents.push_back(make_purchase_order(random, 145 + at, vendor, now));
  }
  for (int at = 0; at < kRequisitions; ++at) {
    documents.push_back(make_requisition(random, 310 + at, seed_users()[1].id, now));
  }
  for (const SeedUser& user : seed_users()) {
    const bool first = user.id == seed_users().front().id;
    const int approvals = first ? kApprovalsOfFirstUser : kApprovalsOfOthers;
    for (int at = 0; at < approvals; ++at) documents.push_back(make_approval(random, user.id, now));
    for (int at = 0; at < kNotificationsEach; ++at) {
      documents.push_back(make_notification(random, user.id, now));
    }
  }
  return documents;
}

}  // namespace landfall::backend
