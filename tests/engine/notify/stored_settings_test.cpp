#include "engine/notify/stored_settings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/transaction.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {
namespace {

using notify::Settings;

Settings settings_in(Partition& partition, const std::string& user = "u-1") {
  return partition.read([&](const store::Snapshot& snapshot) {
    return notify::read_settings(snapshot, partition.profile, partition.outbox_key,
                                 partition.documents_key, user);
  });
}

void put_profile(Partition& partition, const Json& data) {
  partition.put({{"user_profile", "u-1"}, 3, Instant{1}, false, dump_json(data)});
}

Settings understood(const char* stored) {
  Partition partition;
  return notify::settings_of(Json::parse(stored), partition.profile.notifications.defaults,
                             partition.profile.notifications);
}

}  // namespace

TEST_CASE("P-45: the settings are the user profile's; without one, the app's defaults") {
  Partition partition;
  const Settings defaults = partition.profile.notifications.defaults;
  CHECK(settings_in(partition) == defaults);
  put_profile(partition, {{"display_name", "Asha"}});
  CHECK(settings_in(partition) == defaults);
  partition.put({{"user_profile", "u-1"},
                 4,
                 Instant{1},
                 false,
                 R"({"mobile_settings":{"quiet_hours_start":"20:00","push_enabled":false}})"});
  const Settings own = settings_in(partition);
  CHECK(own.quiet_hours_start.minutes == 20 * 60);
  CHECK(own.quiet_hours_end == defaults.quiet_hours_end);
  CHECK_FALSE(own.push_enabled);
  CHECK(settings_in(partition, "u-2") == defaults);
}

TEST_CASE("P-45 P-76: what the user just changed holds before the server has heard of it") {
  Partition partition;
  put_profile(partition, {{"mobile_settings", {{"quiet_hours_start", "20:00"}}}});
  add_operation(partition, {1,
                            {"user_profile", "u-1"},
                            "update",
                            R"({"mobile_settings":{"quiet_hours_start":"23:00"}})"});
  CHECK(settings_in(partition).quiet_hours_start.minutes == 23 * 60);
}

TEST_CASE("P-45: one member that does not fit costs only itself") {
  Partition partition;
  const Settings defaults = partition.profile.notifications.defaults;
  CHECK(understood("[]") == defaults);
  CHECK(
      understood(R"({"quiet_hours_start":"25:00","quiet_hours_end":"06:00"})").quiet_hours_start ==
      defaults.quiet_hours_start);
  CHECK(understood(R"({"quiet_hours_start":"25:00","quiet_hours_end":"06:00"})")
            .quiet_hours_end.minutes == 6 * 60);
  const Settings types = understood(R"({"quiet_hours_override":["NEW_TYPE","KPI_ALERT",7],
      "notification_channels":{"NEW_TYPE":false,"KPI_ALERT":false,"ANOMALY_ALERT":"no"},
      "dashboard":{"cards":6}})");
  CHECK(types.overrides == std::set<std::string, std::less<>>{"KPI_ALERT"});
  CHECK_FALSE(types.channels.at("KPI_ALERT"));
  CHECK(types.channels.at("ANOMALY_ALERT"));
  CHECK_FALSE(types.channels.contains("NEW_TYPE"));
}

TEST_CASE("P-45: a profile whose body does not open counts as none") {
  Partition partition;
  put_profile(partition, {{"mobile_settings", {{"push_enabled", false}}}});
  (void)partition.write(
      [](store::Transaction& tx) { return tx.run("UPDATE documents SET body = x'0001020304'"); });
  CHECK(settings_in(partition) == partition.profile.notifications.defaults);
}

}  // namespace landfall::pull_test
