#include "engine/auth/user_record.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sodium.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/session_table.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using auth::UserRecord;

namespace {

const Profile& almafrica() {
  static const Profile profile = Profile::load(schema::profile("almafrica").value()).value();
  return profile;
}

std::string base64url(const std::string& text) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string encoded(sodium_base64_encoded_len(text.size(), kVariant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(), kVariant);
  encoded.pop_back();
  return encoded;
}

std::string token_with(const Json& claims) {
  return base64url(R"({"alg":"HS256"})") + "." + base64url(dump_json(claims)) + ".c2ln";
}

// A-10's reply.
Json reply() {
  return {{"accessToken", "a"},
          {"refreshToken", "r"},
          {"expiresIn", 900},
          {"tokenType", "Bearer"},
          {"authUserId", "auth-1"},
          {"userId", "user-1"},
          {"username", "kofi"},
          {"email", "kofi@almafrica.example"},
          {"fullName", "Kofi Mensah"},
          {"roles", {"warehouseOperator", "agent"}},
          {"permissions", {"CreateFarmers"}}};
}

UserRecord read(const Json& body, const std::string& token = "") {
  return auth::read_user(almafrica(), "login", dump_json(body), token);
}

struct Device {
  Device() : device(open_database(directory.file("device.db"), "", schema::device_migrations())) {
    for (const char* organisation : {"", "org-2"}) {
      REQUIRE(device->write("test.row", store::Durability::durable, [&](store::Transaction& tx) {
        return store::activate_session(
            tx, {"auth-1", organisation, "kofi@almafrica.example", PartitionId{}}, Instant{1});
      }));
    }
  }

  Status store(const UserRecord& record) {
    return device->write("test.store", store::Durability::durable, [&](store::Transaction& tx) {
      return auth::store_user(tx, key, "auth-1", "", record);
    });
  }

  Result<std::optional<UserRecord>> load(const std::string& organisation = "") {
    return device->read([&](const store::Snapshot& snapshot) {
      return auth::load_user(snapshot, key, "auth-1", organisation);
    });
  }

  SeededSecureRandom random{std::array<std::byte, 32>{}};
  store::Sealer key{store::SecretKey::generate(random), 1, random};
  TemporaryDirectory directory;
  std::unique_ptr<store::Database> device;
};

}  // namespace

TEST_CASE("A-10: the reply to a login says who its user is") {
  const auto record = read(reply());
  CHECK(record.name == "Kofi Mensah");
  CHECK(record.account_name == "kofi");
  CHECK(record.account_id == "user-1");
  CHECK(record.roles == std::vector<std::string>{"warehouseOperator", "agent"});
  CHECK(record.active_role.empty());
}

TEST_CASE("A-9: what the profile keeps of the access token's claims is kept, as a text") {
  const auto token = token_with({{"sub", "auth-1"},
                                 {"AgentId", "agent-7"},
                                 {"ClientId", 42},
                                 {"collection_point_id", {{"id", "cp-1"}}},
                                 {"email", "kofi@almafrica.example"}});
  const auto record = read(reply(), token);
  CHECK(record.claims.size() == 2);
  CHECK(record.claims.at("AgentId") == "agent-7");
  CHECK(record.claims.at("ClientId") == "42");
}

TEST_CASE("A-9: the roles are the token's where the reply names none, one of them as a text") {
  Json body = reply();
  const auto token = token_with({{"roles", {"csa", "fsa", "csa"}}});
  CHECK(read(body, token).roles.front() == "warehouseOperator");
  body.erase("roles");
  CHECK(read(body, token).roles == std::vector<std::string>{"csa", "fsa"});
  CHECK(read(body, token_with({{"roles", "fsa"}})).roles == std::vector<std::string>{"fsa"});
  CHECK(read(body, "opaque").roles.empty());
}

TEST_CASE("A-10: what makes no sense in a reply is empty, and no login fails for it") {
  Json body = reply();
  body["roles"] = {{"fsa", true}};
  body["fullName"] = Json::array({1});
  body["username"] = std::string(10'000, 'k');
  const auto record = read(body);
  CHECK(record.roles.empty());
  CHECK(record.name.empty());
  CHECK(record.account_name.empty());
  CHECK(read(Json::array()) == UserRecord{});
}

TEST_CASE("A-11 C-23: user and roles outlive the process, sealed and bound to their row") {
  Device phone;
  UserRecord record = read(reply(), token_with({{"AgentId", "agent-marker"}}));
  record.active_role = "csa";
  CHECK_FALSE(phone.load().value().has_value());
  REQUIRE(phone.store(record));
  CHECK(phone.load().value() == record);
  const std::string bytes = read_file(phone.directory.file("device.db")) +
                            read_file(phone.directory.file("device.db-wal"));
  for (const char* marker : {"agent-marker", "warehouseOperator", "Kofi"}) {
    INFO(marker);
    CHECK(bytes.find(marker) == std::string::npos);
  }
  REQUIRE(phone.device->write(
      "test.move", store::Durability::durable, [&](store::Transaction& tx) -> Status {
        LANDFALL_TRY_ASSIGN(const auto sealed, store::read_profile_data(tx, "auth-1", ""));
        return store::write_profile_data(tx, "auth-1", "org-2", *sealed);
      }));
  CHECK(phone.load("org-2").error().code == "seal.broken");
}

TEST_CASE("I-40: a record that an older app stored knows of no organisations, and reads") {
  Device phone;
  const std::string text =
      R"({"format":1,"name":"Kofi","account_name":"kofi","account_id":"user-1","roles":["csa"],)"
      R"("claims":{"AgentId":"agent-7"},"active_role":"csa"})";
  REQUIRE(phone.device->write("test.old", store::Durability::durable, [&](store::Transaction& tx) {
    const std::string row = "6:auth-1";
    const auto sealed = phone.key.seal("sessions.profile_data", std::as_bytes(std::span(row)),
                                       std::as_bytes(std::span(text)));
    return store::write_profile_data(tx, "auth-1", "", sealed);
  }));
  const auto found = phone.load().value();
  REQUIRE(found.has_value());
  CHECK(found->name == "Kofi");
  CHECK(found->active_role == "csa");
  CHECK(found->claims.at("AgentId") == "agent-7");
  CHECK(found->organisations.empty());
  UserRecord with = *found;
  with.organisations = {{"o-1", "North", "Retail"}};
  REQUIRE(phone.store(with));
  CHECK(phone.load().value() == with);
}

TEST_CASE("I-26 A-45: a logout takes with it what the login said of the user") {
  Device phone;
  REQUIRE(phone.device->write(
      "test.active", store::Durability::durable, [&](store::Transaction& tx) -> Status {
        LANDFALL_TRY(
            store::activate_session(tx, {"auth-1", "", "kofi", PartitionId{}}, Instant{2}));
        return auth::store_user(tx, phone.key, "auth-1", "", read(reply()));
      }));
  REQUIRE(
      phone.device->write("test.logout", store::Durability::durable,
                          [](store::Transaction& tx) { return store::deactivate_sessions(tx); }));
  CHECK_FALSE(phone.load().value().has_value());
}
