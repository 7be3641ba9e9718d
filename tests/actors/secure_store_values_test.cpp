#include <map>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/base/json.hpp"
#include "tests/actors/rig.hpp"

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
  CHECK(rig.disk_media().size() == files.size());
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

}  // namespace landfall::testing
