#include <algorithm>
#include <string>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

constexpr const char* kImsLogin = "/auth/login";
constexpr const char* kImsRefresh = "/auth/refresh";
constexpr const char* kImsLogout = "/auth/logout";
constexpr const char* kImsMe = "/auth/me";
constexpr const char* kUnregister = "/notifications/unregister-device";
constexpr const char* kNorth = "org-north-hardware";
constexpr const char* kSouth = "org-south-pharmacy";

backend::BackendOptions ims_backend() {
  return net::options_for(Profile::load(schema::profile("ims").value()).value());
}

const backend::SeedUser& lina() {
  return backend::Backend::seed_users(backend::Dialect::ims).front();
}

Json ims_with(const Json& patch) {
  Json profile = Json::parse(schema::profile("ims").value());
  profile.merge_patch(patch);
  return profile;
}

Json credentials(const char* who) {
  return {{"email", std::string{who} + "@ims.example"}, {"password", std::string{who} + "-pass-1"}};
}

// The app with somebody of one organisation in it.
void set_up(Rig& rig, const Json& patch = Json::object(), const Json& extra = Json::object()) {
  rig.set_profile(ims_with(patch));
  rig.boot();
  Json params = credentials("lina");
  params.update(extra);
  const Json reply = rig.call("session.login", params);
  INFO(reply.dump());
  REQUIRE(reply["result"]["status"] == "authenticated");
}

Json status(Rig& rig) { return rig.call("session.status")["result"]; }

bool was_busy(const Rig& rig, std::size_t from, const std::string& with) {
  const auto told = rig.events("session.status");
  return std::any_of(told.begin() + static_cast<std::ptrdiff_t>(from), told.end(),
                     [&](const Json& data) { return data.value("busy", "") == with; });
}

// One message at a time, so that no state is told over before the host has read it.
void settle_slowly(Rig& rig) {
  while (rig.runtime().ready() > 0) {
    rig.step();
    rig.read_messages();
  }
  rig.settle();
}

// So many steps, with a host that answers in between.
void walk(Rig& rig, std::uint64_t steps) {
  for (std::uint64_t i = 0; i < steps; ++i) {
    rig.read_messages();
    if (rig.runtime().ready() == 0) return;
    rig.step();
  }
}

bool was_locked(const Rig& rig) {
  const auto told = rig.events("session.status");
  return std::any_of(told.begin(), told.end(),
                     [](const Json& data) { return data["status"] == "locked"; });
}

http::Answer refused() {
  return answer_with(401, R"({"error":{"code":"invalid_grant","message":"no","details":{}}})");
}

}  // namespace

TEST_CASE("the app hears that a login is on its way, and that a logout is (I-35, I-38, I-27)") {
  Rig rig(ims_backend());
  rig.set_profile("ims");
  rig.boot();
  rig.script(kImsLogin, [](const auto&) { return std::nullopt; });
  const auto login = rig.ask("session.login", credentials("lina"));
  rig.settle();
  CHECK(status(rig)["busy"] == "login");
  CHECK(status(rig)["allowed"] == false);
  const auto open = rig.network().open_calls(kImsLogin);
  REQUIRE(open.size() == 1);
  rig.network().answer(open.front().number,
                       {rig.backend().handle(open.front().request, rig.clock().now()), {}});
  rig.settle();
  REQUIRE(rig.reply(login)["result"]["status"] == "authenticated");
  CHECK_FALSE(status(rig).contains("busy"));
  CHECK(status(rig)["allowed"] == true);

  const auto before = rig.events("session.status").size();
  (void)rig.ask("session.logout");
  settle_slowly(rig);
  CHECK(was_busy(rig, before, "logout"));
  CHECK_FALSE(status(rig).contains("busy"));
  CHECK(status(rig)["allowed"] == false);
}

TEST_CASE("a refresh of the tokens shows nothing to wait for (I-37)") {
  Rig rig(ims_backend());
  set_up(rig);
  rig.advance(Duration{10'000});
  rig.backend().revoke_access_tokens(lina().id);
  const auto before = rig.events("session.status").size();
  rig.script(kImsRefresh, [](const auto&) { return std::nullopt; });
  (void)rig.call("app.foreground");
  CHECK(rig.network().open_calls(kImsRefresh).size() == 1);
  CHECK_FALSE(status(rig).contains("busy"));
  CHECK(status(rig)["allowed"] == true);
  CHECK(rig.events("session.status").size() == before);
}

TEST_CASE(
    "a look at a finger shows that it is on its way, and a cancelled one bars nobody (I-20, "
    "I-36)") {
  Rig rig(ims_backend());
  set_up(rig);
  CHECK(status(rig)["biometric_enabled"] == false);
  REQUIRE(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
  CHECK(status(rig)["biometric_enabled"] == true);
  REQUIRE(rig.call("unlock.lock").contains("result"));
  CHECK(status(rig)["status"] == "biometricPrompt");
  CHECK(status(rig)["allowed"] == false);
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "biometric.read") return std::nullopt;
    return rig.keychain_answer(port, data);
  });
  (void)rig.ask("unlock.biometric");
  rig.settle();
  CHECK(status(rig)["busy"] == "biometric");
  std::int64_t question = 0;
  for (const auto& message : rig.messages()) {
    if (message.value("port", "") == "biometric.read") question = message["question"];
  }
  REQUIRE(question != 0);
  rig.answer(question, Json{{"status", "cancelled"}});
  rig.settle();
  CHECK_FALSE(status(rig).contains("busy"));
  CHECK(status(rig)["status"] == "biometricPrompt");
  CHECK(rig.call("session.login", credentials("lina"))["result"]["status"] == "authenticated");
}

TEST_CASE(
    "a logout sends its calls one after the other with the tokens that are cleared meanwhile, and "
    "waits for neither (I-26, C-15)") {
  Rig rig(ims_backend());
  set_up(rig);
  rig.advance(Duration{5'000});
  rig.script(kUnregister, [](const auto&) { return std::nullopt; });
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  CHECK(rig.network().sent(kImsLogout).empty());
  const auto open = rig.network().open_calls(kUnregister);
  REQUIRE(open.size() == 1);
  CHECK(open.front().request.method == "DELETE");
  CHECK(http::header_text(open.front().request.headers, "Authorization").starts_with("Bearer "));
  CHECK(http::header_text(open.front().request.headers, "X-Organization-Id") == kNorth);
  const auto answer = rig.backend().handle(open.front().request, rig.clock().now());
  CHECK(answer.status == 200);
  rig.network().answer(open.front().number, {answer, {}});
  rig.settle();
  REQUIRE(rig.network().sent(kImsLogout).size() == 1);
  const auto logout = rig.network().sent(kImsLogout).front();
  CHECK(Json::parse(logout.request.body).size() == 1);
  CHECK(Json::parse(logout.request.body).contains("refreshToken"));
}

TEST_CASE("a refusal ends the session or only needs a login, as the profile says (C-4, I-15)") {
  for (const char* rule : {"logout", "ask"}) {
    INFO(rule);
    Rig rig(ims_backend());
    set_up(rig, {{"auth", {{"refresh", {{"on_rejected", rule}}}}}});
    rig.advance(Duration{5'000});
    rig.backend().revoke_access_tokens(lina().id);
    rig.script(kImsRefresh, refused());
    (void)rig.call("app.foreground");
    rig.advance(Duration{1'000});
    const bool leaves = std::string{rule} == "logout";
    CHECK(status(rig)["status"] == (leaves ? "unauthenticated" : "reauthRequired"));
    CHECK(status(rig)["message_key"] == "session.expired");
    CHECK(status(rig)["allowed"] == !leaves);
    CHECK(rig.engine_state() == (leaves ? "locked" : "ready"));
    CHECK(rig.network().sent(kImsLogout).empty());
    // What a process finds that was killed in between is the same.
    rig.kill();
    rig.boot();
    CHECK(status(rig)["status"] == (leaves ? "unauthenticated" : "reauthRequired"));
  }
}

TEST_CASE("who is back is looked after once, however often the host says so (I-25)") {
  Rig rig(ims_backend());
  set_up(rig);
  rig.advance(Duration{5'000});
  rig.script(kImsMe, [](const auto&) { return std::nullopt; });
  for (int i = 0; i < 3; ++i) (void)rig.call("app.foreground");
  CHECK(rig.network().open_calls(kImsMe).size() == 1);
  rig.unscript(kImsMe);
  // Locked, nobody is in front of anything that could be looked after.
  rig.advance(Duration{60'000});
  REQUIRE(rig.call("unlock.biometric_enrol").contains("result"));
  REQUIRE(rig.call("unlock.lock").contains("result"));
  const auto before = rig.network().sent(kImsMe).size();
  (void)rig.call("app.foreground");
  CHECK(rig.network().sent(kImsMe).size() == before);
}

TEST_CASE(
    "while somebody chooses their organisation, nothing of who is behind them is shown (I-29)") {
  Rig rig(ims_backend());
  set_up(rig);
  REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
  const Json chooses = status(rig);
  CHECK(chooses["status"] == "organizationSelect");
  CHECK(chooses["email"] == "omar@ims.example");
  CHECK(chooses["organisations"].size() == 2);
  CHECK_FALSE(chooses.contains("user_id"));
  CHECK_FALSE(chooses.contains("organisation"));
}

TEST_CASE("a login over a session does not name that session's organisation (I-29)") {
  Rig rig(ims_backend());
  set_up(rig);
  (void)rig.call("app.foreground");
  REQUIRE_FALSE(rig.network().sent(kImsMe).empty());
  CHECK(http::header_text(rig.network().sent(kImsMe).back().request.headers, "X-Organization-Id") ==
        kNorth);
  REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
  for (const auto& call : rig.network().sent(kImsLogin))
    CHECK_FALSE(http::find_header(call.request.headers, "X-Organization-Id"));
}

TEST_CASE("a switch that fails for want of keys leaves the user where they were (I-30, INV-A7)") {
  Rig rig(ims_backend());
  rig.set_profile("ims");
  rig.boot();
  CHECK(rig.call("session.login", credentials("omar"))["result"]["status"] == "organizationSelect");
  CHECK(rig.session_status() == "organizationSelect");
  CHECK(rig.partition_files().empty());
  REQUIRE(rig.call("session.select_organisation", {{"organisation", kNorth}})["result"]["status"] ==
          "authenticated");
  rig.set_port([](const std::string&, const Json&) { return Json{{"status", "locked"}}; });
  const Json failed = rig.call("session.switch_organisation", {{"organisation", kSouth}});
  CHECK(failed["error"]["code"] == "keys.locked");
  rig.set_port(nullptr);
  CHECK(status(rig)["organisation"]["id"] == kNorth);
  CHECK(status(rig)["allowed"] == true);
  CHECK(rig.engine_state() == "ready");
  REQUIRE(rig.call("session.switch_organisation", {{"organisation", kSouth}})["result"]["status"] ==
          "authenticated");
  CHECK(rig.partition_files().size() >= 2);
  // A new process finds the user where they went.
  rig.kill();
  rig.boot();
  CHECK(status(rig)["organisation"]["id"] == kSouth);
  CHECK(status(rig)["organisations"].size() == 2);
}

TEST_CASE(
    "whatever comes while a partition opens, it is open or left in the end, and never shown as "
    "locked (I-30, INV-A7)") {
  for (std::uint64_t steps = 0; steps < 80; ++steps) {
    for (const std::string word : {"session.logout", "session.switch_organisation"}) {
      INFO(word << " after " << steps << " steps");
      Rig rig(ims_backend());
      rig.set_profile("ims");
      rig.boot();
      REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
      rig.shuffle(steps + 1);
      const auto chosen = rig.ask("session.select_organisation", {{"organisation", kNorth}});
      walk(rig, steps);
      const bool leaves = word == "session.logout";
      const auto said =
          rig.ask(word, leaves ? Json::object() : Json{{"organisation", std::string{kSouth}}});
      settle_slowly(rig);
      REQUIRE(rig.replies(chosen).size() == 1);
      REQUIRE(rig.replies(said).size() == 1);
      const Json result = rig.reply(said).value("result", Json::object());
      const bool has_left = leaves && result.value("status", "") == "unauthenticated";
      CHECK(status(rig)["status"] == (has_left ? "unauthenticated" : "authenticated"));
      CHECK(rig.engine_state() == (has_left ? "locked" : "ready"));
      CHECK_FALSE(was_locked(rig));
    }
  }
}

TEST_CASE("a login whose user never chose leaves no session behind, here or at the server (I-29)") {
  Rig rig(ims_backend());
  rig.set_profile("ims");
  rig.boot();
  REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  rig.settle();
  CHECK(rig.network().sent(kImsLogout).size() == 1);
  REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
  rig.kill();
  rig.boot();
  CHECK(status(rig)["status"] == "unauthenticated");
  CHECK_FALSE(status(rig).contains("organisations"));
}

TEST_CASE(
    "the farewell of a choice that nobody made outlives the logout behind it, which ends every "
    "other call (I-29, C-15)") {
  Rig rig(ims_backend());
  set_up(rig);
  REQUIRE(rig.call("session.login", credentials("omar"))["result"]["status"] ==
          "organizationSelect");
  rig.script(kUnregister, [](const auto&) { return std::nullopt; });
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  const auto open = rig.network().open_calls(kUnregister);
  REQUIRE(open.size() == 2);
  CHECK(http::header_text(open.front().request.headers, "Authorization") !=
        http::header_text(open.back().request.headers, "Authorization"));
  for (const auto& call : open) rig.network().answer(call.number, answer_with(200, "{}"));
  rig.settle();
  CHECK(rig.network().sent(kImsLogout).size() == 2);
}

TEST_CASE(
    "a password is kept in the device's secure storage by explicit word alone, logs in again, and "
    "goes with a login that does not want it (A-13, C-14)") {
  const std::string name = "landfall.credentials";
  Rig rig(ims_backend());
  set_up(rig, {{"auth", {{"remember", "credentials"}}}}, {{"remember_password", true}});
  CHECK(rig.keychain().contains(name));
  REQUIRE(rig.call("session.logout").contains("result"));
  CHECK(rig.call("session.login", {{"with_remembered", true}})["result"]["status"] ==
        "authenticated");
  CHECK(rig.keychain().contains(name));
  REQUIRE(rig.call("session.login", credentials("lina")).contains("result"));
  CHECK_FALSE(rig.keychain().contains(name));
  REQUIRE(rig.call("session.logout").contains("result"));
  CHECK(rig.call("session.login", {{"with_remembered", true}})["error"]["code"] ==
        "login.not_remembered");
  for (const auto& [file, bytes] : rig.disk_media())
    CHECK(std::string(bytes.begin(), bytes.end()).find("lina-pass-1") == std::string::npos);
}

TEST_CASE("INV-X2: an erase forgets the remembered address of its user, and their password") {
  Rig rig(ims_backend());
  set_up(rig, {{"auth", {{"remember", "credentials"}}}}, {{"remember_password", true}});
  REQUIRE(status(rig)["remembered_email"] == "lina@ims.example");
  const Json erased = rig.call("partition.erase");
  INFO(erased.dump());
  REQUIRE(erased.contains("result"));
  CHECK_FALSE(status(rig).contains("remembered_email"));
  CHECK_FALSE(rig.keychain().contains("landfall.credentials"));
  for (const auto& [file, bytes] : rig.disk_media())
    CHECK(std::string(bytes.begin(), bytes.end()).find("lina@ims.example") == std::string::npos);
}

TEST_CASE("a password that an app kept opens nothing where its next version keeps none (A-13)") {
  Rig rig(ims_backend());
  set_up(rig, {{"auth", {{"remember", "credentials"}}}}, {{"remember_password", true}});
  REQUIRE(rig.call("session.logout").contains("result"));
  rig.close();
  rig.set_profile("ims");
  rig.boot();
  CHECK(rig.call("session.login", {{"with_remembered", true}})["error"]["code"] ==
        "login.not_remembered");
}

TEST_CASE("a form that is refused before it leaves does not end a choice (I-4, I-29)") {
  Rig rig(ims_backend());
  rig.set_profile("ims");
  rig.boot();
  REQUIRE(rig.call("session.login", credentials("omar")).contains("result"));
  CHECK(rig.call("session.login", {{"password", "x"}})["error"]["code"] == "login.email_missing");
  CHECK(status(rig)["status"] == "organizationSelect");
  CHECK(rig.network().sent(kImsLogout).empty());
  CHECK(rig.call("session.select_organisation", {{"organisation", kNorth}})["result"]["status"] ==
        "authenticated");
}

TEST_CASE("an app that remembers addresses keeps no password, whatever its host says (C-14)") {
  Rig rig(ims_backend());
  set_up(rig, Json::object(), {{"remember", true}, {"remember_password", true}});
  CHECK(status(rig)["remembered_email"] == "lina@ims.example");
  CHECK_FALSE(rig.keychain().contains("landfall.credentials"));
}

}  // namespace landfall::testing
