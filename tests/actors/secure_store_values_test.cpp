#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"
#include "tests/actors/rig.hpp"
#include "tests/engine/unlock/three_apps.hpp"

// Bad input, row "SecureStore values" (INV-A7): what the host's secure storage answers wrongly is
// an error and never an absence. Nobody is logged out, no key is made over one that exists, no file
// is touched, and with the right values everything goes on.
namespace landfall::testing {
namespace {

// Asha has logged in, works offline, and her phone is off.
void leave_work_behind(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  (void)rig.enqueue_requisition();
  rig.close();
}

bool is_key(const std::string& name, const std::string& kind) {
  return name.starts_with("landfall." + kind + ".");
}

// The value with one bit changed, or another key of the same size altogether.
std::string other_key(const std::string& value) {
  auto bytes = from_base64(value);
  REQUIRE(bytes);
  bytes->front() ^= std::byte{1};
  return to_base64(*bytes);
}

// A log may be there that was not; nothing was set aside or made anew.
void check_kept(const Rig& rig, const std::vector<std::pair<std::string, world::Bytes>>& before) {
  std::set<std::string> names;
  for (const auto& [name, bytes] : rig.disk_media()) {
    names.insert(name);
    CHECK(name.find("quarantine") == std::string::npos);
  }
  for (const auto& [name, bytes] : before) CHECK(names.contains(name));
}

void check_all_goes_on(Rig& rig) {
  rig.boot();
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
}

}  // namespace

TEST_CASE("SecureStore values INV-A7: a value that is no key locks the data and touches nothing") {
  Rig rig;
  leave_work_behind(rig);
  const auto keys = rig.keychain();
  const std::string kind = GENERATE("token", "outbox", "documents");
  const Json bad = GENERATE(
      Json{{"status", "value"}, {"value", ""}}, Json{{"status", "value"}, {"value", "AAAA"}},
      Json{{"status", "value"}, {"value", std::string(42, 'A')}},
      Json{{"status", "value"}, {"value", std::string(48, 'A')}},
      Json{{"status", "value"}, {"value", "no base64 at all!"}},
      Json{{"status", "value"}, {"value", 7}}, Json{{"status", "value"}},
      Json{{"status", "denied"}}, Json{{"value", std::string(43, 'A') + "="}}, Json::object());
  INFO(kind << " " << bad.dump());
  const auto files = rig.disk_media();
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "secret.read" && is_key(data.value("name", ""), kind)) return bad;
    return rig.keychain_answer(port, data);
  });
  rig.boot();
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "keys.invalid");
  CHECK(rig.events("session.status").back()["user_id"] == Rig::user(0).id);
  CHECK(rig.call("operations.list")["error"]["code"] == "engine.locked");
  CHECK(rig.keychain() == keys);
  check_kept(rig, files);
  rig.close();
  rig.set_port({});
  check_all_goes_on(rig);
}

TEST_CASE("SecureStore values INV-A7: a bit flip or another phone's token key logs nobody out") {
  Rig rig;
  leave_work_behind(rig);
  const auto keys = rig.keychain();
  for (auto& [name, value] : rig.keychain()) {
    if (is_key(name, "token")) value = other_key(value);
  }
  rig.boot();
  // Their data opens with its own keys; who holds the phone must prove who they are.
  CHECK(rig.session_status() != "unauthenticated");
  CHECK(rig.events("session.status").back()["user_id"] == Rig::user(0).id);
  rig.advance(Duration{600'000});
  CHECK(rig.session_status() != "unauthenticated");
  rig.close();
  rig.keychain() = keys;
  check_all_goes_on(rig);
}

TEST_CASE("SecureStore values INV-S4: another key for the data sets the file aside whole") {
  Rig rig;
  leave_work_behind(rig);
  const std::string kind = GENERATE("outbox", "documents");
  for (auto& [name, value] : rig.keychain()) {
    if (is_key(name, kind)) value = other_key(value);
  }
  rig.boot();
  REQUIRE(rig.events("store.corrupt").size() == 1);
  CHECK(rig.events("store.corrupt").back()["database"] == "partition");
  CHECK(rig.session_status() == "authenticated");
  bool is_kept = false;
  for (const auto& [name, bytes] : rig.disk_media())
    is_kept = is_kept || (name.find("/quarantine/") != std::string::npos && !bytes.empty());
  CHECK(is_kept);
}

TEST_CASE("SecureStore values INV-A7: storage that is locked now and then is waited for") {
  Rig rig;
  leave_work_behind(rig);
  int asked = 0;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    const bool is_second = port == "secret.read" && ++asked == 2;
    if (is_second) return Json{{"status", "locked"}};
    return rig.keychain_answer(port, data);
  });
  rig.boot();
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "keys.locked");
  rig.advance(Duration{30'000});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == std::map<std::string, int>{{"queued", 1}});
}

TEST_CASE("SecureStore values INV-A7: keys that outlived an earlier installation are kept") {
  Rig rig;
  leave_work_behind(rig);
  const auto keys = rig.keychain();
  // The app is deleted with its files, which its keychain survives, and installed anew.
  for (const auto& name : rig.disk().list_files()) REQUIRE(rig.disk().files().remove(name));
  rig.boot();
  CHECK(rig.session_status() == "unauthenticated");
  rig.set_online(true);
  REQUIRE(rig.login().contains("result"));
  (void)rig.enqueue_requisition();
  rig.advance(Duration{60'000});
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  for (const auto& [name, value] : keys) {
    INFO(name);
    CHECK(rig.keychain().at(name) == value);
  }
}

// --- what a PIN and a finger are made of

namespace {

constexpr const char* kPin = "481629";

Json with_cheap_pin() {
  Json unlock = test::prokure_unlock();
  unlock["pin"]["kdf"] = {{"memory_kib", 8}, {"passes", 1}};
  return test::profile_with(unlock);
}

// Locked, with a PIN and a finger that open it.
void lock_up(Rig& rig) {
  rig.set_profile(with_cheap_pin());
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  REQUIRE(rig.call("unlock.set_pin", {{"pin", kPin}}).contains("result"));
  REQUIRE(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
  rig.kill();
  rig.boot();
  REQUIRE(rig.session_status() == "biometricPrompt");
}

std::string finger_name(Rig& rig) {
  for (const auto& [name, value] : rig.keychain())
    if (name.starts_with("biometric/")) return name;
  return {};
}

}  // namespace

TEST_CASE("SecureStore values: a finger's key that is cut or no key opens nothing and is kept") {
  Rig rig;
  lock_up(rig);
  const std::string name = finger_name(rig);
  const std::string right = rig.keychain().at(name);
  rig.keychain()[name] = GENERATE_COPY(right.substr(0, right.size() - 4), std::string{"AAAA"},
                                       std::string{"no base64 at all!"}, std::string{});
  CHECK(rig.call("unlock.biometric")["error"]["code"] == "biometric.answer_invalid");
  CHECK(rig.session_status() == "biometricPrompt");
  rig.keychain()[name] = right;
  CHECK(rig.call("unlock.biometric")["result"]["locked"] == false);
}

TEST_CASE("SecureStore values: a finger's key with a bit flipped, or another's, is enrolled anew") {
  Rig rig;
  lock_up(rig);
  std::string& kept = rig.keychain().at(finger_name(rig));
  kept = other_key(kept);
  CHECK(rig.call("unlock.biometric")["error"]["code"] == "biometric.changed");
  CHECK(rig.session_status() == "locked");
  CHECK(rig.call("unlock.pin", {{"pin", kPin}})["result"]["locked"] == false);
  CHECK(rig.call("unlock.biometric_enrol")["result"]["biometric"]["enrolled"] == true);
}

TEST_CASE("SecureStore values INV-A8: another phone's hardware makes the right PIN a wrong one") {
  Rig rig;
  lock_up(rig);
  std::string name;
  for (const auto& [key, value] : rig.keychain())
    if (key.starts_with("hardware/")) name = key;
  const std::string right = rig.keychain().at(name);
  rig.keychain()[name] = other_key(right);
  const Json guess = rig.call("unlock.pin", {{"pin", kPin}});
  INFO(guess.dump());
  CHECK(guess["result"]["code"] == "pin.wrong");
  CHECK(guess["result"]["pin"]["failures"] == 1);
  rig.keychain()[name] = right;
  CHECK(rig.call("unlock.pin", {{"pin", kPin}})["result"]["locked"] == false);
}

}  // namespace landfall::testing
