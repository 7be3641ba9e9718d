#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"

using namespace landfall;
using profile::AuthKind;
using profile::OfflineClass;

namespace {

struct Row {
  const char* name;
  const char* method;
  const char* path;
  AuthKind auth;
  OfflineClass offline;
};

}  // namespace

// Where the seed says two things of one call (GET /sync/pull, /approvals/{id}/approve), its table
// counts.
TEST_CASE(
    "P-88 P-89 P-90 P-91 P-92 P-93 P-94 P-95 P-96 P-97 C-18 C-27: ProKure's calls are those of its "
    "table") {
  const std::vector<Row> table{
      {"biometric", "POST", "/api/mobile/auth/biometric", AuthKind::biometric, OfflineClass::no},
      {"refresh", "POST", "/api/mobile/auth/refresh", AuthKind::refresh, OfflineClass::no},
      {"device_register", "POST", "/api/mobile/device/register", AuthKind::jwt, OfflineClass::no},
      {"dashboard", "GET", "/api/mobile/dashboard", AuthKind::jwt, OfflineClass::cached},
      {"approvals", "GET", "/api/mobile/approvals", AuthKind::jwt, OfflineClass::cached},
      {"approve", "POST", "/api/mobile/approvals/${id}/approve", AuthKind::jwt,
       OfflineClass::queued},
      {"reject", "POST", "/api/mobile/approvals/${id}/reject", AuthKind::jwt, OfflineClass::queued},
      {"pull", "POST", "/api/mobile/sync/pull", AuthKind::jwt, OfflineClass::no},
      {"push", "POST", "/api/mobile/sync/push", AuthKind::jwt, OfflineClass::no},
      {"notifications", "GET", "/api/mobile/notifications", AuthKind::jwt, OfflineClass::cached},
      // Named beside the table (P-6, P-55).
      {"login", "POST", "/api/auth/login", AuthKind::none, OfflineClass::no},
      {"bulk_approve", "POST", "/api/mobile/approvals/bulk", AuthKind::jwt, OfflineClass::queued}};
  const Profile prokure = Profile::load(schema::profile("prokure").value()).value();
  for (const Row& row : table) {
    INFO(row.name);
    const auto* endpoint = prokure.endpoint(row.name);
    REQUIRE(endpoint != nullptr);
    CHECK(endpoint->method == row.method);
    CHECK(endpoint->path == row.path);
    CHECK(endpoint->auth == row.auth);
    CHECK(endpoint->offline == row.offline);
  }
}

TEST_CASE("C-18: a profile may say that its server has a call elsewhere") {
  Json profile = Json::parse(schema::profile("prokure").value());
  profile["endpoints"]["pull"]["path"] = "/sync/pull";
  const auto loaded = Profile::load(dump_json(profile));
  REQUIRE(loaded);
  CHECK(loaded->endpoint("pull")->path == "/sync/pull");
}
