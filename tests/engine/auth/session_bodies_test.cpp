#include "engine/profile/session_body.hpp"

#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/auth/device_registration.hpp"
#include "engine/auth/farewell.hpp"
#include "engine/auth/manage_second_factor.hpp"
#include "engine/auth/registration.hpp"
#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/sealer.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/second_factor_world.hpp"

using namespace landfall;
using namespace landfall::test;
using profile::SessionBody;
using second_factor::World;

namespace {

// A template of every name that the body may use, each under its own name.
std::shared_ptr<const Json> template_of(SessionBody body) {
  Json shape = Json::object();
  for (const std::string_view name : profile::names_in(body)) {
    const std::string text{name};
    shape[text] = "${" + text + "}";
  }
  REQUIRE(profile::has_only_names_of(body, shape));
  return std::make_shared<const Json>(std::move(shape));
}

void use_every_name(Profile& profile, const std::string& endpoint, SessionBody body) {
  auto& changed = profile.endpoints[endpoint];
  changed.name = endpoint;
  changed.body = template_of(body);
}

// That each name has a value in the call, and that this value is one.
void check_filled(const http::ApiCall& call, SessionBody body) {
  const Json sent = Json::parse(call.body);
  for (const std::string_view name : profile::names_in(body)) {
    INFO(call.endpoint << ": " << name);
    const Json& value = sent.at(std::string{name});
    CHECK_FALSE(value.is_null());
    CHECK(value != "");
  }
}

}  // namespace

TEST_CASE("each name that a login's body may use has a value (P-6, P-19)") {
  World world;
  use_every_name(world.profile, "login", SessionBody::login);
  const auto call = world.session->on_login("ann@example.com", kPassword, kStart);
  REQUIRE(call);
  check_filled(call->call, SessionBody::login);
}

TEST_CASE("each name that the body of a new account may use has a value (I-2)") {
  Profile profile = second_factor::profile_with();
  use_every_name(profile, "register", SessionBody::registration);
  const auth::NewAccount account{"ann@example.com",
                                 std::make_shared<const Secret<std::string>>("password-1"), "Ann"};
  const auto call = auth::register_call(profile, account, "device-1");
  REQUIRE(call);
  check_filled(*call, SessionBody::registration);
}

TEST_CASE("each name that the body of a farewell may use has a value (C-15)") {
  Profile profile = second_factor::profile_with();
  REQUIRE_FALSE(profile.auth.session.logout.calls.empty());
  for (const std::string& name : profile.auth.session.logout.calls)
    use_every_name(profile, name, SessionBody::farewell);
  const auto token = [](const char* text) {
    return std::make_shared<const Secret<std::string>>(text);
  };
  auth::Farewell farewell(
      {profile, "device-1", {token("access-1"), token("refresh-1"), false}, {}});
  for (std::size_t i = 0; i < profile.auth.session.logout.calls.size(); ++i) {
    const auto call = farewell.next();
    REQUIRE(call);
    check_filled(call->call, SessionBody::farewell);
    farewell.on_answer(respond(200, "{}"));
  }
}

TEST_CASE("each name that the calls of a second factor may use has a value (A-32)") {
  World world;
  use_every_name(world.profile, "second_factor_login", SessionBody::factor_code);
  use_every_name(world.profile, "second_factor_send", SessionBody::factor_text);
  world.login();
  const auto sent = world.session->on_send_code(kStart);
  REQUIRE(sent);
  check_filled(sent->call, SessionBody::factor_text);
  const auto handed_in = world.hand_in("123456");
  REQUIRE(handed_in);
  check_filled(handed_in->call, SessionBody::factor_code);
}

TEST_CASE("each name that a task of a second factor may use has a value (A-32)") {
  using auth::FactorTask;
  const Secret<std::string> code{"123456"};
  Profile profile = second_factor::profile_with();
  for (const auto task :
       {FactorTask::set_up, FactorTask::verify, FactorTask::backup_codes, FactorTask::disable}) {
    use_every_name(profile, std::string{auth::endpoint_of(task)}, SessionBody::factor_task);
    const auth::FactorWish wish{task, code, "+911234567890"};
    const auto call = auth::manage_call(profile, "device-1", wish);
    REQUIRE(call);
    check_filled(*call, SessionBody::factor_task);
  }
}

TEST_CASE("each name that the registration of a phone may use has a value (P-21, P-90)") {
  Profile profile = shipped_profile();
  REQUIRE(profile.devices);
  use_every_name(profile, profile.devices->register_endpoint, SessionBody::device);
  TemporaryDirectory directory;
  const auto device = open_database(directory.file("device.db"), "", schema::device_migrations());
  LibsodiumRandom random;
  store::Sealer key{store::SecretKey::generate(random), 1, random};
  http::RepeatBudget repeats;
  auth::DeviceRegistration machine(
      {profile, key, "u-1", {"d-1", "ANDROID", "14", "1.0.0", "Asha's phone"}, repeats, "key"});
  auth::DeviceFacts told;
  told.push_token = "push-1";
  told.biometric_type = "face";
  REQUIRE(device->write("test", store::Durability::durable, [&](store::Transaction& tx) {
    return machine.on_open(tx, told, false, kStart);
  }));
  const auto effects = machine.on_ready(true, true, kStart);
  REQUIRE(effects.call);
  check_filled(effects.call->call, SessionBody::device);
}

TEST_CASE("a name that no value belongs to is found when the profile is loaded") {
  CHECK(second_factor::mistake_in({{"endpoints", {{"login", {{"body", {{"x", "${code}"}}}}}}}}) ==
        "endpoints.login.body");
  CHECK_FALSE(profile::has_only_names_of(SessionBody::login, Json{{"x", "${code}"}}));
  CHECK_FALSE(profile::has_only_names_of(SessionBody::login, Json{{"x", "${email"}}));
}
