#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/http/content_coding.hpp"
#include "engine/http/gzip.hpp"
#include "engine/profile/profile.hpp"
#include "schema/embedded.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/simulator/backend_client.hpp"

namespace landfall::backend {
namespace {

const char* const kPush = "/api/mobile/sync/push";
const char* const kPull = "/api/mobile/sync/pull";

TEST_CASE("Front: garbage in any body is a 400 in the error shape, never more") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const std::string path =
      GENERATE(std::string{kPush}, kPull, "/api/mobile/sync/receipts", "/api/auth/login",
               "/api/mobile/auth/refresh", "/api/mobile/device/register");
  std::string not_utf8 = R"({"device_id":"x"})";
  not_utf8[14] = static_cast<char>(0xff);
  for (const std::string& body :
       {std::string{}, std::string{"{"}, std::string{"[]"}, std::string{"null"}, std::string{"7"},
        std::string{"<html>"}, std::string{"{\"device_id\":7}"}, std::string{"{}"}, not_utf8,
        std::string(100'000, '['), std::string{"{\"device_id\":\"device-1\",\"operations\":{}}"},
        std::string{"{\"device_id\":\"device-1\",\"operations\":[7]}"},
        std::string{"{\"device_id\":\"device-1\",\"refresh\":[[]]}"}, std::string("\0{}", 3)}) {
    const bool is_registration =
        path.ends_with("register") && body.find("device-1") != std::string::npos;
    if (is_registration) continue;
    const Reply reply = phone.call("POST", path, body);
    CAPTURE(path, body.substr(0, 80));
    CHECK(reply.status == 400);
    CHECK(reply.body["error"]["code"].is_string());
    CHECK(reply.body["error"]["message"].is_string());
    CHECK(reply.body["error"]["details"].is_object());
  }
}

TEST_CASE(
    "Front: every field of an operation that is missing or of the wrong type is named in a 400") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const Json good = on_base(operation(1, "approval", "x", "approve", Json::object()), 1);
  const auto refused = [&](const Json& operation, const std::string& field) {
    const Reply reply = phone.push({operation});
    CAPTURE(operation.dump());
    CHECK(reply.status == 400);
    CHECK(reply.body["error"]["details"]["field"] == "operations[0]." + field);
  };
  for (const char* field :
       {"id", "entity_type", "entity_id", "action", "payload", "base_version"}) {
    Json operation = good;
    operation.erase(field);
    refused(operation, field);
    operation[field] = Json::array();
    refused(operation, field);
  }
  Json operation = good;
  operation["id"] = "not-a-uuid";
  refused(operation, "id");
  operation = good;
  operation["entity_id"] = std::string(200, 'x');
  refused(operation, "entity_id");
  refused(on_top_of(good, 2), "after");
}

TEST_CASE("Front: a body above 4 MiB is a 413, just below it is read") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const auto padded = [](std::size_t bytes) {
    std::string body = R"({"device_id":"device-1","scope":"tier1"})";
    return body + std::string(bytes - body.size(), ' ');
  };
  CHECK(phone.call("POST", kPull, padded(4U << 20U)).status == 200);
  const Reply reply = phone.call("POST", kPull, padded((4U << 20U) + 1));
  CHECK(reply.status == 413);
  CHECK(reply.error_code() == "BODY_TOO_LARGE");
}

TEST_CASE("Front: unknown paths are 404, known paths with another method 405 with Allow") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  for (const char* path :
       {"/", "", "/api", "/api/mobile/approvals/", "/api/mobile/approvals/a/b/approve",
        "/api/mobile/approvals//approve", "/api/mobile/sync/push/"}) {
    CHECK(phone.call("GET", path).error_code() == "NOT_FOUND");
    CHECK(phone.call("POST", path, "{}").status == 404);
  }
  const http::Request request{"GET", kPush, {}, ""};
  const http::Response response = server.backend->handle(request, server.now);
  CHECK(response.status == 405);
  CHECK(http::find_header(response.headers, "Allow") == "POST");
  CHECK(http::find_header(response.headers, "Content-Type")->starts_with("application/json"));
}

TEST_CASE(
    "Front: a call that names no device is a 400, other missing headers are counted (P-100)") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const http::Headers bearer{{"Authorization", "Bearer " + phone.access}};
  const http::Response response =
      server.backend->handle({"GET", "/api/mobile/dashboard", bearer, ""}, server.now);
  CHECK(response.status == 400);
  CHECK(response.body.find("DEVICE_MISSING") != std::string::npos);
  CHECK(server.backend->ledger().missing_headers().at("X-Device-Id") == 1);
  CHECK(server.backend->ledger().missing_headers().at("X-Timezone") == 2);
}

TEST_CASE("Front: a version below the minimum is a 426 with a message (P-101)") {
  Server server;
  Client phone(server);
  server.backend->set_minimum_app_version("1.10.0");
  const auto status = [&](const std::string& version) {
    return phone.call("GET", "/api/mobile/dashboard", "", {{"X-App-Version", version}}).status;
  };
  CHECK(status("1.9.9") == 426);
  CHECK(status("1.10") == 401);
  CHECK(status("1.10.0") == 401);
  CHECK(status("2.0.0") == 401);
  CHECK(status("unreadable") == 401);
  const Reply reply = phone.call("GET", "/api/mobile/dashboard", "", {{"X-App-Version", "0.1.0"}});
  CHECK(reply.error_code() == "UPGRADE_REQUIRED");
  CHECK_FALSE(reply.body["error"]["message"].get<std::string>().empty());
}

TEST_CASE("Front: health needs no token, no device and no version") {
  Server server;
  server.backend->set_minimum_app_version("9.0.0");
  const http::Response response =
      server.backend->handle({"GET", "/api/mobile/health", {}, ""}, server.now);
  CHECK(response.status == 200);
  CHECK(response.body == R"({"status":"ok"})");
}

TEST_CASE(
    "Front: every endpoint of each shipped profile has a route (P-6, P-18, P-88..97, I-2, A-62, "
    "C-18)") {
  for (const std::string_view name : schema::profile_names()) {
    const auto text = schema::profile(name);
    REQUIRE(text.has_value());
    Server server{net::options_for(Profile::load(*text).value())};
    const Json profile = Json::parse(*text);
    for (const auto& [endpoint_name, endpoint] : profile["endpoints"].items()) {
      CAPTURE(name, endpoint_name);
      const http::Request request{
          endpoint["method"], endpoint["path"], {{"X-Device-Id", "d"}}, "{}"};
      const int status = server.backend->handle(request, server.now).status;
      CHECK(status != 404);
      CHECK(status != 405);
      CHECK(status < 500);
    }
  }
}

TEST_CASE("Front: a device registers itself, and no other (P-21, P-90)") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  const Json whole{{"device_id", "device-1"},   {"platform", "ANDROID"},   {"os_version", "14"},
                   {"app_version", "1.0.0"},    {"fcm_token", "t"},        {"device_name", "desk"},
                   {"biometric_capable", true}, {"biometric_type", "FACE"}};
  CHECK(phone.post("/api/mobile/device/register", whole).status == 200);
  const auto& user = Backend::seed_users().front();
  CHECK(Json::parse(server.backend->device_details(user.id, "device-1").value()) == whole);
  Json other = whole;
  other["device_id"] = "device-2";
  CHECK(phone.post("/api/mobile/device/register", other).status == 400);
  for (const auto& [key, value] : whole.items()) {
    INFO(key);
    Json without = whole;
    without.erase(key);
    CHECK(phone.post("/api/mobile/device/register", without).status == 400);
    Json wrong = whole;
    wrong[key] = Json::array();
    CHECK(phone.post("/api/mobile/device/register", wrong).status == 400);
  }
  Json nothing = whole;
  nothing["fcm_token"] = nullptr;
  nothing["biometric_type"] = nullptr;
  CHECK(phone.post("/api/mobile/device/register", nothing).status == 200);
}

TEST_CASE("Front: a newer version is recommended to whoever is served (P-101)") {
  Server server;
  Client phone(server);
  const http::Request request{
      "GET", "/api/mobile/dashboard", {{"X-Device-Id", "d"}, {"X-App-Version", "1.0.0"}}, ""};
  CHECK_FALSE(http::find_header(server.backend->handle(request, server.now).headers,
                                "X-Recommended-Version"));
  server.backend->set_recommended_app_version("1.4.0");
  CHECK(http::find_header(server.backend->handle(request, server.now).headers,
                          "X-Recommended-Version") == "1.4.0");
  const http::Request health{"GET", "/api/mobile/health", {}, ""};
  CHECK_FALSE(http::find_header(server.backend->handle(health, server.now).headers,
                                "X-Recommended-Version"));
}

TEST_CASE("Front: equal options, random stream and calls give equal bytes") {
  const auto history = [] {
    Server server;
    Client phone(server);
    std::string text = dump_json(phone.login().body);
    const Document approval = phone.next_approval();
    text += dump_json(phone.results(
        {on_base(operation(1, "approval", approval.key.id, "approve", Json::object()), 1)}));
    text += server.backend->create_approval(server.now);
    text += dump_json(phone.pull({{"scope", "tier1"}}).body);
    return text;
  };
  CHECK(history() == history());
}

TEST_CASE("Front: another seed makes other documents under the same users and KPI codes") {
  BackendOptions options;
  options.seed = 2;
  Server one;
  Server two(options);
  CHECK(one.backend->documents().size() == two.backend->documents().size());
  CHECK(document_of(one, "po").key.id != document_of(two, "po").key.id);
  for (const char* code : {"CYCLE_TIME", "COST_SAVINGS", "ON_TIME_DELIVERY", "PENDING_APPROVALS",
                           "BUDGET_UTIL", "VENDOR_RATING"}) {
    CHECK(two.backend->find_document({"kpi", code}).has_value());
  }
}

TEST_CASE("Front: the ledger counts requests by route and keeps refusals with their codes") {
  Server server;
  Client phone(server);
  CHECK(phone.call("GET", "/api/mobile/dashboard", "", {{"X-Request-Id", "r1"}}).status == 401);
  REQUIRE(phone.login().status == 200);
  CHECK(phone.call("GET", "/api/mobile/dashboard").status == 200);
  const Ledger& ledger = server.backend->ledger();
  CHECK(ledger.requests_by_route().at("dashboard") == 2);
  REQUIRE(ledger.requests().size() == 3);
  CHECK(ledger.requests()[0].request_id == "r1");
  CHECK(ledger.requests()[0].error_code == "missing_token");
  CHECK(ledger.requests()[2].generation == 1);
  CHECK_FALSE(ledger.requests()[2].family_id.empty());
}

TEST_CASE("Front: a full ledger says that it dropped something") {
  BackendOptions options;
  options.ledger_records_max = 1;
  Server server(options);
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  CHECK(server.backend->ledger().dropped() == 0);
  CHECK(phone.call("GET", "/api/mobile/dashboard").status == 200);
  CHECK(server.backend->ledger().dropped() == 1);
}

// A file of its own that goes away with the test.
class DatabaseFile {
 public:
  DatabaseFile()
      : path_(std::filesystem::temp_directory_path() /
              ("landfall-backend-" + std::to_string(getpid()) + ".db")) {
    remove();
  }
  ~DatabaseFile() { remove(); }
  DatabaseFile(const DatabaseFile&) = delete;
  DatabaseFile& operator=(const DatabaseFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path_.string() + suffix);
  }
  std::filesystem::path path_;
};

TEST_CASE("Front: a database file keeps documents, receipts, tokens and cursors across a restart") {
  const DatabaseFile file;
  BackendOptions options;
  options.database_path = file.path();
  auto server = std::make_unique<Server>(options);
  Client phone(*server);
  REQUIRE(phone.login().status == 200);
  const Document approval = phone.next_approval();
  const Json approve =
      on_base(operation(1, "approval", approval.key.id, "approve", Json::object()), 1);
  REQUIRE(phone.results({approve})[0]["status"] == "applied");
  const Json cursor = phone.pull({{"scope", "tier1"}}).body["cursor"];
  const std::size_t documents = server->backend->documents().size();
  server.reset();

  Server again(options);
  Client same(again);
  same.access = phone.access;
  CHECK(again.backend->documents().size() == documents);
  CHECK(same.results({approve})[0]["replayed"] == true);
  CHECK(same.pull({{"scope", "tier1"}, {"cursor", cursor}}).body["changes"].empty());
  CHECK(again.backend->ledger().hash_at(approval.key, 2).has_value());
}

TEST_CASE("Front: bodies come as gzip, and what is none or another coding is refused") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  http::Compressor compressor;
  const std::string body = dump_json(Json{
      {"device_id", phone.device_id}, {"scope", "tier1"}, {"cursor", nullptr}, {"limit", 500}});
  const auto pull = [&](const std::string& bytes, const std::string& coding) {
    return phone.call("POST", kPull, bytes, {{"Content-Encoding", coding}});
  };
  const std::string bytes = compressor.gzip(body);
  CHECK(pull(bytes, "gzip").body["changes"] == phone.call("POST", kPull, body).body["changes"]);
  CHECK(pull(body, "identity").status == 200);
  CHECK(pull(bytes.substr(0, bytes.size() / 2), "gzip").error_code() == "BODY_BROKEN");
  CHECK(pull(body, "gzip").status == 400);
  CHECK(pull(bytes, "br").status == 415);
  CHECK(pull(compressor.gzip(std::string(std::size_t{5} << 20U, ' ')), "gzip").status == 413);

  BackendOptions options;
  options.takes_gzip = false;
  Server other(options);
  Client stranger(other);
  CHECK(stranger.call("POST", kPull, bytes, {{"Content-Encoding", "gzip"}}).error_code() ==
        "UNSUPPORTED_CODING");
}

TEST_CASE("Front: an answer comes as gzip to whoever would have it so, but for a part of a file") {
  Server server;
  Client phone(server);
  REQUIRE(phone.login().status == 200);
  http::Request request{
      "POST",
      kPull,
      {{"X-Device-Id", phone.device_id}, {"Authorization", "Bearer " + phone.access}},
      dump_json(Json{{"device_id", phone.device_id},
                     {"scope", "tier1"},
                     {"cursor", nullptr},
                     {"limit", 500}})};
  const auto coding = [&] {
    const auto response = server.backend->handle(request, server.now);
    return http::header_text(response.headers, "Content-Encoding");
  };
  CHECK(coding().empty());
  request.headers.emplace_back("Accept-Encoding", "gzip, deflate");
  CHECK(coding() == "gzip");
  http::Decompressor decompressor;
  const http::Answer read = http::in_clear({server.backend->handle(request, server.now), {}},
                                           std::size_t{4} << 20U, decompressor);
  REQUIRE(read.response);
  CHECK(Json::parse(read.response->body)["changes"].size() > 1);
  request.headers.emplace_back("Range", "bytes=0-99");
  CHECK(coding().empty());
}

TEST_CASE("Front: a path that is no database is an error, not a crash") {
  BackendOptions options;
  options.database_path = "/";

  SeededSecureRandom random(std::array<std::byte, 32>{});
  const auto opened = Backend::open(options, random, kStart);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "backend.database");
}

TEST_CASE("Front: what somebody else cannot do is an error") {
  Server server;
  Client phone(server);
  const Document approval = phone.next_approval();
  REQUIRE(server.backend->approve_as_other(approval.key.id, server.now));
  CHECK(server.backend->approve_as_other(approval.key.id, server.now).error().code ==
        "approval.not_pending");
  CHECK(server.backend->edit_as_other({"po", "none"}, Json::object(), server.now).error().code ==
        "document.missing");
  REQUIRE(server.backend->delete_as_other(approval.key, server.now));
  CHECK_FALSE(server.backend->delete_as_other(approval.key, server.now).has_value());
}

}  // namespace
}  // namespace landfall::backend
