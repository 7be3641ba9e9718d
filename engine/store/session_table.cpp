#include "engine/store/session_table.hpp"

namespace landfall::store {
namespace {

SessionRow session_in(const Rows& row) {
  return {std::string{row.text(0)}, std::string{row.text(1)}, std::string{row.text(2)},
          row.id<PartitionId>(3)};
}

}  // namespace

Result<std::optional<SessionRow>> read_active_session(const Reader& device) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      device.select(
          "SELECT user_id, organisation, email, partition_id FROM sessions WHERE active = 1"));
  return rows.first(session_in);
}

Status activate_session(Transaction& device, const SessionRow& row, Instant now) {
  // First off, then on: the unique index on the active row is checked statement by statement.
  LANDFALL_TRY(device.run("UPDATE sessions SET active = 0 WHERE active = 1"));
  LANDFALL_TRY(device.run(
      "INSERT INTO sessions (user_id, organisation, partition_id, email, active, last_login_ms) "
      "VALUES (?1, ?2, ?3, ?4, 1, ?5) "
      "ON CONFLICT (user_id, organisation) DO UPDATE SET partition_id = excluded.partition_id, "
      "email = excluded.email, active = 1, last_login_ms = excluded.last_login_ms",
      row.user_id, row.organisation, row.partition, row.email, now));
  return {};
}

Status deactivate_sessions(Transaction& device) {
  LANDFALL_TRY(
      device.run("UPDATE sessions SET profile_data = NULL WHERE user_id IN "
                 "(SELECT user_id FROM sessions WHERE active = 1)"));
  LANDFALL_TRY(device.run("UPDATE sessions SET active = 0 WHERE active = 1"));
  return {};
}

Result<std::optional<std::vector<std::byte>>> read_profile_data(const Reader& device,
                                                                std::string_view user_id,
                                                                std::string_view organisation) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      device.select("SELECT profile_data FROM sessions WHERE user_id = ?1 AND organisation = ?2 "
                    "AND profile_data IS NOT NULL",
                    user_id, organisation));
  return rows.first([](const Rows& row) {
    const auto bytes = row.bytes(0);
    return std::vector<std::byte>{bytes.begin(), bytes.end()};
  });
}

Status write_profile_data(Transaction& device, std::string_view user_id,
                          std::string_view organisation, std::span<const std::byte> sealed) {
  LANDFALL_TRY(
      device.run("UPDATE sessions SET profile_data = ?3 WHERE user_id = ?1 AND organisation = ?2",
                 user_id, organisation, sealed));
  return {};
}

Result<bool> has_other_sessions(const Reader& device, std::string_view user_id,
                                const PartitionId& partition) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, device.select("SELECT 1 FROM sessions WHERE user_id = ?1 AND partition_id <> ?2",
                               user_id, partition));
  return rows.next();
}

Result<std::vector<SessionRow>> other_sessions(const Reader& device, std::string_view user_id,
                                               const PartitionId& partition) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, device.select("SELECT user_id, organisation, email, partition_id FROM sessions "
                               "WHERE user_id = ?1 AND partition_id <> ?2 ORDER BY last_login_ms",
                               user_id, partition));
  return rows.all(session_in);
}

Result<bool> has_session(const Reader& device, std::string_view user_id,
                         std::string_view organisation) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, device.select("SELECT 1 FROM sessions WHERE user_id = ?1 AND organisation = ?2",
                               user_id, organisation));
  return rows.next();
}

}  // namespace landfall::store
