#include "engine/store/unlock_table.hpp"

#include <cstdint>
#include <string>

namespace landfall::store {

Result<std::optional<std::vector<std::byte>>> read_unlock(const Reader& device,
                                                          std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      device.select("SELECT record FROM unlocks WHERE user_id = ?1", user_id));
  return rows.first([](const Rows& row) {
    const auto record = row.bytes(0);
    return std::vector<std::byte>{record.begin(), record.end()};
  });
}

Status write_unlock(Transaction& device, std::string_view user_id,
                    std::span<const std::byte> record) {
  LANDFALL_TRY(
      device.run("INSERT INTO unlocks (user_id, record) VALUES (?1, ?2) "
                 "ON CONFLICT (user_id) DO UPDATE SET record = excluded.record",
                 user_id, record));
  return {};
}

Result<std::optional<unlock::ClockMark>> read_clock(const Reader& device) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      device.select("SELECT sure_ms, possible_ms, now_ms, boot, up_ms, server_ms, "
                                    "server_possible_ms FROM elapsed WHERE id = 1"));
  return rows.first([](const Rows& row) {
    unlock::ClockMark mark;
    mark.sure_ms = row.integer(0);
    mark.possible_ms = row.integer(1);
    mark.now = row.instant(2);
    if (!row.is_null(3) && !row.is_null(4))
      mark.boot_time = unlock::BootTime{std::string{row.text(3)}, Duration{row.integer(4)}};
    mark.server_time = row.optional(5, [&](int column) { return row.instant(column); });
    mark.server_possible_ms = row.integer(6);
    return mark;
  });
}

Status write_clock(Transaction& device, const unlock::ClockMark& mark) {
  std::optional<std::string> boot;
  std::optional<std::int64_t> up_ms;
  if (mark.boot_time) {
    boot = mark.boot_time->boot;
    up_ms = mark.boot_time->up.count();
  }
  LANDFALL_TRY(
      device.run("INSERT INTO elapsed (id, sure_ms, possible_ms, now_ms, boot, up_ms, server_ms, "
                 "server_possible_ms) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                 "ON CONFLICT (id) DO UPDATE SET sure_ms = excluded.sure_ms, possible_ms = "
                 "excluded.possible_ms, now_ms = excluded.now_ms, boot = excluded.boot, up_ms = "
                 "excluded.up_ms, server_ms = excluded.server_ms, server_possible_ms = "
                 "excluded.server_possible_ms",
                 mark.sure_ms, mark.possible_ms, mark.now, boot, up_ms, mark.server_time,
                 mark.server_possible_ms));
  return {};
}

}  // namespace landfall::store
