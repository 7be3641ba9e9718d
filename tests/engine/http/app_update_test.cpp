#include "engine/http/app_update.hpp"

#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "engine/profile/profile.hpp"
#include "engine/store/database.hpp"
#include "engine/store/meta_table.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/auth/phone.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using http::AppUpdate;
using http::UpdateKind;

namespace {

constexpr const char* kPush = "/api/mobile/sync/push";
constexpr const char* kPull = "/api/mobile/sync/pull";

http::Response refused(
    std::string body =
        R"({"error":{"code":"X","message":"Please update.","details":{"minimum":"2.0.0"}}})") {
  return {426, {}, std::move(body)};
}

http::Response served(http::Headers headers = {}) { return {200, std::move(headers), "{}"}; }

http::Response recommending(std::string version) {
  return served({{"x-recommended-version", std::move(version)}});
}

class Rig final {
 public:
  AppUpdate start(const std::string& version) {
    AppUpdate update(profile, version);
    const Status loaded =
        database_->read([&](const store::Snapshot& snapshot) { return update.load(snapshot); });
    REQUIRE(loaded);
    return update;
  }
  void save(const AppUpdate& update) {
    REQUIRE(database_->write("test", store::Durability::durable,
                             [&](store::Transaction& tx) { return update.save(tx); }));
  }
  void plant(const std::string& text) {
    REQUIRE(database_->write("test", store::Durability::durable, [&](store::Transaction& tx) {
      return store::MetaTable::set(tx, "update.forced", text);
    }));
  }

  Profile profile = test::shipped_profile();

 private:
  test::TemporaryDirectory directory_;
  std::unique_ptr<store::Database> database_ =
      test::open_database(directory_.file("device.db"), "", schema::device_migrations());
};

}  // namespace

TEST_CASE("P-101: a 426 forces an update, with the server's words and the version it wants") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  CHECK(update.on_answer(kPush, refused()));
  CHECK(update.notice() == http::UpdateNotice{UpdateKind::force, "Please update.", "2.0.0", ""});
  CHECK_FALSE(update.on_answer(kPush, refused()));
}

TEST_CASE("P-101: a 426 of any other form forces it too, with the profile's words") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  const auto body = GENERATE("", "<html>426</html>", "[]", "{\"error\":{\"message\":7}}",
                             "{\"error\":{\"details\":{\"minimum\":{\"a\":1}}}}",
                             "{\"error\":{\"details\":{\"minimum\":\"soon\"}}}");
  CHECK(update.on_answer(kPull, refused(body)));
  CHECK(update.notice() ==
        http::UpdateNotice{UpdateKind::force, "Please update the app to continue.", "", ""});
}

TEST_CASE("P-101: force ends when what was refused is served, and by nothing else") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  REQUIRE(update.on_answer(kPush, refused()));
  for (const int status : {401, 404, 500, 302}) {
    CHECK_FALSE(update.on_answer(kPush, {status, {}, ""}));
  }
  CHECK_FALSE(update.on_answer(kPull, served()));
  CHECK(update.notice().kind == UpdateKind::force);
  REQUIRE(update.on_answer(std::string{kPull} + "?page=2", refused()));
  CHECK(update.on_answer(std::string{kPull} + "?page=3", served()));
  CHECK(update.notice() == http::UpdateNotice{});
}

TEST_CASE("P-101: force is known to the next start, and not to a newer app") {
  Rig rig;
  AppUpdate update = rig.start("1.0.0");
  REQUIRE(update.on_answer(kPush, refused()));
  rig.save(update);
  AppUpdate again = rig.start("1.0.0");
  CHECK(again.notice() == update.notice());
  CHECK(rig.start("2.0.0").notice().kind == UpdateKind::none);
  CHECK(again.on_answer(kPush, served()));
  rig.save(again);
  CHECK(rig.start("1.0.0").notice().kind == UpdateKind::none);
}

TEST_CASE("P-101: what was stored and cannot be read is no update") {
  Rig rig;
  const auto text = GENERATE("", "{", "[]", "{\"app_version\":\"1.0.0\"}",
                             "{\"app_version\":\"1.0.0\",\"message\":1,\"minimum_version\":\"\","
                             "\"refused\":[]}");
  rig.plant(text);
  CHECK(rig.start("1.0.0").notice().kind == UpdateKind::none);
}

TEST_CASE("P-101: a version that is recommended blocks nothing and is taken back by its header") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  CHECK(update.on_answer(kPull, recommending("1.4.0")));
  CHECK(update.notice() == http::UpdateNotice{UpdateKind::soft,
                                              "A newer version of the app is available.", "",
                                              "1.4.0"});
  CHECK_FALSE(update.on_answer(kPull, recommending("1.4.0")));
  CHECK_FALSE(update.on_answer(kPull, served()));
  CHECK(update.on_answer(kPush, recommending("1.0.0")));
  CHECK(update.notice().kind == UpdateKind::none);
  CHECK_FALSE(update.on_answer(kPush, recommending("newest")));
}

TEST_CASE("P-101: the first word of a recommendation is told, also that there is none any more") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  CHECK_FALSE(update.on_answer(kPull, served()));
  CHECK(update.on_answer(kPull, recommending("1.0.0")));
  CHECK(update.notice().kind == UpdateKind::none);
  CHECK_FALSE(update.on_answer(kPull, recommending("1.0.0")));
}

TEST_CASE("P-101: a recommendation does not hide that an update is forced") {
  Rig rig;
  AppUpdate update(rig.profile, "1.0.0");
  REQUIRE(update.on_answer(kPush, refused()));
  CHECK_FALSE(update.on_answer(kPull, recommending("3.0.0")));
  CHECK(update.notice().kind == UpdateKind::force);
  CHECK(update.on_answer(kPush, recommending("3.0.0")));
  CHECK(update.notice().kind == UpdateKind::soft);
}

TEST_CASE("P-101: versions compare by their numbers") {
  CHECK(http::is_older_version("1.9.9", "1.10.0"));
  CHECK(http::is_older_version("1.2", "1.2.1"));
  CHECK_FALSE(http::is_older_version("1.2.0", "1.2"));
  CHECK_FALSE(http::is_older_version("2.0.0", "1.9.9"));
  for (const char* text : {"", "1.", ".1", "1.2.3.4.5", "1.2-beta", "99999999999", "v1"}) {
    INFO(text);
    CHECK_FALSE(http::is_older_version("1.0.0", text));
    CHECK_FALSE(http::is_older_version(text, "9.0.0"));
  }
}
