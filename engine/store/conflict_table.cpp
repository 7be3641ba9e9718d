#include "engine/store/conflict_table.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/store/sealed_text.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::store {
namespace {

using conflict::Conflict;
using conflict::ConflictState;

constexpr std::string_view kBody = "conflicts.body";
constexpr std::size_t kIdBytes = 16;

#define LANDFALL_SELECT_CONFLICTS                                                         \
  "SELECT seq, operation, entity_type, entity_id, state, generation, row_version, lost, " \
  "heirs, taken_back, created_ms, resolved_ms, body FROM conflicts "

std::vector<std::byte> bytes_of(const std::vector<OperationId>& ids) {
  std::vector<std::byte> bytes;
  for (const OperationId& id : ids) {
    const auto part = std::as_bytes(std::span(id.bytes));
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

std::vector<OperationId> ids_of(std::span<const std::byte> bytes) {
  std::vector<OperationId> ids(bytes.size() / kIdBytes);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto part = bytes.subspan(i * kIdBytes, kIdBytes);
    std::transform(part.begin(), part.end(), ids[i].bytes.begin(),
                   [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  }
  return ids;
}

Result<std::string> body_of(const Rows& row, const Sealer& outbox_key) {
  return open_text(outbox_key, kBody, row.id<OperationId>(1), row.bytes(12));
}

Result<Conflict> conflict_of(const Rows& row, const std::string& body) {
  Conflict conflict;
  conflict.seq = row.integer(0);
  conflict.operation = row.id<OperationId>(1);
  conflict.entity = {std::string(row.text(2)), std::string(row.text(3))};
  conflict.state = static_cast<ConflictState>(row.integer(4));
  conflict.generation = row.integer(5);
  conflict.row_version = row.integer(6);
  conflict.lost = ids_of(row.bytes(7));
  conflict.heirs = ids_of(row.bytes(8));
  conflict.taken_back = row.integer(9) != 0;
  conflict.created_at = row.instant(10);
  conflict.resolved_at = row.instant(11);
  LANDFALL_TRY_ASSIGN(conflict.body,
                      parse_json(body, {limits::kConflictBytesMax, limits::kConflictDepthMax}));
  return conflict;
}

}  // namespace

Status ConflictTable::insert(Transaction& tx, Sealer& outbox_key, const Conflict& conflict) {
  LANDFALL_TRY(tx.run(
      "INSERT INTO conflicts (operation, entity_type, entity_id, state, generation, row_version, "
      "lost, heirs, taken_back, created_ms, resolved_ms, body) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      conflict.operation, conflict.entity.type, conflict.entity.id, conflict.state,
      conflict.generation, conflict.row_version, bytes_of(conflict.lost), bytes_of(conflict.heirs),
      conflict.taken_back, conflict.created_at, conflict.resolved_at,
      seal_long_text(tx, outbox_key, kBody, conflict.operation, dump_json(conflict.body))));
  return {};
}

Status ConflictTable::save(Transaction& tx, Sealer& outbox_key, const Conflict& conflict) {
  LANDFALL_TRY(tx.run(
      "UPDATE conflicts SET state = ?2, lost = ?3, heirs = ?4, taken_back = ?5, resolved_ms = ?6, "
      "body = ?7, generation = ?8, row_version = ?9 WHERE operation = ?1",
      conflict.operation, conflict.state, bytes_of(conflict.lost), bytes_of(conflict.heirs),
      conflict.taken_back, conflict.resolved_at,
      seal_long_text(tx, outbox_key, kBody, conflict.operation, dump_json(conflict.body)),
      conflict.generation, conflict.row_version));
  return {};
}

Result<std::optional<Conflict>> ConflictTable::find(const Reader& reader, const Sealer& outbox_key,
                                                    const OperationId& operation) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select(LANDFALL_SELECT_CONFLICTS "WHERE operation = ?1", operation));
  return rows.first([&](const Rows& row) -> Result<Conflict> {
    LANDFALL_TRY_ASSIGN(const std::string body, body_of(row, outbox_key));
    return conflict_of(row, body);
  });
}

Result<ConflictPage> ConflictTable::list(const Reader& reader, const Sealer& outbox_key,
                                         bool settled, std::int64_t after_seq, std::size_t limit) {
  const auto rows_max = static_cast<std::int64_t>(limit) + 1;
  auto selected =
      settled ? reader.select(LANDFALL_SELECT_CONFLICTS "WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                              after_seq, rows_max)
              : reader.select(LANDFALL_SELECT_CONFLICTS
                              "WHERE state = 0 AND seq > ?1 ORDER BY seq LIMIT ?2",
                              after_seq, rows_max);
  LANDFALL_TRY_ASSIGN(Rows rows, std::move(selected));
  ConflictPage page;
  std::size_t bytes = 0;
  for (;;) {
    LANDFALL_TRY_ASSIGN(const bool more, rows.next());
    if (!more) return page;
    LANDFALL_TRY_ASSIGN(const std::string body, body_of(rows, outbox_key));
    bytes += body.size();
    const bool fits = bytes <= limits::kConflictBytesMax || page.conflicts.empty();
    if (!fits || page.conflicts.size() == limit) {
      page.has_more = true;
      return page;
    }
    LANDFALL_TRY_ASSIGN(Conflict conflict, conflict_of(rows, body));
    page.conflicts.push_back(std::move(conflict));
  }
}

Result<std::int64_t> ConflictTable::count_open(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT COUNT(*) FROM conflicts WHERE state = 0"));
  LANDFALL_TRY_ASSIGN(const auto number,
                      rows.first([](const Rows& row) { return row.integer(0); }));
  return number.value_or(0);
}

}  // namespace landfall::store
