#include "engine/store/registration_table.hpp"

namespace landfall::store {

Result<std::optional<std::vector<std::byte>>> read_registration(const Reader& device,
                                                                std::string_view user_id) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, device.select("SELECT record FROM registrations WHERE user_id = ?1", user_id));
  return rows.first([](const Rows& row) {
    const auto record = row.bytes(0);
    return std::vector<std::byte>{record.begin(), record.end()};
  });
}

Status write_registration(Transaction& device, std::string_view user_id,
                          std::span<const std::byte> record) {
  LANDFALL_TRY(
      device.run("INSERT INTO registrations (user_id, record) VALUES (?1, ?2) "
                 "ON CONFLICT (user_id) DO UPDATE SET record = excluded.record",
                 user_id, record));
  return {};
}

}  // namespace landfall::store
