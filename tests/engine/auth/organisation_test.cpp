#include "engine/auth/organisation.hpp"

#include "engine/auth/session.hpp"
#include "engine/auth/user_record.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/session_table.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/engine/auth/model_server.hpp"
#include "tests/engine/auth/session_world.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>

using namespace landfall;
using namespace landfall::test;
using auth::AuthStatus;
using nlohmann::json;

namespace {

json organisation(const char* id, const char* name = "Name", const char* industry = "Retail") {
  return {{"id", id}, {"name", name}, {"industry", industry}};
}

http::Answer welcome(const json& organisations) {
  const json body{{"accessToken", "access"},
                  {"refreshToken", "refresh"},
                  {"user", {{"id", "u-1"}, {"name", "Ann"}, {"organizations", organisations}}}};
  return respond(200, body.dump());
}

Profile remembering(const std::string& remember) {
  json text = json::parse(schema::profile("ims").value());
  text["auth"]["remember"] = remember;
  return Profile::load(text.dump()).value();
}

struct World : SessionWorld {
  explicit World(const std::string& remember = "email") : SessionWorld(remembering(remember)) {}
};

}  // namespace

TEST_CASE("I-28: one organisation is chosen for its user") {
  World world;
  const auto logged_in = world.login(welcome(json::array({organisation("o-1", "North")})));
  REQUIRE(logged_in);
  CHECK_FALSE(auth::Session::needs_choice(*logged_in));
  CHECK(logged_in->user.organisation == "o-1");
  CHECK(logged_in->user.partition == auth::partition_id_for("u-1", "o-1"));
  CHECK(logged_in->record.name == "Ann");
}

TEST_CASE("I-28: a user without an organisation has a partition of their own") {
  World world;
  const auto logged_in = world.login(welcome(json::array()));
  REQUIRE(logged_in);
  CHECK_FALSE(auth::Session::needs_choice(*logged_in));
  CHECK(logged_in->user.organisation.empty());
}

TEST_CASE("I-29: who belongs to several waits until they have chosen one of them") {
  World world;
  auto logged_in = world.login(
      welcome(json::array({organisation("o-1", "North"), organisation("o-2", "South")})));
  REQUIRE(logged_in);
  REQUIRE(auth::Session::needs_choice(*logged_in));
  logged_in->tokens.access_lifetime = Duration{900'000};
  world.session->on_choice_needed(std::move(*logged_in), kStart);
  CHECK(world.session->status() == AuthStatus::organization_select);
  CHECK_FALSE(world.session->is_logging_in());
  CHECK_FALSE(world.session->user());
  const auto choice = world.session->shown_record().organisations;
  REQUIRE(choice.size() == 2);
  CHECK(choice[1] == auth::Organisation{"o-2", "South", "Retail"});
  CHECK_FALSE(world.session->record());

  const auto unknown = world.session->on_chosen("o-3", kStart);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "session.organisation_unknown");
  CHECK(unknown.error().field == "params.organisation");
  CHECK(world.session->status() == AuthStatus::organization_select);

  const auto chosen = world.session->on_chosen("o-2", kStart + Duration{300'000});
  REQUIRE(chosen);
  CHECK(chosen->user.partition == auth::partition_id_for("u-1", "o-2"));
  // The token grew older while its user looked at the list (INV-A10).
  CHECK(chosen->tokens.access_lifetime == Duration{600'000});
  CHECK(world.session->status() == AuthStatus::loading);
  CHECK(world.session->on_chosen("o-1", kStart).error().code == "session.no_choice");
  world.open(chosen->user);
  CHECK(world.session->status() == AuthStatus::authenticated);
}

TEST_CASE("I-29: a choice that nobody makes is given up for another login") {
  World world;
  const auto both = welcome(json::array({organisation("o-1"), organisation("o-2")}));
  auto logged_in = world.login(both);
  REQUIRE(logged_in);
  world.session->on_choice_needed(std::move(*logged_in), kStart);
  const auto given_up = world.session->on_choice_abandoned();
  REQUIRE(given_up);
  CHECK(given_up->refresh.reveal() == "refresh");
  CHECK(world.session->status() == AuthStatus::unauthenticated);

  auto again = world.login(both);
  REQUIRE(again);
  world.session->on_choice_needed(std::move(*again), kStart);
  CHECK(world.session->on_login("bob@example.com", kPassword, kStart));
  CHECK_FALSE(world.session->awaits_choice());
}

TEST_CASE(
    "I-30 C-22: a switch is to another organisation of the user's, and outlives the process") {
  World world;
  world.open({"u-1", "o-1", "ann@example.com", auth::partition_id_for("u-1", "o-1")});
  CHECK(world.session->may_switch("o-2").error().code == "session.organisation_unknown");
  auth::UserRecord record;
  record.organisations = {{"o-1", "North", ""}, {"o-2", "South", ""}};
  world.session->on_record(record);
  CHECK(world.session->may_switch("o-1").error().code == "session.organisation_active");
  CHECK(world.session->may_switch("o-9").error().code == "session.organisation_unknown");
  const auto target = world.session->may_switch("o-2");
  REQUIRE(target);
  CHECK(target->user_id == "u-1");
  CHECK(target->partition == auth::partition_id_for("u-1", "o-2"));
  REQUIRE(world.device->write(
      "test.switch", store::Durability::durable,
      [&](store::Transaction& tx) { return world.session->on_switched(tx, *target, kStart); }));
  CHECK(world.session->status() == AuthStatus::authenticated);
  world.restart();
  REQUIRE(world.session->user());
  CHECK(world.session->user()->organisation == "o-2");
  world.log_out();
  CHECK(world.session->may_switch("o-1").error().code == "session.no_user");
}

TEST_CASE("I-29: what a server says badly of an organisation is left out, and texts are cut") {
  const Profile profile = Profile::load(schema::profile("ims").value()).value();
  const auto read = [&](const json& organisations) {
    return auth::read_user(profile, "login", welcome(organisations).response->body, "");
  };
  CHECK(read("no list").organisations.empty());
  CHECK(read(json::array({1, nullptr, json::object(), {{"id", ""}}, {{"id", "a\nb"}}, {{"id", 7}}}))
            .organisations.empty());
  CHECK(
      read(json::array({organisation("o-1"), organisation("o-1", "Again")})).organisations.size() ==
      1);
  const std::string name = std::string(limits::kOrganisationTextBytesMax - 1, 'n') + "\xc3\xa9";
  const auto cut = read(json::array({organisation("o-1", name.c_str())}));
  CHECK(cut.organisations[0].name == std::string(limits::kOrganisationTextBytesMax - 1, 'n'));
  json many = json::array();
  for (std::size_t i = 0; i < limits::kOrganisationsMax + 5; ++i)
    many.push_back({{"id", "o-" + std::to_string(i)}});
  CHECK(read(many).organisations.size() == limits::kOrganisationsMax);
  CHECK(auth::read_user(profile, "login", "<html>", "") == auth::UserRecord{});
}

TEST_CASE(
    "I-40 I-26: what the server said of a user is sealed, comes back with them and goes with "
    "their logout, in all of their organisations") {
  World world;
  SeededSecureRandom random{std::array<std::byte, 32>{}};
  store::Sealer key{store::SecretKey::generate(random), 1, random};
  auth::UserRecord known;
  known.name = "Ann Marker";
  known.organisations = {{"o-1", "North Marker", "Retail"}};
  for (const char* organisation : {"o-1", "o-2"}) {
    world.open(
        {"u-1", organisation, "ann@example.com", auth::partition_id_for("u-1", organisation)});
    REQUIRE(
        world.device->write("test.record", store::Durability::durable, [&](store::Transaction& tx) {
          return auth::store_user(tx, key, "u-1", organisation, known);
        }));
  }
  const auto load = [&](const char* organisation) {
    return world.device
        ->read([&](const store::Snapshot& snapshot) {
          return auth::load_user(snapshot, key, "u-1", organisation);
        })
        .value();
  };
  CHECK(load("o-1") == known);
  CHECK(load("o-2") == known);
  const auto bytes = read_file(world.directory.file("device.db")) +
                     read_file(world.directory.file("device.db-wal"));
  CHECK(bytes.find("Marker") == std::string::npos);
  world.log_out();
  CHECK_FALSE(load("o-1").has_value());
  CHECK_FALSE(load("o-2").has_value());
}

TEST_CASE(
    "I-7 I-26 C-14: the address is kept by its user's word, and outlives logout and process") {
  World world;
  CHECK(world.session->remembered_email().empty());
  world.open(world.login(welcome(json::array()), {true, false})->user);
  CHECK(world.session->remembered_email() == "ann@example.com");
  world.log_out();
  world.restart();
  CHECK(world.session->remembered_email() == "ann@example.com");
  // A login that fails changes nothing.
  CHECK_FALSE(world.login(respond(500, ""), {false, false}));
  CHECK(world.session->remembered_email() == "ann@example.com");
  world.open(world.login(welcome(json::array()))->user);
  CHECK(world.session->remembered_email().empty());
  world.restart();
  CHECK(world.session->remembered_email().empty());
}

TEST_CASE("C-14: an app that remembers nothing does not, whatever its host asks") {
  World world("none");
  world.open(world.login(welcome(json::array()), {true, true})->user);
  CHECK(world.session->remembered_email().empty());
}

TEST_CASE("A-13 C-14: a password is kept only where profile and user both say so, and whole") {
  CHECK_FALSE(auth::keeps_password(profile::Remember::email, {true, true}));
  CHECK_FALSE(auth::keeps_password(profile::Remember::credentials, {true, false}));
  CHECK(auth::keeps_password(profile::Remember::credentials, {false, true}));
  const auto text = auth::credentials_text("ann@example.com", kPassword);
  CHECK(text.reveal().find("password-marker") == std::string::npos);
  const auto kept = auth::credentials_from(text.reveal());
  REQUIRE(kept);
  CHECK(kept->email == "ann@example.com");
  CHECK(kept->password.reveal() == "password-marker");
  CHECK_FALSE(auth::credentials_from("nonsense"));
  CHECK_FALSE(auth::credentials_from(""));
}

TEST_CASE("C-22: the partitions beside one are the same user's, the longest left first") {
  World world;
  const auto activate = [&](const char* user, const char* organisation, std::int64_t at) {
    REQUIRE(world.device->write(
        "test.row", store::Durability::durable, [&](store::Transaction& tx) -> Status {
          return store::activate_session(
              tx, {user, organisation, "", auth::partition_id_for(user, organisation)},
              Instant{at});
        }));
  };
  activate("u-1", "south", 20);
  activate("u-1", "north", 10);
  activate("u-2", "north", 15);
  activate("u-1", "east", 30);
  const auto others = world.device->read([](const store::Snapshot& device) {
    return store::other_sessions(device, "u-1", auth::partition_id_for("u-1", "east"));
  });
  REQUIRE(others.has_value());
  REQUIRE(others->size() == 2);
  CHECK(others->at(0).organisation == "north");
  CHECK(others->at(0).partition == auth::partition_id_for("u-1", "north"));
  CHECK(others->at(1).organisation == "south");
}
