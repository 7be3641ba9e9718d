#include "engine/auth/device_registration.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/registration_table.hpp"
#include "engine/store/sealer.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/engine/auth/phone.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::auth;
using namespace std::chrono_literals;

namespace {

http::Answer answered(int status, std::string body = "{}", http::Headers headers = {}) {
  return {http::Response{status, std::move(headers), std::move(body)}, std::nullopt};
}

http::Answer failed(http::TransportFailure failure) { return {std::nullopt, failure}; }

// ProKure's machine over a real file, which can be opened anew as after a crash.
class Rig final {
 public:
  explicit Rig(Profile profile = test::shipped_profile()) : profile_(std::move(profile)) {
    restart();
  }

  Instant now{1'767'583'800'000};
  RegistrationEffects last;
  std::string app_version = "1.0.0";
  DeviceFacts told;

  void restart(bool by_login = false) {
    machine_.emplace(DeviceRegistration::Parts{
        profile_, sealer_, "u", {"d-1", "ANDROID", "14", app_version, "Asha's phone"}, repeats_});
    run([&](store::Transaction& tx) { return machine_->on_open(tx, told, by_login, now); });
    ready();
  }
  void ready(bool reachable = true, bool authenticated = true) {
    take(machine_->on_ready(reachable, authenticated, now));
  }
  void say(DeviceFacts facts) {
    run([&](store::Transaction& tx) { return machine_->on_facts(tx, facts, now); });
  }
  void sign_with(std::optional<std::string> key) {
    run([&](store::Transaction& tx) { return machine_->on_attestation_key(tx, key, now); });
  }
  void answer(const http::Answer& answer) {
    REQUIRE(last.call);
    const auto number = last.call->number;
    run([&](store::Transaction& tx) { return machine_->on_answer(tx, number, answer, now); });
  }
  void wake() { take(machine_->on_wake(now)); }
  [[nodiscard]] Json body() const {
    REQUIRE(last.call);
    CHECK(last.call->call.endpoint == "device_register");
    return Json::parse(last.call->call.body);
  }
  [[nodiscard]] std::string state() const { return std::string(to_string(machine_->state())); }
  DeviceRegistration& machine() { return *machine_; }
  [[nodiscard]] std::string path() const { return directory_.file("device.db"); }
  store::Database& database() { return *database_; }

  http::RepeatBudget& repeats() { return repeats_; }

 private:
  void take(RegistrationEffects effects) { last = std::move(effects); }
  template <class Step>
  void run(Step step) {
    auto effects = database_->write("test", store::Durability::durable, step);
    REQUIRE(effects);
    take(std::move(*effects));
  }

  test::TemporaryDirectory directory_;
  Profile profile_;
  std::unique_ptr<store::Database> database_ =
      test::open_database(directory_.file("device.db"), "", schema::device_migrations());
  LibsodiumRandom random_;
  store::Sealer sealer_{store::SecretKey::generate(random_), 1, random_};
  http::RepeatBudget repeats_;
  std::optional<DeviceRegistration> machine_;
};

}  // namespace

TEST_CASE("P-21 P-90: the server is told what the phone is, in the seed's words") {
  Rig rig;
  CHECK(rig.body() == Json{{"device_id", "d-1"},
                           {"platform", "ANDROID"},
                           {"os_version", "14"},
                           {"app_version", "1.0.0"},
                           {"fcm_token", nullptr},
                           {"device_name", "Asha's phone"},
                           {"biometric_capable", false},
                           {"biometric_type", nullptr}});
  rig.answer(answered(200));
  CHECK(rig.state() == "registered");
  CHECK_FALSE(rig.last.call);
  rig.restart();
  CHECK_FALSE(rig.last.call);
}

TEST_CASE(
    "C-25: the key that signs is said, again when it is another, and not to who asks for none") {
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["endpoints"]["device_register"]["body"]["attestation_key"] = "${attestation_key}";
  Rig rig(Profile::load(dump_json(profile)).value());
  CHECK(rig.body().at("attestation_key").is_null());
  rig.answer(answered(200));
  rig.sign_with("a2V5");
  CHECK(rig.body().at("attestation_key") == "a2V5");
  rig.answer(answered(500));
  SECTION("another one is news, and does not wait") {
    rig.sign_with("b3RoZXI=");
    CHECK(rig.body().at("attestation_key") == "b3RoZXI=");
    rig.answer(answered(200));
    rig.sign_with("b3RoZXI=");
    CHECK_FALSE(rig.last.call);
  }
  SECTION("the same one is no news") {
    rig.sign_with("a2V5");
    CHECK_FALSE(rig.last.call);
  }
  SECTION("who asks for none is told nothing more") {
    Rig plain;
    plain.answer(answered(200));
    plain.sign_with("a2V5");
    CHECK_FALSE(plain.last.call);
  }
}

TEST_CASE("P-21: another push token, name or version is told again, the same one is not") {
  Rig rig;
  rig.answer(answered(200));
  rig.say({"token-1", std::nullopt, true, "FACE"});
  CHECK(rig.body()["fcm_token"] == "token-1");
  CHECK(rig.body()["biometric_capable"] == true);
  CHECK(rig.body()["biometric_type"] == "FACE");
  rig.answer(answered(200));
  rig.say({"token-1", std::nullopt, std::nullopt, std::nullopt});
  CHECK_FALSE(rig.last.call);
  rig.say({std::nullopt, "Spare phone", std::nullopt, std::nullopt});
  CHECK(rig.body()["device_name"] == "Spare phone");
  CHECK(rig.body()["fcm_token"] == "token-1");
  rig.answer(answered(200));
  rig.app_version = "1.1.0";
  rig.restart();
  CHECK(rig.body()["app_version"] == "1.1.0");
  CHECK(rig.body()["fcm_token"] == "token-1");
}

TEST_CASE("P-21: what changes while a call is out is told behind its answer") {
  Rig rig;
  const auto first = rig.last;
  rig.say({"token-1", std::nullopt, std::nullopt, std::nullopt});
  CHECK_FALSE(rig.last.call);
  rig.last = first;
  rig.answer(answered(200));
  CHECK(rig.state() == "waiting");
  CHECK(rig.body()["fcm_token"] == "token-1");
}

TEST_CASE("P-90: an answer that is no verdict leaves the intent, over any number of restarts") {
  Rig rig;
  const auto none =
      GENERATE(answered(500), answered(503), answered(408), answered(302), answered(426),
               answered(401), answered(200, "<html>Welcome</html>"),
               failed(http::TransportFailure::silent), failed(http::TransportFailure::not_sent),
               failed(http::TransportFailure::cut), failed(http::TransportFailure::no_session));
  rig.answer(none);
  CHECK(rig.state() == "waiting");
  CHECK_FALSE(rig.last.call);
  REQUIRE(rig.last.wake_at);
  CHECK(*rig.last.wake_at == rig.now + 5s);
  rig.now = *rig.last.wake_at;
  rig.wake();
  CHECK(rig.last.call);
  rig.restart();
  CHECK(rig.last.call);
}

TEST_CASE("P-90 INV-Q9: repeats come 5, 10, 20 s apart, up to a quarter of an hour") {
  Rig rig;
  std::vector<std::int64_t> waits_s;
  for (int i = 0; i < 10; ++i) {
    rig.answer(answered(500));
    REQUIRE(rig.last.wake_at);
    waits_s.push_back((*rig.last.wake_at - rig.now).count() / 1000);
    rig.now = *rig.last.wake_at;
    rig.wake();
  }
  CHECK(waits_s == std::vector<std::int64_t>{5, 10, 20, 40, 80, 160, 320, 640, 900, 900});
}

TEST_CASE("P-90: a network that comes back ends a wait, but not one that the server asked for") {
  Rig rig;
  SECTION("a wait of ours") {
    rig.answer(failed(http::TransportFailure::not_sent));
    rig.ready(false);
    CHECK_FALSE(rig.last.wake_at);
    rig.ready(true);
    CHECK(rig.last.call);
  }
  SECTION("a wait of the server's") {
    rig.answer(answered(429, "", {{"Retry-After", "120"}}));
    rig.ready(false);
    rig.ready(true);
    CHECK_FALSE(rig.last.call);
    CHECK(rig.last.wake_at == rig.now + 120s);
  }
}

TEST_CASE("P-21 P-90: what the host says again shortens no wait, and no news that of the server") {
  Rig rig;
  SECTION("a wait of ours") {
    rig.answer(failed(http::TransportFailure::not_sent));
    rig.say({});
    CHECK_FALSE(rig.last.call);
    CHECK(rig.last.wake_at == rig.now + 5s);
    rig.say({.push_token = "fcm-1"});
    CHECK(rig.last.call);
  }
  SECTION("a wait of the server's") {
    rig.answer(answered(429, "", {{"Retry-After", "120"}}));
    rig.say({});
    rig.say({.push_token = "fcm-1"});
    CHECK_FALSE(rig.last.call);
    CHECK(rig.last.wake_at == rig.now + 120s);
  }
}

TEST_CASE("P-90: a page of somebody in between refuses no phone") {
  for (const int status : {400, 403, 404, 409, 422}) {
    CAPTURE(status);
    Rig rig;
    rig.answer(answered(status, "<html>no</html>", {{"Content-Type", "text/html"}}));
    CHECK(rig.state() == "waiting");
    CHECK(rig.last.wake_at);
  }
  Rig rig;
  rig.answer(answered(403, ""));
  CHECK(rig.state() == "refused");
}

TEST_CASE("P-90: without a session or a network nothing is asked") {
  Rig rig;
  rig.answer(answered(500));
  rig.ready(true, false);
  CHECK_FALSE(rig.last.call);
  CHECK_FALSE(rig.last.wake_at);
  rig.ready(false, true);
  CHECK_FALSE(rig.last.call);
}

TEST_CASE("P-19 C-17: the device too many is refused with the server's words, once") {
  Rig rig;
  rig.answer(
      answered(403, R"({"error":{"code":"DEVICE_LIMIT","message":"Three devices are in use."}})"));
  CHECK(rig.state() == "refused");
  CHECK(rig.last.changed);
  REQUIRE(rig.machine().refusal() != nullptr);
  CHECK(rig.machine().refusal()->code == "device.limit");
  CHECK(rig.machine().refusal()->message == "Three devices are in use.");
  rig.ready(false);
  rig.ready(true);
  CHECK_FALSE(rig.last.call);
  rig.restart();
  CHECK(rig.state() == "refused");
  CHECK_FALSE(rig.last.call);
  SECTION("a login asks again, because another phone may be gone") {
    rig.restart(true);
    CHECK(rig.last.call);
  }
  SECTION("and so does news of the phone") {
    rig.say({"token-2", std::nullopt, std::nullopt, std::nullopt});
    CHECK(rig.last.call);
  }
}

TEST_CASE("P-19: any other refusal is shown too, with the profile's words where there are none") {
  Rig rig;
  rig.answer(answered(404, ""));
  CHECK(rig.state() == "refused");
  CHECK(rig.machine().refusal()->code == "device.refused");
  CHECK(rig.machine().refusal()->message == "This device could not be registered.");
}

TEST_CASE(
    "INV-X1 P-21: a push token stands in no file, and a record that is damaged is told anew") {
  Rig rig;
  rig.say({"token-that-reaches-asha", std::nullopt, std::nullopt, std::nullopt});
  CHECK(test::read_file(rig.path()).find("token-that-reaches-asha") == std::string::npos);
  CHECK(test::read_file(rig.path() + "-wal").find("token-that-reaches-asha") == std::string::npos);
  rig.restart();
  rig.answer(answered(200));
  const auto flipped = rig.database().write(
      "test.flip", store::Durability::durable, [](store::Transaction& tx) -> Status {
        LANDFALL_TRY_ASSIGN(auto record, store::read_registration(tx, "u"));
        record->back() ^= std::byte{1};
        return store::write_registration(tx, "u", *record);
      });
  REQUIRE(flipped);
  rig.restart();
  CHECK(rig.state() == "waiting");
  CHECK(rig.last.call);
}

TEST_CASE("INV-Q9: a registration behind a failure waits for its turn on the device") {
  Rig rig;
  for (std::size_t i = 0; i < limits::kRepeatsForNewsMax; ++i) rig.repeats().on_repeat(rig.now);
  rig.restart();
  rig.answer(answered(503));
  CHECK(rig.last.wake_at == rig.now + 60s);
  rig.now = rig.now + 60s;
  rig.wake();
  CHECK(rig.last.call);
  CHECK(rig.repeats().free_at(http::RepeatRank::news, limits::kRepeatsForNewsMax - 1) ==
        rig.now + 60s);
}
