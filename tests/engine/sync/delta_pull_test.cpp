#include "engine/sync/delta_pull.hpp"

#include "engine/base/mutant.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;
using http::TransportFailure;

const EntityKey kA{"approval", "a-1"};
const EntityKey kB{"approval", "a-2"};
const EntityKey kPo{"po", "po-1"};

// Seconds until the machine wants to be woken.
std::int64_t wait_s(const PullRig& rig, const sync::PullEffects& effects) {
  REQUIRE(effects.wake_at);
  REQUIRE_FALSE(effects.pull);
  return std::chrono::duration_cast<std::chrono::seconds>(*effects.wake_at - rig.now).count();
}

}  // namespace

TEST_CASE("Nothing is asked before the server is reachable and somebody is logged in") {
  PullRig rig;
  CHECK_FALSE(rig.open().pull);
  CHECK_FALSE(rig.ready(true, false).pull);
  CHECK_FALSE(rig.ready(false, true).pull);
  CHECK_FALSE(rig.request().pull);
  CHECK(rig.ready(true, true).pull);
}

TEST_CASE("The first page is asked for as the wire has it (P-28, P-33)") {
  PullRig rig;
  const auto effects = rig.start();
  REQUIRE(effects.pull);
  CHECK(effects.pull->call.endpoint == "pull");
  CHECK(rig.body() ==
        Json{{"device_id", "device-1"}, {"scope", "tier1"}, {"cursor", nullptr}, {"limit", 500}});
  CHECK_FALSE(effects.wake_at);
}

TEST_CASE("A page is stored together with its cursor and the next is asked from there (INV-Q11)") {
  PullRig rig;
  rig.start();
  const auto effects = rig.answer(ok(page("c1", true, {wire_document("approval", "a-1", 3)})));
  CHECK(effects.changed == std::vector<EntityKey>{kA});
  CHECK(effects.scopes_completed.empty());
  CHECK(rig.version_of(kA) == 3);
  CHECK(rig.cursor("tier1")->cursor == "c1");
  CHECK_FALSE(rig.cursor("tier1")->complete);
  CHECK(rig.body()["cursor"] == "c1");
  CHECK(rig.answer(ok(page("c2", false, {}))).scopes_completed ==
        std::vector<std::string>{"tier1"});
  CHECK(rig.cursor("tier1")->complete);
}

TEST_CASE("A machine made after a crash goes on from the stored cursor (INV-Q11)") {
  PullRig rig;
  rig.start();
  rig.answer(ok(page("c1", true, {wire_document("approval", "a-1", 3)})));
  rig.reopen();
  rig.start();
  CHECK(rig.body()["cursor"] == "c1");
}

TEST_CASE("An older or equal row_version changes nothing, a newer one replaces (INV-Q12)") {
  PullRig rig;
  rig.fill();
  rig.request();
  CHECK(rig.answer(ok(page("c2", true, {wire_document("approval", "a-1", 2)}))).changed.empty());
  CHECK(rig.version_of(kA) == 3);
  CHECK(rig.answer(ok(page("c3", true, {wire_document("approval", "a-1", 3, {{"v", "other"}})})))
            .changed.empty());
  CHECK(rig.document(kA)->data == R"({"v":3})");
  CHECK(rig.answer(ok(page("c4", false, {wire_document("approval", "a-1", 4)}))).changed.size() ==
        1);
  CHECK(rig.version_of(kA) == 4);
}

TEST_CASE("A tombstone stays, so that an older document does not come back to life") {
  PullRig rig;
  rig.fill();
  rig.request();
  CHECK(rig.answer(ok(page("c2", true, {wire_tombstone("approval", "a-1", 5)}))).changed.size() ==
        1);
  rig.answer(ok(page("c3", false, {wire_document("approval", "a-1", 4)})));
  CHECK(rig.document(kA)->deleted);
  CHECK(rig.version_of(kA) == 5);
}

TEST_CASE(
    "A page that makes no sense is refused whole, noted, and asked for again after 5 s (section 4, "
    "Server JSON)") {
  Json bad_item = wire_document("approval", "a-3", 1);
  bad_item["row_version"] = 0;
  Json no_cursor = Json::parse(page("c2", false, {}));
  no_cursor.erase("cursor");
  Json no_more = Json::parse(page("c2", false, {}));
  no_more["has_more"] = "no";
  std::vector<Json> crowd(limits::kPullPageMax + 1, wire_document("approval", "a-2", 1));
  const auto body = GENERATE_COPY(
      page("c2", false, {wire_document("approval", "a-2", 9), bad_item}),
      page("c2", false, {}, "tier2"), dump_json(no_cursor), dump_json(no_more), page("", false, {}),
      page("c2", false, crowd), page(std::string(limits::kCursorBytesMax + 1, 'c'), false, {}),
      std::string{"<html>Welcome</html>"}, std::string{}, std::string{"[]"},
      page("c2", false, {}).substr(0, 40));
  PullRig rig;
  rig.fill();
  rig.request();
  const auto effects = rig.answer(ok(body));
  REQUIRE(effects.failed_pull);
  CHECK(effects.failed_pull->code == "pull.answer_invalid");
  CHECK(effects.failed_pull->kind == ErrorClass::transient);
  CHECK(effects.changed.empty());
  CHECK(effects.scopes_completed.empty());
  CHECK_FALSE(rig.document(kB));
  CHECK(rig.cursor("tier1")->cursor == "c1");
  CHECK(wait_s(rig, effects) == 5);
  CHECK_FALSE(rig.wake_after(4'999ms).pull);
  CHECK(rig.wake_after(1ms).pull);
  CHECK(rig.body()["cursor"] == "c1");
}

TEST_CASE(
    "410 starts the scope again, and what the full pull no longer names goes at its end (wire: "
    "CURSOR_EXPIRED)") {
  PullRig rig;
  rig.fill();
  rig.request();
  rig.answer(
      ok(page("c2", false, {wire_document("approval", "a-2", 1), wire_document("kpi", "k-1", 1)})));
  rig.put({kPo, 1, Instant{1}, false, "{}"});
  rig.request();

  auto effects = rig.answer(answered(410, {}, R"({"error":{"code":"CURSOR_EXPIRED"}})"));
  CHECK_FALSE(effects.failed_pull);
  REQUIRE(effects.pull);
  CHECK(rig.body()["cursor"].is_null());
  CHECK(rig.stored().size() == 4);
  CHECK(rig.cursor("tier1")->round == 2);

  effects = rig.answer(ok(page("d1", true, {wire_document("approval", "a-1", 3)})));
  CHECK(rig.stored().size() == 4);
  effects = rig.answer(ok(page("d2", false, {wire_document("kpi", "k-1", 2)})));
  CHECK(effects.changed == std::vector<EntityKey>{{"kpi", "k-1"}, kB});
  CHECK(rig.stored() == std::vector<EntityKey>{kA, {"kpi", "k-1"}, kPo});
}

TEST_CASE(
    "A full pull that was interrupted is finished by the next machine and then removes what is "
    "gone") {
  PullRig rig;
  rig.fill();
  rig.request();
  rig.answer(answered(410));
  rig.answer(ok(page("d1", true, {wire_document("approval", "a-2", 1)})));
  rig.reopen();
  rig.start();
  CHECK(rig.body()["cursor"] == "d1");
  rig.answer(ok(page("d2", false, {})));
  CHECK(rig.stored() == std::vector<EntityKey>{kB});
}

TEST_CASE("A server that forgets every cursor is asked at the pace of failures") {
  PullRig rig;
  rig.fill();
  rig.request();
  CHECK(rig.answer(answered(410)).pull);
  rig.answer(ok(page("d1", true, {})));
  const auto effects = rig.answer(answered(410));
  CHECK(effects.failed_pull->code == "pull.cursor_expired");
  CHECK(wait_s(rig, effects) == 5);
  CHECK(rig.cursor("tier1")->round == 3);
}

TEST_CASE("410 to a pull without a cursor is a failure like others") {
  PullRig rig;
  rig.start();
  const auto effects = rig.answer(answered(410));
  CHECK(effects.failed_pull);
  CHECK(wait_s(rig, effects) == 5);
}

TEST_CASE(
    "Three equal cursors in a row with has_more end the pull with an error, later and later") {
  PullRig rig;
  rig.fill();
  rig.request();
  for (const int expected_s : {5, 30, 120}) {
    CHECK(rig.answer(ok(page("c2", true, {wire_document("approval", "a-1", 4)}))).pull);
    CHECK(rig.answer(ok(page("c2", true, {}))).pull);
    const auto effects = rig.answer(ok(page("c2", true, {wire_document("approval", "a-2", 1)})));
    REQUIRE(effects.failed_pull);
    CHECK(effects.failed_pull->code == "pull.cursor_stuck");
    CHECK_FALSE(rig.document(kB));
    // The first page of the first round moved the cursor, so the row of failures began there.
    CHECK(wait_s(rig, effects) == expected_s);
    rig.wake_after(std::chrono::seconds{expected_s});
  }
}

TEST_CASE("Equal cursors without has_more are a scope where nothing happened") {
  PullRig rig;
  rig.fill();
  for (int i = 0; i < 5; ++i) {
    rig.request();
    CHECK(rig.answer(ok(page("c1", false, {}))).scopes_completed.size() == 1);
  }
}

TEST_CASE("A pull without news writes nothing, and is known all the same (benchmarks.md, idle)") {
  PullRig rig;
  rig.fill();
  const auto completed = [&] {
    return rig.read(
        [](const store::Snapshot& snapshot) { return store::completed_at(snapshot, "tier1"); });
  };
  // What a process that was killed now would find.
  const auto stored = [&] {
    const std::string copy = rig.directory.file("killed.db");
    test::copy_database(rig.directory.file("partition.db"), copy);
    return Instant{test::read_integer(
        copy, "SELECT value FROM counters WHERE name='pull.completed_ms.tier1'")};
  };
  const Instant with_news = rig.now;
  CHECK(stored() == with_news);
  const auto seq = rig.database->commit_seq();
  const auto log_bytes = rig.database->wal_bytes();
  for (int i = 0; i < 3; ++i) {
    rig.now = rig.now + std::chrono::minutes{5};
    rig.request();
    rig.answer(ok(page("c1", false, {})));
    CHECK(completed() == rig.now);
  }
  CHECK(rig.database->commit_seq() == seq);
  CHECK(rig.database->wal_bytes() == log_bytes);
  CHECK(stored() == with_news);

  SECTION("the next write takes it along") {
    rig.put({{"approval", "a-2"}, 1, Instant{1}, false, "{}"});
    CHECK(stored() == rig.now);
    CHECK(completed() == rig.now);
  }
  SECTION("closing the file writes it") {
    rig.reopen();
    CHECK(completed() == rig.now);
  }
}

TEST_CASE(
    "After failures a pull waits 5, 30, 120, 120 s and a success starts again at 5 s (P-31)") {
  const auto failure = GENERATE(answered(500), answered(404), answered(426), answered(302),
                                failed(TransportFailure::silent), failed(TransportFailure::cut),
                                failed(TransportFailure::too_large));
  PullRig rig;
  rig.start();
  for (const int expected_s : {5, 30, 120, 120, 120}) {
    const auto effects = rig.answer(failure);
    CHECK(effects.failed_pull);
    CHECK(wait_s(rig, effects) == expected_s);
    CHECK(rig.wake_after(std::chrono::seconds{expected_s}).pull);
  }
  rig.answer(ok(page("c1", false, {})));
  rig.request();
  CHECK(wait_s(rig, rig.answer(failure)) == 5);
}

TEST_CASE(
    "Retry-After is honoured, costs no step of the ladder and holds at the edge of reachability") {
  const int status = GENERATE(429, 503);
  PullRig rig;
  rig.start();
  CHECK(wait_s(rig, rig.answer(answered(status, {{"Retry-After", "40"}}))) == 40);
  rig.ready(false, true);
  const auto effects = rig.ready(true, true);
  CHECK_FALSE(effects.pull);
  CHECK(wait_s(rig, effects) == 40);
  CHECK(rig.wake_after(40s).pull);
  CHECK(wait_s(rig, rig.answer(answered(500))) == 5);
}

TEST_CASE("wire.md: Retry-After holds for the next process too, as long as a server may ask for") {
  PullRig rig;
  rig.start();
  rig.answer(answered(503, {{"Retry-After", "40"}}));
  rig.now = rig.now + 10s;
  std::int64_t expected_s = 30;
  SECTION("at once") {}
  SECTION("behind a clock that was set back by a day") {
    rig.now = rig.now - 24h;
    expected_s =
        std::chrono::duration_cast<std::chrono::seconds>(rig.profile.sync.retry_after_max).count();
  }
  rig.reopen();
  CHECK(wait_s(rig, rig.start()) == expected_s);
  // The wait does not begin anew with each start.
  rig.now = rig.now + 20s;
  rig.reopen();
  CHECK(wait_s(rig, rig.start()) == expected_s - 20);
}

TEST_CASE(
    "401 and a missing session wait for the next one; the first delay is for news that crossed") {
  const auto refusal = GENERATE(answered(401), failed(TransportFailure::no_session));
  PullRig rig;
  rig.start();
  auto effects = rig.answer(refusal);
  CHECK(effects.failed_pull->kind == ErrorClass::auth);
  CHECK(wait_s(rig, effects) == 5);
  CHECK_FALSE(rig.ready(true, false).wake_at);
  CHECK_FALSE(rig.wake_after(1h).pull);
  CHECK(rig.ready(true, true).pull);
}

TEST_CASE("P-60 a user who pulls down waits five seconds after a failure and no longer") {
  PullRig rig;
  rig.start();
  rig.answer(answered(500));
  rig.wake_after(5s);
  CHECK(wait_s(rig, rig.answer(answered(500))) == 30);
  SECTION("at once it is too early") {
    const auto effects = rig.request_by_user();
    CHECK_FALSE(effects.pull);
    CHECK(wait_s(rig, effects) == 5);
  }
  SECTION("later it is asked at once") {
    CHECK_FALSE(rig.wake_after(8s).pull);
    CHECK_FALSE(rig.request().pull);
    CHECK(rig.request_by_user().pull);
  }
  SECTION("what the server asked for stands") {
    rig.wake_after(30s);
    rig.answer(answered(503, {{"Retry-After", "40"}}));
    rig.wake_after(10s);
    CHECK(wait_s(rig, rig.request_by_user()) == 30);
  }
}

TEST_CASE("A session that is announced again after a 401 ends the wait at once") {
  PullRig rig;
  rig.start();
  rig.answer(answered(401));
  CHECK(rig.ready(true, true).pull);
}

TEST_CASE("What was not sent waits for the network and costs no step of the ladder") {
  PullRig rig;
  rig.start();
  auto effects = rig.answer(failed(TransportFailure::not_sent));
  CHECK(effects.failed_pull->kind == ErrorClass::wait_network);
  CHECK(wait_s(rig, effects) == 5);
  CHECK_FALSE(rig.ready(false, true).wake_at);
  CHECK_FALSE(rig.wake_after(1h).pull);
  CHECK(rig.ready(true, true).pull);
  CHECK(wait_s(rig, rig.answer(answered(500))) == 5);
}

TEST_CASE(
    "INV-Q9 coming online makes every scope due, whatever the ladder says, but not within 5 s of "
    "the last failure") {
  PullRig rig;
  rig.fill();
  rig.request();
  rig.answer(answered(500));
  rig.wake_after(5s);
  rig.answer(answered(500));
  SECTION("long after") {
    rig.ready(false, true);
    rig.wake_after(5s);
    CHECK(rig.ready(true, true).pull);
  }
  SECTION("a network that comes and goes") {
    rig.wake_after(1s);
    rig.ready(false, true);
    const auto effects = rig.ready(true, true);
    CHECK_FALSE(effects.pull);
    CHECK(wait_s(rig, effects) == 4);
    CHECK(rig.wake_after(4s).pull);
  }
}

TEST_CASE("The scope is pulled again after the profile's 300 s, and not before") {
  PullRig rig;
  rig.start();
  const auto effects = rig.answer(ok(page("c1", false, {})));
  CHECK(wait_s(rig, effects) == 300);
  CHECK_FALSE(rig.wake_after(299s).pull);
  CHECK(rig.wake_after(1s).pull);
}

TEST_CASE("Requests while a page is under way become one more pull after it") {
  PullRig rig;
  rig.start();
  CHECK_FALSE(rig.request().pull);
  CHECK_FALSE(rig.request().pull);
  CHECK(rig.answer(ok(page("c1", false, {}))).pull);
  CHECK_FALSE(rig.answer(ok(page("c1", false, {}))).pull);
}

TEST_CASE("An answer to another call changes nothing") {
  PullRig rig;
  rig.fill();
  const auto effects =
      rig.answer(rig.call->number, ok(page("c9", false, {wire_document("approval", "a-2", 1)})));
  CHECK(effects.changed.empty());
  rig.request();
  CHECK_FALSE(
      rig.answer(rig.call->number + 1, ok(page("c9", false, {wire_document("approval", "a-2", 1)})))
          .pull);
  CHECK_FALSE(rig.document(kB));
  CHECK(rig.cursor("tier1")->cursor == "c1");
}

TEST_CASE(
    "A document of a type that the profile does not know is kept for a later version of the app") {
  PullRig rig;
  rig.start();
  rig.answer(ok(page("c1", false, {wire_document("contract", "x-1", 1)})));
  CHECK(rig.document({"contract", "x-1"}));
}

TEST_CASE("Online-only types are never stored and never refreshed (P-35)") {
  PullRig rig;
  rig.profile.entities["report"] = {.type = "report", .tier = profile::Tier::online};
  rig.start();
  const auto effects = rig.answer(ok(page("c1", false, {wire_document("report", "r-1", 1)})));
  CHECK(effects.changed.empty());
  CHECK_FALSE(rig.document({"report", "r-1"}));
  const auto refused =
      rig.database->write("test", store::Durability::ordered, [&](store::Transaction& tx) {
        return rig.machine->on_refresh(tx, {{"report", "r-1"}}, rig.now);
      });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "entity.online_only");
  CHECK(refused.error().kind == ErrorClass::invalid);
}

TEST_CASE("An entity of a verdict becomes a document by the rule of pages (INV-Q12)") {
  PullRig rig;
  rig.fill();
  const OperationId first{{1}};
  const OperationId second{{2}};
  const auto effects = rig.entities({{first, dump_json(wire_document("approval", "a-1", 2))},
                                     {second, dump_json(wire_document("approval", "a-2", 1))}});
  CHECK(effects.adopted == std::vector<OperationId>{first, second});
  CHECK(effects.changed == std::vector<EntityKey>{kB});
  CHECK(rig.version_of(kA) == 3);
}

TEST_CASE("An entity of a verdict that is no document is adopted as well: the pull brings it") {
  PullRig rig;
  rig.fill();
  const OperationId id{{1}};
  const auto effects = rig.entities({{id, "{\"row_version\":7}"}, {id, "not json"}});
  CHECK(effects.adopted == std::vector<OperationId>{id, id});
  CHECK(effects.changed.empty());
}

TEST_CASE("A document that came with a verdict while a full pull runs is not removed at its end") {
  PullRig rig;
  rig.fill();
  rig.request();
  rig.answer(answered(410));
  rig.entities({{OperationId{{1}}, dump_json(wire_document("approval", "a-2", 1))}});
  rig.answer(ok(page("d1", false, {wire_document("approval", "a-1", 3)})));
  CHECK(rig.stored() == std::vector<EntityKey>{kA, kB});
  CHECK(rig.body().contains("refresh"));
}

TEST_CASE("What is known must be named by the full pull itself: an old verdict does not keep it") {
  PullRig rig;
  rig.fill();
  rig.request();
  rig.answer(answered(410));
  rig.answer(ok(page("d1", true, {})));
  rig.entities({{OperationId{{1}}, dump_json(wire_document("approval", "a-1", 4))}});
  rig.answer(ok(page("d2", false, {})));
  CHECK(rig.stored().empty());
}

TEST_CASE(
    "A document of a verdict belongs to its type's scope: the next full pull that does not know it "
    "takes it away") {
  PullRig rig;
  rig.fill();
  rig.entities({{OperationId{{1}}, dump_json(wire_document("approval", "a-2", 1))},
                {OperationId{{2}}, dump_json(wire_document("pr", "pr-1", 1))}});
  rig.request();
  rig.answer(answered(410));
  rig.answer(ok(page("d1", false, {wire_document("approval", "a-1", 3)})));
  CHECK(rig.stored() == std::vector<EntityKey>{kA, {"pr", "pr-1"}});
}

#if defined(LANDFALL_MUTANTS)
TEST_CASE("The planted fault cursor_before_rows loses a page when the process dies behind it") {
  mutant::choose(static_cast<int>(mutant::Mutant::cursor_before_rows));
  PullRig rig;
  rig.start();
  rig.answer(ok(page("c1", true, {wire_document("approval", "a-1", 3)})));
  rig.answer(ok(page("c2", false, {wire_document("approval", "a-2", 3)})));
  CHECK(rig.stored() == std::vector<EntityKey>{kA});
  rig.reopen();
  rig.start();
  CHECK(rig.body()["cursor"] == "c2");
  rig.answer(ok(page("c2", false, {})));
  mutant::choose(0);
  CHECK(rig.stored() == std::vector<EntityKey>{kA});
}

TEST_CASE("Without a crash the planted fault cursor_before_rows loses nothing") {
  mutant::choose(static_cast<int>(mutant::Mutant::cursor_before_rows));
  PullRig rig;
  rig.start();
  rig.answer(ok(page("c1", true, {wire_document("approval", "a-1", 3)})));
  CHECK(rig.answer(ok(page("c2", false, {wire_document("approval", "a-2", 3)}))).pull);
  CHECK_FALSE(rig.answer(ok(page("c2", false, {}))).pull);
  mutant::choose(0);
  CHECK(rig.stored() == std::vector<EntityKey>{kA, kB});
}
#endif

TEST_CASE("When a scope is to be pulled next is known without a way to the server (P-33)") {
  PullRig rig;
  rig.open();
  REQUIRE(rig.machine->next_pull_at().has_value());
  CHECK(*rig.machine->next_pull_at() <= rig.now);
  CHECK_FALSE(rig.machine->is_pulling());
  rig.start();
  CHECK(rig.machine->is_pulling());
  rig.answer(ok(page("c1", false, {})));
  CHECK_FALSE(rig.machine->is_pulling());
  const auto interval = rig.profile.sync.scopes.front().interval;
  CHECK(rig.machine->next_pull_at() == rig.now + interval);
  rig.ready(false, true);
  CHECK(rig.machine->next_pull_at() == rig.now + interval);
  rig.request();
  CHECK(rig.machine->is_pulling());
  CHECK(*rig.machine->next_pull_at() <= rig.now);
}

TEST_CASE("INV-Q9: a pull behind a failure is a repeat of the device, and waits its turn") {
  PullRig rig;
  for (std::size_t i = 0; i < limits::kRepeatsForNewsMax; ++i) rig.repeats.on_repeat(rig.now);
  const Instant began = rig.now;
  REQUIRE(rig.start().pull);
  const auto failed_once = rig.answer(answered(500));
  CHECK(wait_s(rig, failed_once) == 60);
  CHECK_FALSE(rig.wake_after(5s).pull);
  CHECK(rig.wake_after(55s).pull);
  REQUIRE(rig.now == began + 60s);
  // This one has left as a repeat: there is room for one less.
  CHECK(rig.repeats.free_at(http::RepeatRank::news, limits::kRepeatsForNewsMax - 1) ==
        rig.now + 60s);
}

}  // namespace landfall::pull_test
