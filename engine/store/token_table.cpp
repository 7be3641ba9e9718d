#include "engine/store/token_table.hpp"

namespace landfall::store {

Result<std::optional<TokenRow>> read_tokens(const Reader& device, std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      device.select("SELECT generation, record FROM tokens WHERE user_id = ?1", user_id));
  return rows.first([](const Rows& row) {
    const auto record = row.bytes(1);
    return TokenRow{row.integer(0), {record.begin(), record.end()}};
  });
}

Status write_tokens(Transaction& device, std::string_view user_id, std::int64_t generation,
                    std::span<const std::byte> record) {
  LANDFALL_TRY(
      device.run("INSERT INTO tokens (user_id, generation, record) VALUES (?1, ?2, ?3) "
                 "ON CONFLICT (user_id) DO UPDATE SET generation = excluded.generation, record = "
                 "excluded.record",
                 user_id, generation, record));
  return {};
}

Status remove_tokens(Transaction& device, std::string_view user_id) {
  LANDFALL_TRY(device.run("DELETE FROM tokens WHERE user_id = ?1", user_id));
  return {};
}

}  // namespace landfall::store
