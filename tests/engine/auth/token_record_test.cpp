#include "engine/auth/token_record.hpp"

#include "engine/store/token_table.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/phone.hpp"

#include <sodium.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

using namespace landfall;
using namespace landfall::test;
using auth::TokenState;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string base64(const std::string& text, int variant) {
  std::string encoded(sodium_base64_encoded_len(text.size(), variant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(), variant);
  // Without padding and the last group, which depend on what follows.
  return encoded.substr(0, text.size() / 3 * 4);
}

std::string hex(const std::string& text) {
  std::string encoded(text.size() * 2 + 1, '\0');
  sodium_bin2hex(encoded.data(), encoded.size(),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  encoded.pop_back();
  return encoded;
}

bool holds(const std::string& haystack, const std::string& secret) {
  const std::array needles = {secret, base64(secret, sodium_base64_VARIANT_ORIGINAL),
                              base64(secret, sodium_base64_VARIANT_URLSAFE), hex(secret)};
  return std::any_of(needles.begin(), needles.end(), [&](const std::string& needle) {
    return haystack.find(needle) != std::string::npos;
  });
}

// Changes the stored record by hand.
void damage(Phone& phone, const std::function<void(std::vector<std::byte>&)>& change) {
  const auto status = phone.device().write(
      "test.damage", store::Durability::durable, [&](store::Transaction& tx) -> Status {
        LANDFALL_TRY_ASSIGN(auto row, store::read_tokens(tx, kUser));
        change(row->record);
        return store::write_tokens(tx, kUser, row->generation, row->record);
      });
  REQUIRE(status.has_value());
}

}  // namespace

TEST_CASE(
    "INV-X1: no token that was ever issued stands in the database file or its log, raw, base64 or "
    "hex") {
  ModelServer server{RefreshMode::until_used};
  Phone phone;
  (void)phone.login(server.login(), kStart);
  std::string seen = phone.file_bytes();
  for (int round = 0; round < 3; ++round) {
    const auto now = kStart + minutes{round};
    const auto token = bearer(phone.machine());
    (void)phone.accepted(token.generation);
    const auto sent = phone.rejected(token.generation, now);
    seen += phone.file_bytes();
    (void)phone.answered(sent.refresh->attempt, server.refresh(sent.refresh->call, now), now);
    seen += phone.file_bytes();
  }
  phone.die();
  seen += phone.file_bytes();
  REQUIRE(server.issued().size() == 8);
  for (const auto& secret : server.issued()) {
    CAPTURE(secret);
    CHECK_FALSE(holds(seen, secret));
  }
  CHECK(holds(seen, kUser));  // the search does find what is clear
}

TEST_CASE(
    "A record that was changed, cut or emptied is seal.broken: neither absent nor used, and a "
    "login mends it") {
  const auto change = GENERATE(
      as<std::function<void(std::vector<std::byte>&)>>{},
      [](std::vector<std::byte>& bytes) { bytes.back() ^= std::byte{1}; },
      [](std::vector<std::byte>& bytes) { bytes[40] ^= std::byte{0x80}; },
      [](std::vector<std::byte>& bytes) { bytes.resize(bytes.size() / 2); },
      [](std::vector<std::byte>& bytes) { bytes.clear(); });
  Phone phone;
  (void)phone.login(pair_body("access-marker", "refresh-marker", 900), kStart);
  damage(phone, change);
  const auto opened = phone.try_start(kStart);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "seal.broken");
  CHECK(opened.error().kind == ErrorClass::corrupt);
  CHECK_FALSE(holds(opened.error().message, "marker"));
  CHECK(phone.login(pair_body("access-2", "refresh-2", 900), kStart).changed == TokenState::valid);
  CHECK(bearer(phone.machine()).generation == 2);
  CHECK(phone.start(kStart).changed == TokenState::valid);
}

TEST_CASE("INV-X3 INV-A13: another user's record does not open in this user's row") {
  Phone phone;
  (void)phone.login(pair_body("access-marker", "refresh-marker", 900), kStart);
  const auto moved = phone.device().write(
      "test.move", store::Durability::durable, [](store::Transaction& tx) -> Status {
        LANDFALL_TRY(tx.run("UPDATE tokens SET user_id = ?1", "u-2"));
        return {};
      });
  REQUIRE(moved.has_value());
  const auto opened = phone.device().read(
      [&](const store::Snapshot& device) { return auth::load_record(device, phone.key(), "u-2"); });
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "seal.broken");
}

TEST_CASE("A record of a newer version or one that contradicts its row is tokens.unreadable") {
  Phone phone;
  (void)phone.login(pair_body("access-marker", "refresh-marker", 900), kStart);
  const std::string text = GENERATE(
      "[]", "{}", R"({"format":2})", "no json at all",
      R"({"format":1,"last_generation":9,"last_attempt":0,"last_sent_ms":0,"unproven":0})");
  damage(phone, [&](std::vector<std::byte>& bytes) {
    const std::string user = kUser;
    bytes =
        phone.key().seal("tokens", std::as_bytes(std::span(user)), std::as_bytes(std::span(text)));
  });
  const auto opened = phone.try_start(kStart);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "tokens.unreadable");
}

TEST_CASE("INV-A13: a second user's login leaves the first one's record alone") {
  Phone phone;
  (void)phone.login(pair_body("access-ann", "refresh-ann", 900), kStart);
  auto pair = pair_in(phone.profile(), "login", pair_body("access-bob", "refresh-bob", 900));
  REQUIRE(pair.has_value());
  (void)phone.step([&](auto& machine, auto& tx) {
    return machine.on_login(tx, phone.key(), "u-2", std::move(*pair), kStart);
  });
  // Numbers go on across users, so that a late 401 of the first one's call means nothing to the
  // second.
  CHECK(bearer(phone.machine()).generation == 2);
  CHECK(bearer(phone.machine()).bearer->reveal() == "access-bob");
  (void)phone.start(kStart);
  CHECK(bearer(phone.machine()).bearer->reveal() == "access-ann");
}
