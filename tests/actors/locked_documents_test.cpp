#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/auth/session.hpp"
#include "schema/embedded.hpp"
#include "schema/limits.hpp"
#include "simulator/net/profile_routes.hpp"
#include "tests/actors/rig.hpp"

// The documents' key is locked, the outbox's and the tokens' open: a phone behind its first unlock
// whose user has not shown up again (architecture section 6).
namespace landfall::testing {
namespace {

constexpr const char* kBody = "no word of it leaves the phone unsealed";

bool is_documents_key(const Json& data) {
  return data.value("name", "").find("landfall.documents.") != std::string::npos;
}

void lock_documents(Rig& rig) {
  rig.set_port([&rig](const std::string& port, const Json& data) -> std::optional<Json> {
    if (port == "secret.read" && is_documents_key(data)) return Json{{"status", "locked"}};
    return rig.keychain_answer(port, data);
  });
}

void unlock(Rig& rig) {
  rig.set_port({});
  rig.advance(Duration{limits::kKeysRetryMs + 1'000});
}

// Logged in, and one requisition made without a network, whose process has ended. Its id.
std::string leave_work(Rig& rig) {
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  rig.set_online(false);
  Json requisition = rig.new_requisition();
  requisition["payload"]["title"] = kBody;
  REQUIRE(rig.call("operations.enqueue", requisition).contains("result"));
  rig.close();
  return requisition["id"];
}

void boot_locked(Rig& rig) {
  lock_documents(rig);
  rig.boot();
  REQUIRE(rig.session_status() == "locked");
  REQUIRE(rig.events("session.status").back()["code"] == "keys.locked");
}

std::size_t effects(Rig& rig, const std::string& id) {
  return rig.backend().ledger().effect_count(id);
}

Json run_window(Rig& rig) {
  const auto before = rig.events("window.finished").size();
  REQUIRE(rig.runtime().run_window(Duration{30'000}) == actors::WindowBegun::begun);
  rig.settle();
  for (int i = 0; i < 400 && rig.events("window.finished").size() == before; ++i)
    rig.advance(Duration{100});
  REQUIRE(rig.events("window.finished").size() == before + 1);
  return rig.events("window.finished").back();
}

}  // namespace

TEST_CASE("while the documents' key alone is locked the outbox drains, and its user sees nothing") {
  Rig rig;
  const std::string id = leave_work(rig);
  boot_locked(rig);
  rig.set_online(true);
  rig.advance(Duration{20'000});
  CHECK(effects(rig, id) == 1);
  CHECK(rig.network().sent(kPull).size() <= 2);  // those of the process before
  CHECK(rig.engine_state() == "locked");
  CHECK(rig.session_status() == "locked");
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "engine.locked");
  CHECK(rig.call("documents.query", {{"type", "pr"}})["error"]["code"] == "engine.locked");
  for (const auto& [name, bytes] : rig.disk_media())
    CHECK(std::string(bytes.begin(), bytes.end()).find(kBody) == std::string::npos);

  // What the server made of it is a document as soon as the key opens, before any pull.
  rig.set_online(false);
  unlock(rig);
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
  const Json documents = rig.call("documents.query", {{"type", "pr"}})["result"]["documents"];
  REQUIRE(documents.size() == 1);
  CHECK(documents[0]["row_version"] == 1);
  CHECK(documents[0]["pending_sync"] == false);
  CHECK(effects(rig, id) == 1);
}

TEST_CASE("a background window on a locked phone sends what waits, and ends as locked (INV-S8)") {
  Rig rig;
  const std::string id = leave_work(rig);
  rig.boot();
  rig.advance(Duration{2'000});
  (void)rig.runtime().suspend(Duration{1'000});
  rig.settle();
  lock_documents(rig);
  rig.network().set_script(rig.to_backend());
  const Json report = run_window(rig);
  CHECK(report["why"] == "locked");
  CHECK(report["sent"] == 1);
  CHECK(effects(rig, id) == 1);
  CHECK(rig.engine_state() == "suspended");
  CHECK(rig.disk().held().empty());
  CHECK(rig.network().open_calls().empty());
  // Nothing of it waits any more: the next one is over at once, or not wished for.
  CHECK(run_window(rig)["sent"] == 0);
}

TEST_CASE("a window on a locked phone gives up early without a network, and wishes for another") {
  Rig rig;
  const std::string id = leave_work(rig);
  rig.boot();
  (void)rig.runtime().suspend(Duration{1'000});
  rig.settle();
  lock_documents(rig);
  const Json report = run_window(rig);
  CHECK(report["why"] == "offline");
  CHECK(report["sent"] == 0);
  const auto next = rig.runtime().next_window();
  REQUIRE(next.has_value());
  CHECK(*next - rig.clock().now() <= Duration{limits::kWindowGapMs});
}

TEST_CASE("the key opens, or the process dies, wherever the drain is: one effect (INV-Q2)") {
  const bool dies = GENERATE(false, true);
  for (std::uint64_t steps = 0; steps < 240; steps += 7) {
    Rig rig;
    const std::string id = leave_work(rig);
    lock_documents(rig);
    rig.boot();
    rig.set_online(true);
    for (std::uint64_t i = 0; i < steps; ++i) {
      if (rig.runtime().ready() > 0) {
        rig.step();
        rig.read_messages();
      } else if (!rig.network().pump()) {
        rig.clock().advance(Duration{500});
        rig.runtime().advance(Duration{500});
      }
    }
    INFO((dies ? "killed" : "unlocked") << " after " << steps << " steps");
    rig.set_port({});
    if (dies) {
      rig.kill();
      rig.boot();
    }
    rig.advance(Duration{120'000});
    CHECK(rig.engine_state() == "ready");
    CHECK(rig.states() == std::map<std::string, int>{{"applied", 1}});
    CHECK(effects(rig, id) == 1);
  }
}

TEST_CASE("INV-A13: behind a logout nothing is sent, also where the documents' key is locked") {
  Rig rig;
  const std::string id = leave_work(rig);
  boot_locked(rig);
  REQUIRE(rig.call("session.logout").contains("result"));
  rig.set_online(true);
  rig.advance(Duration{120'000});
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(effects(rig, id) == 0);
  for (const std::string& file : rig.disk().held())
    CHECK(file.find("/partitions/") == std::string::npos);
  rig.set_port({});
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{60'000});
  CHECK(effects(rig, id) == 1);
}

TEST_CASE("an erase counts what waits while a visit has the file open, and refuses (INV-A12)") {
  Rig rig;
  const std::string id = leave_work(rig);
  boot_locked(rig);
  rig.network().set_script([&](const ScriptedTransport::Call& call) {
    if (call.request.target == kPush) return std::optional<http::Answer>{};
    return rig.to_backend()(call);
  });
  (void)rig.ask("network.hint", {{"up", true}});
  rig.advance(Duration{10'000});
  const auto open = rig.network().open_calls(kPush);
  REQUIRE(open.size() == 1);
  const Json refused = rig.call("partition.erase");
  CHECK(refused["error"]["code"] == "partition.pending");
  // The visit goes on as if nobody had asked.
  CHECK(rig.network().open_calls(kPush).size() == 1);
  rig.network().set_script(rig.to_backend());
  rig.network().answer(open.front().number,
                       {rig.backend().handle(open.front().request, rig.clock().now()), {}});
  rig.advance(Duration{60'000});
  CHECK(effects(rig, id) == 1);
  REQUIRE(rig.call("partition.erase").contains("result"));
}

TEST_CASE("a refresh that is refused while the keys are locked is told when they open (C-4)") {
  Rig rig;
  const std::string id = leave_work(rig);
  rig.advance_clock(Duration{3'600'000});
  boot_locked(rig);
  rig.network().set_script([&](const ScriptedTransport::Call& call) {
    if (call.request.target == kRefresh)
      return std::optional{
          answer_with(401, R"({"error":{"code":"invalid_grant","message":"no"}})")};
    return rig.to_backend()(call);
  });
  (void)rig.ask("network.hint", {{"up", true}});
  rig.advance(Duration{20'000});
  REQUIRE_FALSE(rig.network().sent(kRefresh).empty());
  CHECK(rig.session_status() == "locked");
  CHECK(effects(rig, id) == 0);
  unlock(rig);
  CHECK(rig.session_status() == "reauthRequired");
  rig.network().set_script(rig.to_backend());
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{60'000});
  CHECK(effects(rig, id) == 1);
}

TEST_CASE("INV-A11: nothing drains for a session that is over for want of use") {
  Rig rig;
  Json profile = Json::parse(*schema::profile("prokure"));
  profile["unlock"]["idle"] = {{"after_s", 1800}, {"then", "logout"}};
  rig.set_profile(profile);
  const std::string id = leave_work(rig);
  rig.advance_clock(Duration{3'600'000});
  lock_documents(rig);
  rig.boot();
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.session_status() == "unauthenticated");
  CHECK(rig.events("session.status").back()["code"] == "session.idle");
  CHECK(effects(rig, id) == 0);
}

TEST_CASE(
    "INV-A2: a refresh that is on its way while the keys are asked for again is the only one") {
  Rig rig;
  const std::string id = leave_work(rig);
  // The token has expired meanwhile.
  rig.advance_clock(Duration{3'600'000});
  boot_locked(rig);
  rig.network().set_script([&](const ScriptedTransport::Call& call) {
    if (call.request.target == kRefresh) return std::optional<http::Answer>{};
    return rig.to_backend()(call);
  });
  (void)rig.ask("network.hint", {{"up", true}});
  const auto before = rig.network().sent(kRefresh).size();
  rig.advance(Duration{limits::kKeysRetryMs - 5'000});
  REQUIRE(rig.network().open_calls(kRefresh).size() == 1);
  rig.advance(Duration{10'000});
  CHECK(rig.network().open_calls(kRefresh).size() <= 1);
  CHECK(rig.network().sent(kRefresh).size() <= before + 2);  // the second behind its timeout
  rig.network().set_script(rig.to_backend());
  rig.advance(Duration{300'000});
  CHECK(effects(rig, id) == 1);
}

TEST_CASE("both organisations of a user drain while the documents' keys are locked (C-18)") {
  Rig rig(net::options_for(Profile::load(schema::profile("ims").value()).value()));
  rig.set_profile("ims");
  rig.boot();
  REQUIRE(rig.call("session.login", {{"email", "omar@ims.example"}, {"password", "omar-pass-1"}})
              .contains("result"));
  std::map<std::string, std::string> sold;
  rig.set_online(false);
  bool is_first = true;
  for (const char* organisation : {"org-north-hardware", "org-south-pharmacy"}) {
    rig.set_online(true);
    const char* how = is_first ? "session.select_organisation" : "session.switch_organisation";
    REQUIRE(rig.call(how, {{"organisation", organisation}}).contains("result"));
    is_first = false;
    rig.set_online(false);
    Json sale{{"id", rig.make_id()},
              {"entity_type", "quick_sale"},
              {"entity_id", rig.make_id()},
              {"action", "create"},
              {"payload", {{"lines", Json::array({{{"item", "one"}, {"quantity", 1}}})}}}};
    REQUIRE(rig.call("operations.enqueue", sale).contains("result"));
    sold[organisation] = sale["id"];
  }
  rig.close();
  boot_locked(rig);
  rig.set_online(true);
  rig.advance(Duration{60'000});
  for (const auto& [organisation, id] : sold) {
    INFO(organisation);
    CHECK(effects(rig, id) == 1);
  }
  std::map<std::string, int> pushed;
  for (const auto& call : rig.network().sent("/sync/push"))
    ++pushed[http::header_text(call.request.headers, "X-Organization-Id")];
  CHECK(pushed == std::map<std::string, int>{{"org-north-hardware", 1}, {"org-south-pharmacy", 1}});
}

}  // namespace landfall::testing
