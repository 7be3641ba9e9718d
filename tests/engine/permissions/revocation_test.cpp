#include "engine/permissions/revocation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/secure_random.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/permission_table.hpp"
#include "engine/store/sealer.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::permissions;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;

// ProKure's with a hub's rights; `on_revoked` as the profile says it.
Profile make_profile(bool has_endpoint, const char* on_revoked) {
  Json json = Json::parse(*schema::profile("prokure"));
  json["permissions"] = {{"on_revoked", on_revoked}, {"defer_max_s", 600}};
  if (has_endpoint) {
    json["endpoints"]["by_role"] = {
        {"method", "GET"}, {"path", "/by-role"}, {"auth", "jwt"}, {"offline", "no"}};
    json["permissions"]["by_role"] = "by_role";
  }
  auto profile = Profile::load(dump_json(json));
  REQUIRE(profile);
  return std::move(*profile);
}

// A machine over a real file, which can be opened anew as after a crash.
class Rig final {
 public:
  explicit Rig(bool has_endpoint = true, const char* on_revoked = "logout")
      : profile_(make_profile(has_endpoint, on_revoked)),
        database_(
            test::open_database(directory_.file("p.db"), "", schema::partition_migrations())) {
    restart();
  }

  Instant now{1'767'583'800'000};
  std::size_t forms = 0;
  RevocationEffects last;
  bool is_told_at_open = false;

  void restart(const std::optional<Granted>& login = std::nullopt) {
    machine_.emplace(Revocation::Parts{profile_, sealer_, "u", repeats_});
    run([&](store::Transaction& tx) { return machine_->on_open(tx, forms, login, now); });
    is_told_at_open = last.changed;
    if (!last.ask_roles) last = machine_->on_ready(true, true, now);
  }
  void login(Names rights) {
    run([&](store::Transaction& tx) {
      return machine_->on_login(tx, Granted{std::move(rights), Names{"agent"}}, now);
    });
  }
  void update(Names rights, const char* user = "u") {
    const Json arguments = Json::array({{{"UserId", user}, {"Permissions", rights}}});
    run([&](store::Transaction& tx) { return machine_->on_update(tx, arguments, now); });
  }
  void roles(std::uint64_t number, const Json& by_role, int status = 200) {
    const http::Answer answer{
        http::Response{status, {}, dump_json(Json{{"rolePermissions", by_role}})}, std::nullopt};
    run([&](store::Transaction& tx) { return machine_->on_roles(tx, number, answer, now); });
  }
  [[nodiscard]] Names granted() const {
    return {machine_->set().granted.begin(), machine_->set().granted.end()};
  }
  Revocation& machine() { return *machine_; }
  [[nodiscard]] std::string files() const {
    const std::string name = directory_.file("p.db");
    return test::read_file(name) + test::read_file(name + "-wal");
  }

  http::RepeatBudget& repeats() { return repeats_; }

 private:
  template <class Step>
  void run(Step step) {
    auto effects = database_->write("test", store::Durability::durable, step);
    REQUIRE(effects);
    last = std::move(*effects);
  }

  test::TemporaryDirectory directory_;
  Profile profile_;
  std::unique_ptr<store::Database> database_;
  LibsodiumRandom random_;
  store::Sealer sealer_{store::SecretKey::generate(random_), 1, random_};
  http::RepeatBudget repeats_;
  std::optional<Revocation> machine_;
};

}  // namespace

TEST_CASE(
    "what is taken away counts at once, what is given when the server's own answer names it "
    "(A-42)") {
  Rig rig;
  REQUIRE(rig.last.ask_roles);
  const auto first = rig.last.ask_roles->number;
  rig.login({"A", "B"});
  rig.update({"B", "C"});
  CHECK(rig.granted() == Names{"B"});
  REQUIRE(rig.last.revoked);
  CHECK(rig.last.revoked->permissions == Names{"A"});
  // An answer that was decided before the hub spoke gives nothing back.
  rig.roles(first, {{"agent", {"A", "B"}}});
  CHECK(rig.granted() == Names{"B"});
  REQUIRE(rig.last.ask_roles);
  rig.roles(rig.last.ask_roles->number, {{"agent", {"B", "C"}}});
  CHECK(rig.granted() == Names{"B", "C"});
}

TEST_CASE("rights stand sealed, and outlive the process (A-11, C-23)") {
  Rig rig;
  rig.login({"right-marker"});
  CHECK(rig.files().find("right-marker") == std::string::npos);
  rig.restart();
  CHECK(rig.granted() == Names{"right-marker"});
}

TEST_CASE("known rights are told at each opening: whoever wrote them may have ended first (A-42)") {
  Rig rig;
  CHECK_FALSE(rig.is_told_at_open);
  rig.login({"A"});
  rig.restart();
  CHECK(rig.is_told_at_open);
}

TEST_CASE("without an endpoint for roles the hub's word is all there is (A-41)") {
  Rig rig(false);
  CHECK_FALSE(rig.last.ask_roles);
  rig.login({"A"});
  rig.update({"B"});
  CHECK(rig.granted() == Names{"B"});
}

TEST_CASE(
    "a revocation that the hub never said is found in the answer by role, and a right that no "
    "role ever gave stays (A-58)") {
  Rig rig;
  rig.login({"A", "B", "own"});
  rig.roles(1, {{"agent", {"A", "B"}}});
  rig.roles(rig.last.ask_roles->number, {{"agent", {"A", "B"}}});
  CHECK_FALSE(rig.last.revoked);
  rig.last = rig.machine().on_wanted(rig.now);
  rig.roles(rig.last.ask_roles->number, {{"agent", {"B"}}});
  CHECK(rig.granted() == Names{"B", "own"});
  REQUIRE(rig.last.revoked);
  CHECK(rig.last.revoked->permissions == Names{"A"});
}

TEST_CASE(
    "none revoked is silent, and messages for others or without sense change nothing (A-43)") {
  Rig rig;
  rig.login({"A"});
  rig.update({"A", "B"});
  CHECK_FALSE(rig.last.revoked);
  CHECK_FALSE(rig.last.logout);
  rig.update({}, "somebody else");
  CHECK(rig.last.ignored->code == "permissions.other_user");
  CHECK(rig.granted() == Names{"A"});
}

TEST_CASE(
    "without an open form the session ends at once; with one it waits until the last is "
    "closed (A-44)") {
  Rig rig;
  rig.login({"A", "B"});
  SECTION("none") {
    rig.update({"A"});
    CHECK(rig.last.logout);
    CHECK(rig.last.revoked->ends_session);
    CHECK_FALSE(rig.last.revoked->logout_by);
  }
  SECTION("two") {
    rig.last = rig.machine().on_forms(2, rig.now);
    rig.update({"A"});
    CHECK_FALSE(rig.last.logout);
    CHECK(rig.last.revoked->logout_by == rig.now + 10min);
    CHECK(rig.last.wake_at == rig.now + 10min);
    CHECK_FALSE(rig.machine().on_forms(1, rig.now + 1min).logout);
    CHECK(rig.machine().on_forms(0, rig.now + 2min).logout);
  }
  SECTION("one that is never closed") {
    rig.last = rig.machine().on_forms(1, rig.now);
    rig.update({"A"});
    CHECK_FALSE(rig.machine().on_wake(rig.now + 599s).logout);
    CHECK(rig.machine().on_wake(rig.now + 10min).logout);
  }
}

TEST_CASE(
    "a logout that is owed survives a restart and is bounded, and a login pays it (INV-A11)") {
  Rig rig;
  rig.login({"A", "B"});
  rig.last = rig.machine().on_forms(1, rig.now);
  rig.update({"A"});
  rig.forms = 1;
  rig.now = rig.now + 4min;
  rig.restart();
  CHECK_FALSE(rig.last.logout);
  CHECK(rig.machine().logout_by() == rig.now + 6min);
  SECTION("its process died: no form is open any more") {
    rig.forms = 0;
    rig.restart();
    CHECK(rig.last.logout);
  }
  SECTION("the clock was set back") {
    rig.now = rig.now - 1h;
    rig.restart();
    CHECK(rig.last.logout);
  }
  SECTION("a login opens the partition") {
    rig.forms = 0;
    rig.restart(Granted{Names{"A"}, Names{"agent"}});
    CHECK_FALSE(rig.last.logout);
    CHECK_FALSE(rig.machine().logout_by());
  }
}

TEST_CASE("a profile that only wants it told ends no session (C: on_revoked)") {
  Rig rig(true, "tell");
  rig.login({"A"});
  rig.update({});
  CHECK(rig.last.revoked->permissions == Names{"A"});
  CHECK_FALSE(rig.last.revoked->ends_session);
  CHECK_FALSE(rig.last.logout);
}

TEST_CASE(
    "a question for the roles that fails keeps what is known and is repeated after 30 s, then "
    "after twice as long (A-61)") {
  Rig rig;
  rig.roles(rig.last.ask_roles->number, {{"agent", {"A"}}});
  CHECK(rig.granted() == Names{"A"});
  rig.last = rig.machine().on_wanted(rig.now);
  for (const auto delay : {30s, 60s, 120s}) {
    REQUIRE(rig.last.ask_roles);
    rig.roles(rig.last.ask_roles->number, Json::object(), 503);
    CHECK(rig.granted() == Names{"A"});
    CHECK(rig.last.wake_at == rig.now + delay);
    rig.now = rig.now + delay;
    rig.last = rig.machine().on_wake(rig.now);
  }
}

TEST_CASE(
    "INV-Q9 a network that returns has the roles asked for at once, but not within 5 s of the last "
    "failure") {
  Rig rig;
  rig.roles(rig.last.ask_roles->number, Json::object(), 503);
  const auto pause = GENERATE(1s, 6s);
  rig.last = rig.machine().on_ready(false, true, rig.now);
  rig.now = rig.now + pause;
  rig.last = rig.machine().on_ready(true, true, rig.now);
  CHECK(rig.last.ask_roles.has_value() == (pause > 5s));
  rig.now = rig.now + 4s;
  if (!rig.last.ask_roles) rig.last = rig.machine().on_wake(rig.now);
  CHECK(rig.last.ask_roles.has_value());
}

TEST_CASE("INV-Q9 a question about rights behind a failure waits for its turn on the device") {
  Rig rig;
  for (std::size_t i = 0; i < limits::kRepeatsForNewsMax; ++i)
    rig.repeats().on_repeat(rig.now + 30s);
  rig.roles(rig.last.ask_roles->number, Json::object(), 503);
  CHECK(rig.last.wake_at == rig.now + 90s);
  rig.now = rig.now + 90s;
  rig.last = rig.machine().on_wake(rig.now);
  CHECK(rig.last.ask_roles.has_value());
  CHECK(rig.repeats().free_at(http::RepeatRank::news, limits::kRepeatsForNewsMax - 1) ==
        rig.now + 60s);
}
