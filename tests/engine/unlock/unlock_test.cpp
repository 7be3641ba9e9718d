#include "engine/unlock/unlock.hpp"

#include <sodium.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/transaction.hpp"
#include "engine/store/unlock_table.hpp"
#include "schema/limits.hpp"
#include "tests/engine/unlock/unlock_rig.hpp"

using namespace landfall;
using namespace landfall::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using unlock::IdleVerdict;

namespace {

constexpr const char* kPin = "4816";

struct LockedRig : UnlockRig {
  explicit LockedRig(const char* pin = kPin) {
    login();
    REQUIRE(set_pin(pin));
    start();
    REQUIRE(machine().is_locked());
  }
};

std::vector<std::string_view> help(UnlockRig& rig) { return unlock::what_helps(rig.status()); }

// What an app of before stored (P-23, A-53).
unlock::Sha256Pin older_record(std::string digits) {
  unlock::Sha256Pin old{std::vector<std::byte>(crypto_hash_sha256_BYTES),
                        std::vector<std::byte>(16, std::byte{7})};
  for (const auto byte : old.salt) digits.push_back(static_cast<char>(byte));
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(old.hash.data()),
                     reinterpret_cast<const unsigned char*>(digits.data()), digits.size());
  return old;
}

void enrol(UnlockRig& rig) {
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return rig.machine().on_enrolled(tx, {std::byte{1}}, rig.reading());
  }));
}

}  // namespace

TEST_CASE(
    "a phone without a PIN is open, and a new process of one with a PIN is not (A-50, P-13)") {
  UnlockRig rig;
  rig.login();
  CHECK_FALSE(rig.machine().is_locked());
  CHECK_FALSE(rig.status().is_protected);
  rig.start();
  CHECK_FALSE(rig.machine().is_locked());
  REQUIRE(rig.set_pin(kPin));
  CHECK_FALSE(rig.machine().is_locked());
  rig.start();
  CHECK(rig.machine().is_locked());
  CHECK(help(rig) == std::vector<std::string_view>{"pin", "login"});
}

TEST_CASE("the right PIN opens, and what lives on stays open (A-53)") {
  LockedRig rig;
  CHECK(rig.guess("4817").code == "pin.wrong");
  CHECK(rig.machine().is_locked());
  CHECK(rig.status().pin.failures == 1);
  CHECK(rig.guess(kPin).code.empty());
  CHECK_FALSE(rig.machine().is_locked());
  CHECK(rig.status().pin.failures == 0);
  rig.pass(minutes{5});
  rig.live_on();
  CHECK_FALSE(rig.machine().is_locked());
  rig.start();
  CHECK(rig.machine().is_locked());
}

TEST_CASE(
    "the ladder as it is climbed: waits of 30 s, 1, 5, 15, 15 min, then a login (A-54, C-2)") {
  LockedRig rig;
  const std::int64_t waits_s[] = {0, 0, 0, 0, 30, 60, 300, 900, 900};
  for (int failures = 1; failures <= 9; ++failures) {
    INFO(failures);
    CHECK(rig.guess("4817").code == "pin.wrong");
    CHECK(rig.status().pin.failures_left == 10 - failures);
    const Duration wait = seconds{waits_s[failures - 1]};
    CHECK(rig.status().pin.wait == wait);
    if (wait == Duration{0}) continue;
    CHECK(help(rig) == std::vector<std::string_view>{"login"});
    rig.pass(wait - Duration{1});
    CHECK(rig.guess(kPin).code == "pin.wait");
    rig.pass(Duration{1});
  }
  CHECK(rig.guess("4817").code == "pin.wrong");
  CHECK(rig.status().pin.is_hard_locked);
  rig.pass(hours{24});
  CHECK(rig.guess(kPin).code == "pin.hard_locked");
  rig.start();
  CHECK(rig.guess(kPin).code == "pin.hard_locked");
  rig.login();
  CHECK_FALSE(rig.machine().is_locked());
  CHECK(rig.status().pin.failures == 0);
  rig.start();
  CHECK(rig.guess(kPin).code.empty());
}

TEST_CASE("a guess is counted before it is looked at: a kill in between costs a try (INV-A8)") {
  LockedRig rig;
  for (int failures = 1; failures <= 4; ++failures) {
    CHECK(rig.guess("4817", true).code == "killed");
    CHECK(rig.status().pin.failures == failures);
  }
  CHECK(rig.guess(kPin, true).code == "killed");
  CHECK(rig.status().pin.failures == 5);
  CHECK(rig.guess(kPin).code == "pin.wait");
}

TEST_CASE("what is no PIN of the app costs no try (A-55)") {
  LockedRig rig;
  for (const char* none : {"", "481", "48a6", "4816299"}) {
    INFO(none);
    CHECK(rig.guess(none).code == "pin.malformed");
  }
  CHECK(rig.status().pin.failures == 0);
}

TEST_CASE("a PIN of somebody else's is not looked at, nor one that was never set (A-52, A-56)") {
  LockedRig rig;
  CHECK(rig.guess(kPin, false, "other@example.com").code == "unlock.profile_mismatch");
  CHECK(rig.status().pin.failures == 0);
  CHECK(rig.guess(kPin, false, "u-1@example.com").code.empty());
  rig.login("u-2");
  CHECK(rig.guess(kPin).code == "pin.not_configured");
  rig.login("u-1");
  rig.start();
  CHECK(rig.guess(kPin).code.empty());
}

TEST_CASE("nobody who left is asked for a PIN, and it waits for when they come back") {
  LockedRig rig;
  rig.machine().on_logged_out();
  CHECK_FALSE(rig.machine().is_locked());
  CHECK(rig.guess(kPin).code == "unlock.no_user");
  rig.login();
  rig.start();
  CHECK(rig.guess(kPin).code.empty());
}

TEST_CASE("a PIN is set by whoever is in, once; behind a fresh login it may be replaced (A-55)") {
  UnlockRig rig;
  CHECK(rig.set_pin(kPin).error().code == "unlock.no_user");
  rig.login();
  CHECK(rig.set_pin("1234").error().code == "pin.weak");
  CHECK(rig.set_pin("48161").has_value());
  rig.pass(Duration{limits::kFreshLoginMs});
  CHECK(rig.set_pin("5027").error().code == "pin.already_set");
  CHECK(rig.set_pin("5027", true).has_value());
  rig.start();
  CHECK(rig.set_pin("6138").error().code == "session.locked");
  CHECK(rig.guess("48161").code == "pin.wrong");
  CHECK(rig.guess("5027").code.empty());
  rig.login();
  CHECK(rig.set_pin("6138").has_value());
}

TEST_CASE(
    "a PIN is good for thirty days behind the last login, to the millisecond (A-50, INV-A9)") {
  LockedRig rig;
  rig.pass(hours{720} - Duration{1});
  CHECK(rig.status().offline_for == Duration{1});
  CHECK(rig.guess(kPin).code.empty());
  rig.start();
  rig.pass(Duration{1});
  CHECK(rig.guess(kPin).code == "unlock.offline_expired");
  CHECK(help(rig) == std::vector<std::string_view>{"login"});
  rig.login();
  rig.start();
  CHECK(rig.guess(kPin).code.empty());
}

TEST_CASE("no clock that is set back stretches the thirty days (INV-A9)") {
  LockedRig rig;
  SECTION("on one boot, whatever the wall clock says") {
    for (int day = 0; day < 30; ++day) {
      CHECK(rig.guess(kPin).code.empty());
      rig.pass(hours{24});
      rig.restart_with_clock(-hours{24 * (day + 1)});
    }
  }
  SECTION("without a clock of the device, as far as the process lived") {
    rig.has_boot_clock(false);
    rig.start();
    for (int day = 0; day < 30; ++day) {
      CHECK(rig.guess(kPin).code.empty());
      rig.pass(hours{24});
      CHECK(rig.machine().touch(rig.reading()));
      REQUIRE(rig.write(
          [&](store::Transaction& tx) { return rig.machine().on_activity(tx, rig.reading()); }));
      rig.restart_with_clock(-hours{24 * (day + 1)});
    }
  }
  SECTION("when a server says how late it is") {
    rig.server_says_true_time();
    rig.start();
    CHECK(rig.guess(kPin).code.empty());
    rig.boot_anew();
    rig.pass(hours{721});
    rig.restart_with_clock(-hours{720});
    CHECK(rig.guess(kPin).code.empty());
    rig.server_says_true_time();
  }
  CHECK(rig.guess(kPin).code == "unlock.offline_expired");
}

TEST_CASE("no clock that is set shortens a wait (INV-A8, INV-A9)") {
  LockedRig rig;
  rig.has_boot_clock(GENERATE(false, true));
  for (int i = 0; i < 5; ++i) CHECK(rig.guess("4817").code == "pin.wrong");
  rig.restart_with_clock(hours{1});
  CHECK(rig.guess(kPin).code == "pin.wait");
  rig.restart_with_clock(-hours{1});
  CHECK(rig.guess(kPin).code == "pin.wait");
  rig.pass(seconds{30});
  CHECK(rig.guess(kPin).code.empty());
}

TEST_CASE("a record that was altered locks until a login, and is never taken for none") {
  LockedRig rig;
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return store::write_unlock(tx, "u-1", std::vector<std::byte>(80, std::byte{1}));
  }));
  rig.start();
  CHECK(rig.machine().is_locked());
  CHECK(rig.guess(kPin).code == "pin.not_configured");
  CHECK(help(rig) == std::vector<std::string_view>{"login"});
  rig.login();
  CHECK_FALSE(rig.machine().is_locked());
}

TEST_CASE(
    "an older app's PIN is taken over without it and made anew at its first use (A-53, C-3)") {
  UnlockRig rig;
  rig.login();
  const unlock::Sha256Pin old = older_record("4816");
  REQUIRE(rig.machine().may_import_pin(rig.reading()));
  auto wrapped = unlock::wrap_sha256(old, unlock::draw_salt(rig.random()), rig.machine().kdf(),
                                     rig.hardware(), rig.random());
  REQUIRE(wrapped);
  REQUIRE(rig.write([&](store::Transaction& tx) {
    return rig.machine().on_pin_set(tx, *wrapped, rig.reading());
  }));
  CHECK(rig.machine().may_import_pin(rig.reading()).error().code == "pin.already_set");
  rig.start();
  CHECK(rig.machine().verifier().old_salt.has_value());
  CHECK(rig.guess("4817").code == "pin.wrong");
  CHECK(rig.machine().verifier().old_salt.has_value());
  CHECK(rig.guess("4816").code.empty());
  CHECK_FALSE(rig.machine().verifier().old_salt.has_value());
  rig.start();
  CHECK_FALSE(rig.machine().verifier().old_salt.has_value());
  CHECK(rig.guess("4816").code.empty());
}

// --- biometrics

TEST_CASE("three failures of a finger leave the PIN, whose success brings it back (P-14, C-9)") {
  UnlockRig rig(prokure_unlock());
  rig.login();
  REQUIRE(rig.set_pin("481629"));
  enrol(rig);
  rig.start();
  CHECK(rig.machine().offers_biometric(rig.reading()));
  CHECK(help(rig) == std::vector<std::string_view>{"biometric", "pin", "login"});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(rig.write([&](store::Transaction& tx) {
      return rig.machine().on_biometric_failed(tx, rig.reading());
    }));
    rig.start();
  }
  CHECK(rig.machine().may_use_biometric(rig.reading()).error().code == "biometric.exhausted");
  CHECK(help(rig) == std::vector<std::string_view>{"pin", "login"});
  CHECK(rig.guess("481629").code.empty());
  CHECK(rig.machine().offers_biometric(rig.reading()));
}

TEST_CASE("biometrics are enrolled anew after thirty days, and no clock set back helps (P-9)") {
  UnlockRig rig(prokure_unlock());
  rig.login();
  enrol(rig);
  rig.pass(hours{24 * 30} - Duration{1});
  rig.restart_with_clock(-hours{24 * 29});
  CHECK(rig.machine().may_use_biometric(rig.reading()).has_value());
  rig.pass(Duration{1});
  CHECK(rig.machine().may_use_biometric(rig.reading()).error().code == "biometric.expired");
  CHECK(rig.status().biometric.is_expired);
  rig.login();
  enrol(rig);
  CHECK(rig.machine().may_use_biometric(rig.reading()).has_value());
}

TEST_CASE("beyond the offline window, or the hard lock, a finger alone opens nothing (A-50)") {
  UnlockRig rig(prokure_unlock());
  rig.login();
  REQUIRE(rig.set_pin("481629"));
  enrol(rig);
  CHECK_FALSE(rig.machine().needs_server(rig.reading()));
  SECTION("seven days") { rig.pass(hours{168}); }
  SECTION("ten wrong PINs") {
    rig.start();
    for (int i = 0; i < 10; ++i) {
      CHECK(rig.guess("481628").code == "pin.wrong");
      rig.pass(minutes{15});
    }
  }
  CHECK(rig.machine().needs_server(rig.reading()));
}

// --- inactivity

TEST_CASE(
    "thirty minutes without a touch lock, also in the background and asleep (P-20, INV-A11)") {
  UnlockRig rig(prokure_unlock());
  rig.login();
  REQUIRE(rig.set_pin("481629"));
  rig.pass(minutes{29});
  CHECK(rig.machine().touch(rig.reading()));
  rig.pass(minutes{30} - Duration{1});
  CHECK(rig.machine().idle_verdict(rig.reading()) == IdleVerdict::none);
  CHECK(rig.machine().idle_left(rig.reading()) == Duration{1});
  const auto remembered = rig.machine().remembered();
  SECTION("awake") { rig.pass(Duration{1}); }
  SECTION("suspended") {
    rig.pass(Duration{1});
    rig.start(remembered);
  }
  SECTION("suspended, with the clock set back") {
    rig.pass(Duration{1});
    rig.restart_with_clock(-hours{2});
    rig.start(remembered);
  }
  CHECK_FALSE(rig.machine().touch(rig.reading()));
  CHECK(rig.machine().idle_verdict(rig.reading()) == IdleVerdict::lock);
  CHECK(rig.machine().lock());
  CHECK(rig.guess("481629").code.empty());
  CHECK(rig.machine().idle_left(rig.reading()) == Duration{minutes{30}});
}

TEST_CASE(
    "where the app says so thirty minutes end the session, also over a restart (I-23, C-11)") {
  UnlockRig rig(ims_unlock());
  rig.login();
  rig.pass(minutes{30});
  SECTION("in the process") {}
  SECTION("in the next one") { rig.start(); }
  CHECK(rig.machine().idle_verdict(rig.reading()) == IdleVerdict::logout);
}

TEST_CASE("a finger that guards the refresh token is asked for in place of the password (C-8)") {
  UnlockRig rig(ims_unlock());
  rig.login();
  enrol(rig);
  rig.pass(minutes{30});
  CHECK(rig.machine().idle_verdict(rig.reading()) == IdleVerdict::lock);
  CHECK(rig.machine().lock());
  CHECK(rig.machine().needs_server(rig.reading()));
  CHECK(help(rig) == std::vector<std::string_view>{"biometric", "login"});
}

TEST_CASE("without anything to open it again an app is not locked") {
  UnlockRig rig(prokure_unlock());
  rig.login();
  CHECK_FALSE(rig.machine().lock());
  rig.pass(hours{2});
  CHECK(rig.machine().idle_verdict(rig.reading()) == IdleVerdict::none);
  CHECK_FALSE(rig.machine().idle_left(rig.reading()).has_value());
}

// --- secrets

TEST_CASE("neither the PIN nor its plain hash is anywhere in the files") {
  LockedRig rig("480629");
  CHECK(rig.guess("480629").code.empty());
  CHECK(rig.guess("591730").code == "pin.wrong");
  for (const std::string ending : {"", "-wal"}) {
    const std::string bytes = read_file(rig.file() + ending);
    INFO(ending);
    CHECK(bytes.find("480629") == std::string::npos);
    CHECK(bytes.find("591730") == std::string::npos);
    CHECK(bytes.find("u-1@example.com") == std::string::npos);
  }
}

TEST_CASE("the profiles that ship ask at least the cost that OWASP asks for (C-3)") {
  for (const std::string_view name : schema::profile_names()) {
    INFO(name);
    auto profile = Profile::load(*schema::profile(name));
    REQUIRE(profile);
    if (!profile->unlock.pin) continue;
    CHECK(profile->unlock.pin->kdf.memory_kib >= limits::kKdfMemoryKibShipped);
    CHECK(profile->unlock.pin->kdf.passes >= limits::kKdfPassesShipped);
  }
}
