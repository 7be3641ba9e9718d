#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/backend/backend.hpp"

namespace landfall::backend {

inline constexpr Instant kStart{1'767'254'400'000};  // 2026-01-01T08:00:00Z

struct Reply {
  int status = 0;
  Json body;

  [[nodiscard]] std::string error_code() const {
    return body.contains("error") ? body["error"].value("code", "") : "";
  }
};

// A backend with a clock that only the test moves.
class Server {
 public:
  explicit Server(BackendOptions options = {}) : random_(std::array<std::byte, 32>{}) {
    auto opened = Backend::open(std::move(options), random_, now);
    REQUIRE(opened.has_value());
    backend = std::move(*opened);
  }

  Instant now = kStart;
  std::unique_ptr<Backend> backend;

 private:
  SeededSecureRandom random_;
};

// One phone of one user, as plain calls: what it sends is written out in the tests.
class Client {
 public:
  std::string device_id;
  std::string access;
  std::string refresh;

  explicit Client(Server& server, std::string device = "device-1", std::size_t user = 0)
      : device_id(std::move(device)), server_(server), user_(Backend::seed_users()[user]) {}

  Reply call(const std::string& method, const std::string& target, const std::string& body = "",
             const http::Headers& more = {}) {
    http::Request request{method, target, {{"X-Device-Id", device_id}}, body};
    if (!access.empty()) request.headers.emplace_back("Authorization", "Bearer " + access);
    for (const auto& header : more) http::set_header(request.headers, header.first, header.second);
    const http::Response response = server_.backend->handle(request, server_.now);
    const auto json = parse_json(response.body, {16U << 20U});
    REQUIRE(json.has_value());
    return {response.status, *json};
  }

  Reply post(const std::string& target, const Json& body, const http::Headers& more = {}) {
    return call("POST", target, dump_json(body), more);
  }

  Reply login() { return keep(login_without_keeping()); }

  // Whatever it says, the tokens stay as they are.
  Reply login_without_keeping() {
    const Json body = {{"email", user_.email},
                       {"password", user_.password},
                       {"device_id", device_id},
                       {"platform", "IOS"}};
    return post("/api/auth/login", body);
  }

  // Exchanges `token` without keeping the answer.
  Reply exchange(const std::string& token, const std::string& refresh_id = "") {
    http::Headers headers;
    if (!refresh_id.empty()) headers.emplace_back("X-Refresh-Id", refresh_id);
    return post("/api/mobile/auth/refresh", {{"refreshToken", token}, {"device_id", device_id}},
                headers);
  }

  Reply keep(Reply reply) {
    if (reply.status == 200) {
      access = reply.body["accessToken"].get<std::string>();
      refresh = reply.body["refreshToken"].get<std::string>();
    }
    return reply;
  }

  // A push of these operations; the whole answer.
  Reply push(const std::vector<Json>& operations) {
    return post("/api/mobile/sync/push", {{"device_id", device_id}, {"operations", operations}});
  }

  // A push that is understood; its results.
  Json results(const std::vector<Json>& operations) {
    const Reply reply = push(operations);
    REQUIRE(reply.status == 200);
    REQUIRE(reply.body["results"].size() == operations.size());
    return reply.body["results"];
  }

  Reply pull(Json body) {
    body["device_id"] = device_id;
    return post("/api/mobile/sync/pull", body);
  }

  [[nodiscard]] const std::string& user_id() const { return user_.id; }

  // The next pending approval of this user that the test has not yet been given.
  Document next_approval() {
    std::size_t at = approvals_given_++;
    for (Document& document : server_.backend->tier1_documents(user_.id)) {
      if (document.key.type == "approval" && at-- == 0) return document;
    }
    FAIL("no approval left");
    return {};
  }

 private:
  Server& server_;
  SeedUser user_;
  std::size_t approvals_given_ = 0;
};

// Operation ids of a test: op(1), op(2), …
inline std::string op(int number) {
  std::string digits = std::to_string(number);
  return "01980000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

inline Json operation(int number, const std::string& type, const std::string& entity_id,
                      const std::string& action, Json payload) {
  return {{"id", op(number)},
          {"entity_type", type},
          {"entity_id", entity_id},
          {"action", action},
          {"schema", 1},
          {"created_at", "2026-01-01T08:00:00.000Z"},
          {"payload", std::move(payload)}};
}

inline Json on_base(Json operation, std::int64_t version) {
  operation["base_version"] = version;
  return operation;
}

inline Json on_top_of(Json operation, int number) {
  operation["after"] = op(number);
  return operation;
}

inline Document document_of(Server& server, const std::string& type) {
  for (Document& document : server.backend->documents()) {
    if (document.key.type == type && !document.deleted) return document;
  }
  FAIL("no document of this type");
  return {};
}

inline Json data_of(Server& server, const EntityKey& key) {
  const auto document = server.backend->find_document(key);
  REQUIRE(document.has_value());
  return Json::parse(document->data);
}

}  // namespace landfall::backend
