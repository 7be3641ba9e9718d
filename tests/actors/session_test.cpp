#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/limits.hpp"
#include "simulator/world/planted_files.hpp"
#include "tests/actors/rig.hpp"

namespace landfall::testing {
namespace {

using States = std::map<std::string, int>;

// The bearer that the backend gave to whom, by what it answered to logins and refreshes.
std::string bearer_of(const ScriptedTransport::Call& call) {
  return std::string{http::find_header(call.request.headers, "Authorization").value_or("")};
}

// Tells whose token each push carried: the script notes every access token with its user.
class TokenBook final {
 public:
  explicit TokenBook(Rig& rig) : rig_(rig) {
    for (const char* target : {kLogin, kRefresh}) {
      rig.script(target, [this](const ScriptedTransport::Call& call) {
        auto answer = rig_.to_backend()(call);
        const Json body = Json::parse(answer->response->body, nullptr, false);
        if (body.is_object() && body.contains("accessToken")) {
          if (body.contains("user")) last_user_ = body["user"]["id"].get<std::string>();
          users_["Bearer " + body["accessToken"].get<std::string>()] = last_user_;
        }
        return answer;
      });
    }
  }
  [[nodiscard]] std::string user_of(const ScriptedTransport::Call& call) const {
    const auto found = users_.find(bearer_of(call));
    return found == users_.end() ? "" : found->second;
  }

 private:
  Rig& rig_;
  std::string last_user_;
  std::map<std::string, std::string> users_;
};

TEST_CASE(
    "another user logs in while the first has pending work: nothing of the first leaves with "
    "the second's token, and it leaves when they are back (INV-A12, INV-A13)") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rig rig;
    TokenBook book(rig);
    rig.boot();
    REQUIRE(rig.login(0).contains("result"));
    rig.advance(Duration{2'000});
    rig.shuffle(seed);
    INFO("seed " << seed);
    rig.script(kPush, [](const auto&) { return std::nullopt; });  // on its way for ever
    std::vector<std::string> first;
    for (int i = 0; i < 5; ++i) first.push_back(rig.enqueue_requisition());
    rig.advance(Duration{static_cast<std::int64_t>(seed % 4) * 500});

    // The second user arrives at a random moment of the first's traffic.
    const auto& second = Rig::user(1);
    first.push_back(rig.new_requisition()["id"]);
    Json late = rig.new_requisition();
    late["id"] = first.back();
    (void)rig.ask("operations.enqueue", late);
    const auto login =
        rig.ask("session.login", {{"email", second.email}, {"password", second.password}});
    rig.settle();
    REQUIRE(rig.reply(login).contains("result"));
    CHECK(rig.states().empty());
    rig.unscript(kPush);
    const std::string own = rig.enqueue_requisition();
    rig.advance(Duration{300'000});
    CHECK(rig.states() == States{{"applied", 1}});
    CHECK(rig.backend().ledger().effect_count(own) == 1);

    REQUIRE(rig.login(0).contains("result"));
    rig.advance(Duration{300'000});
    for (const auto& call : rig.network().sent(kPush)) {
      const bool has_own = call.request.body.find(own) != std::string::npos;
      for (const auto& id : first) {
        if (call.request.body.find(id) == std::string::npos) continue;
        CHECK(book.user_of(call) == Rig::user(0).id);
        CHECK_FALSE(has_own);
      }
      if (has_own) CHECK(book.user_of(call) == second.id);
    }
    for (const auto& id : first) CHECK(rig.backend().ledger().effect_count(id) <= 1);
    CHECK(rig.states().at("applied") >= 5);
    CHECK(rig.backend().ledger().violations().empty());
  }
}

TEST_CASE(
    "a slow keychain: who logs in while the last user's keys are still asked for gets their own "
    "tokens and partition (INV-A13)") {
  Rig rig;
  TokenBook book(rig);
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.close();

  std::vector<std::int64_t> open;
  rig.set_port([&](const std::string&, const Json&) { return std::nullopt; });
  rig.boot();
  for (const auto& message : rig.messages()) {
    if (message.contains("question")) open.push_back(message["question"].get<std::int64_t>());
  }
  REQUIRE(rig.session_status() == "loading");
  const std::string first_key = "landfall.token.";
  std::string value;
  for (const auto& [name, bytes] : rig.keychain()) {
    if (name.starts_with(first_key)) value = bytes;
  }
  rig.set_port(nullptr);
  REQUIRE(rig.login(1).contains("result"));
  const std::string own = rig.enqueue_requisition();
  // Now the answer that the start waited for.
  rig.answer(open.back(), Json{{"status", "value"}, {"value", value}});
  rig.settle();
  rig.advance(Duration{120'000});
  CHECK(rig.session_status() == "authenticated");
  const Json status = rig.call("session.status");
  CHECK(status["result"]["user_id"] == Rig::user(1).id);
  CHECK(rig.states() == States{{"applied", 1}});
  for (const auto& call : rig.network().sent(kPush)) CHECK(book.user_of(call) == Rig::user(1).id);
  CHECK(rig.backend().ledger().effect_count(own) == 1);
}

TEST_CASE("a second login that fails for want of keys leaves the first user at work") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  (void)rig.enqueue_requisition();
  rig.set_port([&](const std::string&, const Json&) { return Json{{"status", "locked"}}; });
  const Json refused = rig.login(1);
  CHECK(refused["error"]["code"] == "keys.locked");
  rig.set_port(nullptr);
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.call("session.status")["result"]["user_id"] == Rig::user(0).id);
  CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
  rig.advance(Duration{60'000});
  CHECK(rig.states() == States{{"applied", 2}});
}

TEST_CASE(
    "logout closes the partition before the tokens go, tells the server with the refresh token, "
    "and keeps what waits (INV-A12)") {
  Rig rig;
  std::string refresh_token;
  rig.script(kLogin, [&](const ScriptedTransport::Call& call) {
    auto answer = rig.to_backend()(call);
    refresh_token = Json::parse(answer->response->body)["refreshToken"];
    return answer;
  });
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  rig.script(kPush, [](const auto&) { return std::nullopt; });
  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{3'000});
  const auto pushes = rig.network().sent(kPush).size();
  REQUIRE(pushes >= 1);
  const auto cancelled = rig.network().cancelled();

  // The logout call is held: it is not waited for.
  rig.script(kLogout, [](const auto&) { return std::nullopt; });
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  CHECK(rig.engine_state() == "locked");
  CHECK(rig.network().cancelled() > cancelled);
  REQUIRE(rig.network().sent(kLogout).size() == 1);
  const auto logout = rig.network().sent(kLogout).front();
  CHECK(Json::parse(logout.request.body)["refreshToken"] == refresh_token);
  CHECK(rig.call("operations.list")["error"]["code"] == "engine.locked");
  CHECK(rig.call("operations.enqueue", rig.new_requisition())["error"]["code"] == "engine.locked");
  rig.advance(Duration{600'000});
  CHECK(rig.network().sent(kPush).size() == pushes);
  CHECK(rig.network().sent(kPull).size() >= 1);

  // Twice is once.
  CHECK(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  CHECK(rig.network().sent(kLogout).size() == 1);

  rig.unscript(kPush);
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{300'000});
  CHECK(rig.states() == States{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "a logout that the disk does not take is none: its user is still logged in, and the server was "
    "told nothing (INV-A12, C-15)") {
  int kept = 0;
  bool has_fired = true;
  for (std::uint64_t skip = 0; has_fired && skip < 200; ++skip) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.advance(Duration{2'000});
    INFO("the write with number " << skip);
    rig.disk().fail_io(world::IoKind::write, world::FaultMode::one_shot, skip);
    (void)rig.ask("session.logout");
    rig.settle();
    has_fired = rig.disk().faults_fired(world::IoKind::write) > 0;
    rig.disk().heal();
    if (rig.session_status() == "unauthenticated") continue;
    ++kept;
    CHECK(rig.session_status() == "authenticated");
    CHECK(rig.network().sent(kLogout).empty());
  }
  CHECK_FALSE(has_fired);
  CHECK(kept > 0);
}

TEST_CASE("an answer of the old session that comes after logout changes nothing (INV-A14)") {
  // The twin answers although the call was cancelled, as a socket that was read at the last moment.
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{2'000});
  rig.script(kPush, [](const auto&) { return std::nullopt; });
  const std::string id = rig.enqueue_requisition();
  rig.advance(Duration{3'000});
  const auto open = rig.network().open_calls(kPush);
  REQUIRE(open.size() == 1);
  // The answer is under way inside the engine when the user leaves.
  rig.network().answer(open.front().number,
                       {rig.backend().handle(open.front().request, rig.clock().now()), {}});
  (void)rig.ask("session.logout");
  rig.settle();
  rig.unscript(kPush);
  REQUIRE(rig.login(1).contains("result"));
  rig.advance(Duration{60'000});
  CHECK(rig.states().empty());
  REQUIRE(rig.login(0).contains("result"));
  rig.advance(Duration{300'000});
  CHECK(rig.states() == States{{"applied", 1}});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE(
    "a call of a session whose partition never opened ends with it: its late 401 is not replayed "
    "with the next user's token (INV-A14)") {
  constexpr const char* kRegister = "/api/mobile/device/register";
  Rig rig;
  TokenBook book(rig);
  rig.script(kRegister, answer_with(http::TransportFailure::silent));
  rig.boot();
  REQUIRE(rig.login(0).contains("result"));
  rig.close();
  const std::string file = rig.partition_files().front();
  REQUIRE(world::set_version(rig.disk(), file, world::version_of(rig.disk(), file).value() + 1));

  rig.network().answer_what_was_cancelled();
  rig.script(kRegister, [](const auto&) { return std::nullopt; });
  rig.boot();
  REQUIRE(rig.session_status() == "locked");
  for (int i = 0; i < 120 && rig.network().open_calls(kRegister).empty(); ++i)
    rig.advance(Duration{1'000});
  const auto open = rig.network().open_calls(kRegister);
  REQUIRE(open.size() == 1);
  REQUIRE(book.user_of(open.front()) == Rig::user(0).id);
  REQUIRE(rig.call("session.logout")["result"]["status"] == "unauthenticated");
  REQUIRE(rig.login(1).contains("result"));

  rig.backend().revoke_access_tokens(Rig::user(0).id);
  const auto answer = rig.backend().handle(open.front().request, rig.clock().now());
  REQUIRE(answer.status == 401);
  rig.network().answer(open.front().number, {answer, {}});
  rig.settle();
  const auto sent = rig.network().sent(kRegister);
  CHECK(std::count_if(sent.begin(), sent.end(), [&](const auto& call) {
          return book.user_of(call) == Rig::user(1).id;
        }) == 1);
  CHECK(rig.session_status() == "authenticated");
}

TEST_CASE("logout and login in every order of steps end where the last word says") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    (void)rig.enqueue_requisition();
    rig.shuffle(seed);
    INFO("seed " << seed);
    const auto& who = Rig::user(seed % 2);
    const auto logout = rig.ask("session.logout");
    for (std::uint64_t i = 0; i < seed % 20 && rig.runtime().ready() > 0; ++i) rig.step();
    const auto login = rig.ask("session.login", {{"email", who.email}, {"password", who.password}});
    rig.settle();
    REQUIRE(rig.replies(logout).size() == 1);
    REQUIRE(rig.replies(login).size() == 1);
    rig.advance(Duration{60'000});
    if (rig.reply(login).contains("result")) {
      CHECK(rig.session_status() == "authenticated");
      CHECK(rig.call("session.status")["result"]["user_id"] == who.id);
      CHECK(rig.engine_state() == "ready");
      CHECK(rig.call("operations.enqueue", rig.new_requisition()).contains("result"));
    } else {
      CHECK(rig.reply(login)["error"]["code"] == "session.busy");
      CHECK(rig.session_status() == "unauthenticated");
      REQUIRE(rig.login().contains("result"));
    }
  }
}

// --- keys

TEST_CASE("keys locked at start: status locked, asked again after 30 s, nothing is lost (INV-A7)") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  rig.close();

  int asked = 0;
  bool locked = true;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    ++asked;
    return locked ? Json{{"status", "locked"}} : rig.keychain_answer(port, data);
  });
  rig.boot();
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "keys.locked");
  CHECK(rig.engine_state() == "locked");
  CHECK(rig.call("operations.list")["error"]["code"] == "engine.locked");
  CHECK(asked == 1);
  rig.advance(Duration{limits::kKeysRetryMs - 1});
  CHECK(asked == 1);
  rig.advance(Duration{1});
  CHECK(asked == 2);
  CHECK(rig.session_status() == "locked");
  locked = false;
  rig.advance(Duration{limits::kKeysRetryMs});
  CHECK(rig.session_status() == "authenticated");
  CHECK(rig.states() == States{{"queued", 1}});
  rig.set_online(true);
  rig.advance(Duration{60'000});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("keys lost: keys.lost, nothing is deleted, and none is made over what exists") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.set_online(false);
  const std::string id = rig.enqueue_requisition();
  rig.close();
  const auto keys = rig.keychain();
  const auto files = rig.partition_files();
  REQUIRE(files.size() == 1);
  const auto bytes = rig.disk().read_file(files.front());
  for (auto it = rig.keychain().begin(); it != rig.keychain().end();) {
    it = it->first.starts_with("landfall.outbox.") ? rig.keychain().erase(it) : std::next(it);
  }

  rig.boot();
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "keys.lost");
  rig.advance(Duration{300'000});
  rig.set_online(true);
  const Json refused = rig.login();
  CHECK(refused["error"]["code"] == "keys.lost");
  CHECK(rig.keychain().size() == keys.size() - 1);
  CHECK(rig.partition_files() == files);
  CHECK(rig.disk().read_file(files.front()) == bytes);

  // A backup of the keychain brings everything back; the server ended the old session with the
  // login that was refused here.
  rig.close();
  rig.keychain() = keys;
  rig.boot();
  CHECK(rig.engine_state() == "ready");
  CHECK(rig.states() == States{{"queued", 1}});
  REQUIRE(rig.login().contains("result"));
  rig.advance(Duration{60'000});
  CHECK(rig.backend().ledger().effect_count(id) == 1);
}

TEST_CASE("a question that is never answered is withdrawn after its time, and the engine goes on") {
  Rig rig;
  rig.boot();
  REQUIRE(rig.login().contains("result"));
  rig.close();
  bool silent = true;
  std::vector<std::int64_t> withdrawn;
  rig.set_port([&](const std::string& port, const Json& data) -> std::optional<Json> {
    if (silent) return std::nullopt;
    return rig.keychain_answer(port, data);
  });
  rig.boot();
  REQUIRE(rig.session_status() == "loading");
  CHECK(rig.call("engine.status").contains("result"));
  rig.advance(Duration{limits::kQuestionTimeoutMs - 1});
  const auto cancels = [&] {
    return std::count_if(rig.messages().begin(), rig.messages().end(),
                         [](const Json& message) { return message.contains("cancel"); });
  };
  CHECK(cancels() == 0);
  rig.advance(Duration{1});
  CHECK(cancels() == 1);
  CHECK(rig.session_status() == "locked");
  CHECK(rig.events("session.status").back()["code"] == "port.timeout");
  // Late answers to what was withdrawn are ignored.
  for (const auto& message : rig.messages()) {
    if (message.contains("cancel"))
      rig.answer(message["cancel"].get<std::int64_t>(), Json{{"status", "absent"}});
  }
  rig.settle();
  CHECK(rig.session_status() == "locked");
  silent = false;
  rig.advance(Duration{limits::kKeysRetryMs});
  CHECK(rig.session_status() == "authenticated");
}

TEST_CASE(
    "an answer of the host that makes no sense is an error, not the end of the session actor") {
  const std::vector<Json> nonsense = {
      Json::object(),
      {{"status", 7}},
      {{"status", "value"}},
      {{"status", "value"}, {"value", 12}},
      {{"status", "value"}, {"value", "short"}},
      {{"status", "value"}, {"value", "!!! no base64 !!!"}},
      {{"status", "other"}},
  };
  for (const auto& each : nonsense) {
    Rig rig;
    rig.boot();
    REQUIRE(rig.login().contains("result"));
    rig.close();
    rig.set_port([&](const std::string&, const Json&) { return each; });
    rig.boot();
    INFO(each.dump());
    CHECK(rig.session_status() == "locked");
    CHECK(rig.events("session.status").back()["code"] == "keys.invalid");
    CHECK(rig.engine_state() == "locked");
    for (const auto& state : rig.events("engine.state")) CHECK(state["state"] != "failed");
    rig.set_port(nullptr);
    CHECK(rig.login().contains("result"));
    CHECK(rig.session_status() == "authenticated");
  }
}

}  // namespace
}  // namespace landfall::testing
