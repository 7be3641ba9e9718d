#include "engine/store/permission_table.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kBody = "permissions.body";
constexpr std::array<std::byte, 1> kOne{std::byte{1}};

}  // namespace

Result<std::optional<permissions::PermissionSet>> PermissionTable::load(const Reader& reader,
                                                                        const Sealer& outbox_key) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT body FROM permissions WHERE one = 1"));
  return rows.first([&](const Rows& row) -> Result<permissions::PermissionSet> {
    LANDFALL_TRY_ASSIGN(const auto bytes, outbox_key.open(kBody, kOne, row.bytes(0)));
    return permissions::parse_permission_set(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  });
}

Result<std::int64_t> PermissionTable::version(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT version FROM permissions WHERE one = 1"));
  LANDFALL_TRY_ASSIGN(const auto found, rows.first([](const Rows& row) { return row.integer(0); }));
  return found.value_or(0);
}

Status PermissionTable::save(Transaction& tx, Sealer& outbox_key,
                             const permissions::PermissionSet& set) {
  const std::string text = dump_json(permissions::to_json(set));
  LANDFALL_TRY(
      tx.run("INSERT INTO permissions (one, version, body) VALUES (1, 1, ?1) "
             "ON CONFLICT DO UPDATE SET version = version + 1, body = excluded.body",
             outbox_key.seal(kBody, kOne, std::as_bytes(std::span(text)))));
  return {};
}

}  // namespace landfall::store
