#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

constexpr char kSeparator = '\x1e';
constexpr const char* kShake = "{\"protocol\":\"json\",\"version\":1}\x1e";

// The records that the hub says to one connection now, and whether it closes it.
struct Said {
  std::vector<Json> records;
  bool close = false;
};

Said take(Server& server, std::uint64_t connection) {
  Said said;
  for (const auto& output : server.backend->take_hub_output(server.now)) {
    if (output.connection != connection) continue;
    said.close = output.close;
    for (const auto& text : output.texts) {
      REQUIRE(text.back() == kSeparator);
      said.records.push_back(Json::parse(text.substr(0, text.size() - 1)));
    }
  }
  return said;
}

// A client that has logged in and negotiated.
struct HubClient {
  explicit HubClient(Server& given, std::size_t user = 0)
      : server(given), client(given, "device-" + std::to_string(user), user) {
    client.login();
  }
  HubOpening open(const std::string& query = "") {
    http::Request request{
        "GET", "/hubs/permissions" + query, {{"X-Device-Id", client.device_id}}, ""};
    request.headers.emplace_back("Authorization", "Bearer " + client.access);
    return server.backend->open_hub(request, server.now);
  }
  std::uint64_t shake() {
    const auto opening = open();
    REQUIRE(opening.connection);
    server.backend->hear_hub(*opening.connection, kShake, server.now);
    CHECK(take(server, *opening.connection).records == std::vector<Json>{Json::object()});
    return *opening.connection;
  }

  Server& server;
  Client client;
};

}  // namespace

TEST_CASE("a negotiation names a connection that its user may open once (A-40)") {
  Server server;
  HubClient asha(server);
  const auto body =
      asha.client.post("/hubs/permissions/negotiate?negotiateVersion=1", Json::object()).body;
  CHECK(body["negotiateVersion"] == 1);
  CHECK(body["availableTransports"][0]["transport"] == "WebSockets");
  const std::string id = "?id=" + body["connectionToken"].get<std::string>();
  CHECK(asha.open("?id=elsewhere").refusal.status == 404);
  CHECK(HubClient(server, 1).open(id).refusal.status == 404);
  CHECK(asha.open(id).connection);
  CHECK(asha.open(id).refusal.status == 404);
  const auto old = asha.client.post("/hubs/permissions/negotiate", Json::object()).body;
  CHECK_FALSE(old.contains("connectionToken"));
  CHECK(asha.open("?id=" + old["connectionId"].get<std::string>()).connection);
}

TEST_CASE("without a good token there is no hub; the token may stand in the query") {
  Server server;
  HubClient asha(server);
  CHECK(server.backend->open_hub({"GET", "/hubs/permissions", {}, ""}, server.now).refusal.status ==
        401);
  CHECK(server.backend
            ->open_hub({"GET",
                        "/hubs/permissions?access_token=" + asha.client.access,
                        {{"X-Device-Id", "device-0"}},
                        ""},
                       server.now)
            .connection);
}

TEST_CASE("the hub pings each 15 s and lets go of who is silent for 30 s") {
  Server server;
  HubClient asha(server);
  const auto connection = asha.shake();
  server.now = *server.backend->next_hub_wake();
  CHECK(server.now == kStart + std::chrono::seconds{15});
  CHECK(take(server, connection).records == std::vector<Json>{Json{{"type", 6}}});
  server.now = kStart + std::chrono::seconds{30};
  CHECK(take(server, connection).close);
  CHECK_FALSE(server.backend->next_hub_wake());
}

TEST_CASE("rights are the union over roles and those that they inherit from, sorted (A-59)") {
  Server server;
  HubClient ravi(server, 1);
  const auto answer = ravi.client.call("GET", "/api/auth/my-permissions-by-role");
  CHECK(answer.body["rolePermissions"] ==
        Json{{"approver", {"Approve", "Reject", "ViewDashboard"}},
             {"requester", {"CreateRequisitions", "EditRequisitions", "ViewDashboard"}}});
  CHECK(server.backend->rights_of(Backend::seed_users()[1].id) ==
        std::vector<std::string>{"Approve", "CreateRequisitions", "EditRequisitions", "Reject",
                                 "ViewDashboard"});
}

TEST_CASE(
    "who has a role hears that its rights changed, and who sees a document hears of it "
    "(A-40, A-41)") {
  Server server;
  HubClient asha(server);
  const auto connection = asha.shake();
  server.backend->revoke("approver", "Approve", server.now);
  auto said = take(server, connection);
  REQUIRE(said.records.size() == 1);
  CHECK(said.records[0]["target"] == "PermissionsUpdated");
  CHECK(said.records[0]["arguments"][0]["Permissions"] == Json{"Reject", "ViewDashboard"});
  const auto id = server.backend->create_approval(server.now);
  said = take(server, connection);
  REQUIRE(said.records.size() == 1);
  CHECK(said.records[0]["arguments"][0] ==
        Json{{"entity_type", "approval"}, {"entity_id", id}, {"row_version", 1}});
  (void)server.backend->create_approval(server.now, Backend::seed_users()[1].id);
  CHECK(take(server, connection).records.empty());
}

TEST_CASE("a close says whether its users may come again, and a bad handshake is told why") {
  Server server;
  HubClient asha(server);
  const auto connection = asha.shake();
  server.backend->send_away(Backend::seed_users()[0].id, false);
  const auto said = take(server, connection);
  CHECK(said.close);
  CHECK(said.records == std::vector<Json>{Json{{"type", 7}, {"allowReconnect", false}}});
  const auto second = asha.open();
  server.backend->hear_hub(*second.connection, "{\"protocol\":\"messagepack\",\"version\":1}\x1e",
                           server.now);
  const auto refused = take(server, *second.connection);
  CHECK(refused.close);
  CHECK(refused.records[0].contains("error"));
}

TEST_CASE("whoever comes to the hub and leaves it is noted with their user (A-49)") {
  Server server;
  HubClient asha(server);
  HubClient ravi(server, 1);
  const auto noted = [&] {
    std::vector<std::string> lines;
    for (const auto& visit : server.backend->ledger().hub_visits())
      lines.push_back(visit.user_id + (visit.has_come ? " came" : " left"));
    return lines;
  };
  const std::string first = Backend::seed_users()[0].id;
  const std::string second = Backend::seed_users()[1].id;
  const auto unshaken = asha.open();
  server.backend->leave_hub(*unshaken.connection, server.now);
  CHECK(noted().empty());
  const auto left = asha.shake();
  const auto silent = ravi.shake();
  server.backend->leave_hub(left, server.now);
  server.backend->leave_hub(left, server.now);
  CHECK(noted() == std::vector<std::string>{first + " came", second + " came", first + " left"});
  server.now = server.now + std::chrono::seconds{30};
  CHECK(take(server, silent).close);
  server.backend->leave_hub(silent, server.now);
  CHECK(noted().size() == 4);
  CHECK(noted().back() == second + " left");
  CHECK(server.backend->ledger().hub_visits().back().at == server.now);
}

TEST_CASE("a push that needs a right which its user lacks is 403, with nothing done") {
  BackendOptions options;
  options.rights = {{"approval/approve", "Approve"}};
  Server server(options);
  HubClient asha(server);
  server.backend->revoke("approver", "Approve", server.now);
  const Json push{{"device_id", "device-0"},
                  {"operations",
                   {{{"id", "01980000-0000-7000-8000-000000000001"},
                     {"entity_type", "approval"},
                     {"entity_id", "x"},
                     {"action", "approve"}}}}};
  const auto answer = asha.client.post("/api/mobile/sync/push", push);
  CHECK(answer.status == 403);
  CHECK(answer.error_code() == "FORBIDDEN");
  CHECK(server.backend->ledger().sightings().empty());
}

}  // namespace landfall::backend
