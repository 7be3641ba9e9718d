#include "engine/notify/notification_centre.hpp"

#include "schema/limits.hpp"
#include "tests/engine/notify/centre_rig.hpp"

namespace landfall::pull_test {
namespace {

using namespace std::chrono_literals;
using notify::ShowAnswer;
using notify::Verdict;
using Ids = std::vector<std::string>;

Instant at(const char* text) { return parse_rfc3339(text).value(); }

void go_to(CentreRig& rig, const char* time) {
  rig.now = at(time);
  rig.wake();
}

// Raw bytes of a column, to see what stands on the disk.
bool stands_on_disk(CentreRig& rig, const std::string& text) {
  return rig.read([&](const store::Snapshot& snapshot) -> Result<bool> {
    LANDFALL_TRY_ASSIGN(store::Rows rows,
                        snapshot.select("SELECT id || type, content FROM notifications"));
    LANDFALL_TRY_ASSIGN(const auto found, rows.all([&](const store::Rows& row) {
      const auto bytes = row.is_null(1) ? std::span<const std::byte>{} : row.bytes(1);
      const std::string_view content{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
      return content.find(text) != std::string_view::npos;
    }));
    return std::find(found.begin(), found.end(), true) != found.end();
  });
}

}  // namespace

TEST_CASE("P-39 P-42 P-47: by day the host is asked at once, with all that it shows") {
  CentreRig rig;
  CHECK(rig.push("APPROVAL_PENDING", "n-1").verdict == Verdict::show);
  REQUIRE(rig.asked.size() == 1);
  const auto& show = rig.asked.front();
  CHECK(show.notification.id == "n-1");
  CHECK(show.content == notify::NotificationContent{"t n-1", "", "/approvals/a-7"});
  CHECK(show.channel == "prokure_approvals");
  CHECK(show.priority == profile::Priority::high);
  CHECK(show.sound == "default");
  CHECK_FALSE(show.again);
  CHECK_FALSE(rig.wake_at);
  rig.answer(ShowAnswer::shown);
  CHECK(rig.waiting() == 0);
}

TEST_CASE("P-39: a push without a text shows the profile's words for its type") {
  CentreRig rig;
  rig.push({{"type", "BUDGET_WARNING"}});
  CHECK(rig.asked.at(0).content.title == "A budget is almost used up");
  CHECK_FALSE(rig.asked.at(0).content.deep_link);
  rig.profile.messages.erase("notification.BUDGET_WARNING");
  rig.push({{"type", "BUDGET_WARNING"}, {"projectId", "metro"}});
  CHECK(rig.asked.at(1).content.title == "Alerts & Warnings");
  CHECK(rig.asked.at(1).content.deep_link == "/dashboard/budget/metro");
}

TEST_CASE("INV-T2: what is held is delivered once when the window ends, in order") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  const auto held = rig.push("KPI_ALERT", "n-1");
  CHECK(held.verdict == Verdict::hold);
  CHECK(held.until == at("2026-01-06T07:00:00Z"));
  CHECK(rig.push("DELIVERY_UPDATE", "n-2").verdict == Verdict::hold);
  CHECK(rig.push("APPROVAL_PENDING", "n-3").reason == "override");
  CHECK(rig.asked_ids() == Ids{"n-3"});
  rig.answer(ShowAnswer::shown);
  CHECK(rig.wake_at == at("2026-01-06T07:00:00Z"));
  go_to(rig, "2026-01-06T06:59:59.999Z");
  CHECK(rig.asked.empty());
  rig.wake_on_time();
  CHECK(rig.asked_ids() == Ids{"n-1", "n-2"});
  CHECK_FALSE(rig.asked.front().again);
  rig.wake();
  CHECK(rig.asked.size() == 2);
  rig.answer(ShowAnswer::shown);
  rig.answer(ShowAnswer::shown);
  CHECK(rig.waiting() == 0);
  rig.wake();
  CHECK(rig.asked.empty());
}

TEST_CASE("F-PUSH: the same push twice is one notification, whatever became of the first") {
  CentreRig rig;
  const auto is_duplicate = [&](const char* id) {
    const auto decision = rig.push("KPI_ALERT", id);
    return decision.verdict == Verdict::drop && decision.reason == "duplicate";
  };
  rig.push("KPI_ALERT", "shown");
  CHECK(is_duplicate("shown"));
  rig.answer(ShowAnswer::shown);
  CHECK(is_duplicate("shown"));
  rig.push("KPI_ALERT", "refused");
  rig.answer(ShowAnswer::refused);
  CHECK(is_duplicate("refused"));
  rig.now = at("2026-01-05T23:00:00Z");
  rig.push("KPI_ALERT", "held");
  CHECK(is_duplicate("held"));
  rig.open();
  CHECK(is_duplicate("held"));
  CHECK(rig.asked.empty());
}

TEST_CASE("F-PUSH: a push that nobody named is a duplicate for a day, and news after it") {
  CentreRig rig;
  const Json payload{{"type", "KPI_ALERT"}, {"title", "Cycle time"}};
  CHECK(rig.push(payload).verdict == Verdict::show);
  rig.answer(ShowAnswer::shown);
  rig.now = rig.now + 24h;
  CHECK(rig.push(payload).reason == "duplicate");
  rig.now = rig.now + 1ms;
  CHECK(rig.push(payload).verdict == Verdict::show);
  CHECK(rig.push(payload).reason == "duplicate");
}

TEST_CASE("INV-T2: a process that dies while the host shows asks again, and says so") {
  CentreRig rig;
  rig.push("KPI_ALERT", "n-1");
  REQUIRE(rig.asked.size() == 1);
  rig.asked.clear();
  rig.reopen();
  rig.open();
  REQUIRE(rig.asked_ids() == Ids{"n-1"});
  CHECK(rig.asked.front().again);
  CHECK(rig.asked.front().content.title == "t n-1");
  rig.answer(ShowAnswer::shown);
  rig.open();
  CHECK(rig.asked.empty());
}

TEST_CASE("INV-T2: what was asked for before the window began waits for its end like the others") {
  CentreRig rig;
  rig.now = at("2026-01-05T21:59:59Z");
  rig.push("KPI_ALERT", "n-1");
  rig.asked.clear();
  rig.now = at("2026-01-05T22:00:00Z");
  rig.open();
  CHECK(rig.asked.empty());
  rig.wake_on_time();
  REQUIRE(rig.asked_ids() == Ids{"n-1"});
  CHECK(rig.asked.front().again);
}

TEST_CASE("INV-T2: a host that does not answer is asked again, ever more seldom") {
  CentreRig rig;
  rig.push("KPI_ALERT", "n-1");
  for (const auto wait : {30s, 60s, 120s, 240s, 480s, 960s, 1920s, 3600s, 3600s}) {
    rig.answer(ShowAnswer::unanswered);
    CHECK(rig.asked.empty());
    REQUIRE(rig.wake_at == rig.now + wait);
    rig.wake_on_time();
    REQUIRE(rig.asked.size() == 1);
    CHECK(rig.asked.front().again);
  }
  rig.answer(ShowAnswer::shown);
  CHECK_FALSE(rig.wake_at);
}

TEST_CASE("INV-T2: what expired meanwhile is not shown, and its host hears so") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  rig.push({{"type", "KPI_ALERT"},
            {"notification_id", "old"},
            {"title", "t"},
            {"expires_at", "2026-01-06T07:00:00Z"}});
  rig.push({{"type", "KPI_ALERT"},
            {"notification_id", "new"},
            {"title", "t"},
            {"expires_at", "2026-01-06T07:00:00.001Z"}});
  rig.wake_on_time();
  CHECK(rig.asked_ids() == Ids{"new"});
  REQUIRE(rig.dropped.size() == 1);
  CHECK(rig.dropped.front().id == "old");
  CHECK(rig.dropped.front().reason == "expired");
  CHECK(rig.waiting() == 1);
}

TEST_CASE(
    "P-45: settings count when it is shown: switched off at night, not shown in the morning") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  rig.push("KPI_ALERT", "n-1");
  rig.push("DELIVERY_UPDATE", "n-2");
  rig.save_settings({{"notification_channels", {{"KPI_ALERT", false}}}});
  REQUIRE(rig.dropped.size() == 1);
  CHECK(rig.dropped.front().reason == "channel_disabled");
  rig.save_settings({{"quiet_hours_start", "00:00"}, {"quiet_hours_end", "00:00"}});
  CHECK(rig.asked_ids() == Ids{"n-2"});
}

TEST_CASE("INV-T2: the window's end is that of the zone in which the phone then is") {
  CentreRig rig;
  rig.set_zone(Zone::fixed("Asia/Kolkata", 330min).value());
  rig.now = at("2026-01-05T20:00:00Z");
  CHECK(rig.push("KPI_ALERT", "n-1").until == at("2026-01-06T01:30:00Z"));
  rig.set_zone(Zone::fixed("America/New_York", -300min).value());
  CHECK(rig.asked_ids() == Ids{"n-1"});
  rig.push("KPI_ALERT", "n-2");
  CHECK(rig.asked_ids() == Ids{"n-1", "n-2"});
}

TEST_CASE("INV-T2: no more than a few questions are open at a time, and none is forgotten") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  const std::size_t count = limits::kNotificationsShowingMax + 5;
  for (std::size_t i = 0; i < count; ++i) rig.push("KPI_ALERT", "n-" + std::to_string(i));
  rig.wake_on_time();
  std::size_t shown = 0;
  for (; !rig.asked.empty(); ++shown) {
    CHECK(rig.asked.size() <= limits::kNotificationsShowingMax);
    CHECK(rig.asked.front().notification.id == "n-" + std::to_string(shown));
    rig.answer(ShowAnswer::shown);
  }
  CHECK(shown == count);
}

TEST_CASE("F-PUSH: a flood is bounded, and each push beyond it is refused in words") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  for (std::size_t i = 0; i < limits::kNotificationsWaitingMax; ++i)
    REQUIRE(rig.push("KPI_ALERT", "n-" + std::to_string(i)).verdict == Verdict::hold);
  const auto beyond = rig.push("KPI_ALERT", "one more");
  CHECK(beyond.verdict == Verdict::drop);
  CHECK(beyond.reason == "too_many_held");
  CHECK(rig.waiting() == limits::kNotificationsWaitingMax);
}

TEST_CASE("INV-T2: of what was settled only the newest ids are remembered") {
  CentreRig rig;
  (void)rig.write([&](store::Transaction& tx) {
    return tx.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
        " INSERT INTO notifications (id, type, state, asked, received_ms, settled_ms)"
        " SELECT 'old-' || i, 'KPI_ALERT', 1, 1, 0, 1 FROM n",
        static_cast<std::int64_t>(limits::kNotificationsRememberedMax + 1));
  });
  rig.wake();
  CHECK(rig.push("KPI_ALERT", "old-2").reason == "duplicate");
  CHECK(rig.push("KPI_ALERT", "old-1").verdict == Verdict::show);
}

TEST_CASE("INV-X3: what a notification says stands sealed on the disk, and goes when it is shown") {
  CentreRig rig;
  rig.now = at("2026-01-05T23:00:00Z");
  rig.push({{"type", "KPI_ALERT"}, {"notification_id", "n-1"}, {"title", "Secret budget"}});
  CHECK_FALSE(stands_on_disk(rig, "Secret"));
  (void)rig.write([](store::Transaction& tx) {
    return tx.run("UPDATE notifications SET content = x'00112233'");
  });
  rig.wake_on_time();
  CHECK(rig.asked.empty());
  REQUIRE(rig.dropped.size() == 1);
  CHECK(rig.dropped.front().reason == "seal.broken");
  CHECK(rig.waiting() == 0);
}

TEST_CASE("F-PUSH: a push that is too large is dropped before it is looked into") {
  CentreRig rig;
  const auto decision = rig.push({{"type", "KPI_ALERT"}, {"title", std::string(6'000, 'x')}});
  CHECK(decision.verdict == Verdict::drop);
  CHECK(decision.reason == "push.too_large");
  CHECK(rig.waiting() == 0);
}

TEST_CASE("INV-T2: an answer for what is settled or forgotten changes nothing") {
  CentreRig rig;
  rig.push("KPI_ALERT", "n-1");
  const auto seq = rig.asked.front().seq;
  rig.answer(ShowAnswer::shown);
  for (const std::int64_t of : {seq, seq + 100}) {
    const auto effects = rig.write([&](store::Transaction& tx) {
      return rig.centre->on_answer(tx, of, ShowAnswer::refused, rig.now);
    });
    CHECK(effects->shows.empty());
  }
  CHECK(rig.push("KPI_ALERT", "n-1").reason == "duplicate");
}

}  // namespace landfall::pull_test
