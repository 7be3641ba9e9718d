#include "engine/store/attachment_table.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "engine/store/open_state.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::store {
namespace {

using attachments::Transfer;

#define LANDFALL_SELECT_TRANSFERS                                                            \
  "SELECT seq, id, direction, operation, entity_type, entity_id, source, source_id,"         \
  " content_type, bytes, piece_bytes, sha256, etag, state, block, step, confirmed, sent_to," \
  " attempts, restarts, due_ms, wait, waiting_since_ms, cause, has_file, first_sent_ms,"     \
  " created_ms, settled_ms, used_ms, hash_given FROM attachments "

template <class Enum>
Enum enum_at(const Rows& row, int column) {
  return static_cast<Enum>(row.integer(column));
}

attachments::ContentHash hash_at(const Rows& row, int column) {
  attachments::ContentHash hash{};
  const auto bytes = row.bytes(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

Transfer read_row(const Rows& row) {
  Transfer transfer;
  transfer.seq = row.integer(0);
  transfer.id = row.id<AttachmentId>(1);
  transfer.direction = enum_at<attachments::Direction>(row, 2);
  transfer.operation = row.optional(3, [&](int column) { return row.id<OperationId>(column); });
  transfer.entity = {std::string(row.text(4)), std::string(row.text(5))};
  transfer.source = row.text(6);
  transfer.source_id = row.text(7);
  transfer.content_type = row.text(8);
  transfer.bytes = row.integer(9);
  transfer.piece_bytes = row.integer(10);
  transfer.sha256 = row.optional(11, [&](int column) { return hash_at(row, column); });
  transfer.etag = row.text(12);
  transfer.state = enum_at<attachments::State>(row, 13);
  transfer.block = enum_at<attachments::Block>(row, 14);
  transfer.step = enum_at<attachments::Step>(row, 15);
  transfer.confirmed = row.integer(16);
  transfer.sent_to = row.integer(17);
  transfer.attempts = static_cast<int>(row.integer(18));
  transfer.restarts = static_cast<int>(row.integer(19));
  transfer.due_at = row.instant(20);
  transfer.wait = enum_at<attachments::Wait>(row, 21);
  transfer.waiting_since = row.instant(22);
  transfer.cause = row.text(23);
  transfer.has_file = row.boolean(24);
  transfer.first_sent_at = row.instant(25);
  transfer.created_at = row.instant(26);
  transfer.settled_at = row.instant(27);
  transfer.used_at = row.instant(28);
  transfer.hash_given = row.boolean(29);
  return transfer;
}

std::optional<std::span<const std::byte>> bytes_of(
    const std::optional<attachments::ContentHash>& hash) {
  if (!hash) return std::nullopt;
  return std::span<const std::byte>(*hash);
}

}  // namespace

Result<std::int64_t> AttachmentTable::insert(Transaction& tx, const Transfer& transfer) {
  LANDFALL_TRY(tx.run(
      "INSERT INTO attachments (id, direction, operation, entity_type, entity_id, source,"
      " source_id, content_type, bytes, piece_bytes, sha256, etag, state, block, step,"
      " confirmed, sent_to, attempts, restarts, due_ms, wait, waiting_since_ms, cause,"
      " has_file, first_sent_ms, created_ms, settled_ms, used_ms, hash_given)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', 0, 1, NULL, '', 0, 0, 0, 0, 0, 0, 0, 0, 0,"
      " 0, '', 0, 0, ?8, 0, 0, ?9)",
      transfer.id, transfer.direction, transfer.operation, transfer.entity.type, transfer.entity.id,
      transfer.source, transfer.source_id, transfer.created_at, transfer.hash_given));
  const std::int64_t seq = tx.last_insert_rowid();
  LANDFALL_TRY(save(tx, transfer));
  return seq;
}

Status AttachmentTable::save(Transaction& tx, const Transfer& transfer) {
  LANDFALL_TRY(tx.run(
      "UPDATE attachments SET operation = ?2, content_type = ?3, bytes = ?4,"
      " piece_bytes = ?5, sha256 = ?6, etag = ?7, state = ?8, block = ?9, step = ?10,"
      " confirmed = ?11, sent_to = ?12, attempts = ?13, restarts = ?14, due_ms = ?15,"
      " wait = ?16, waiting_since_ms = ?17, cause = ?18, has_file = ?19,"
      " first_sent_ms = ?20, settled_ms = ?21, used_ms = ?22 WHERE id = ?1",
      transfer.id, transfer.operation, transfer.content_type, transfer.bytes, transfer.piece_bytes,
      bytes_of(transfer.sha256), transfer.etag, transfer.state, transfer.block, transfer.step,
      transfer.confirmed, transfer.sent_to, transfer.attempts, transfer.restarts, transfer.due_at,
      transfer.wait, transfer.waiting_since, transfer.cause, transfer.has_file,
      transfer.first_sent_at, transfer.settled_at, transfer.used_at));
  return {};
}

Status AttachmentTable::touch(Transaction& tx, const AttachmentId& id, Instant now) {
  LANDFALL_TRY(tx.run("UPDATE attachments SET used_ms = ?2 WHERE id = ?1", id, now));
  return {};
}

Result<std::optional<Transfer>> AttachmentTable::find(const Reader& reader,
                                                      const AttachmentId& id) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(LANDFALL_SELECT_TRANSFERS "WHERE id = ?1", id));
  return rows.first(read_row);
}

Result<std::vector<Transfer>> AttachmentTable::open(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select(LANDFALL_SELECT_TRANSFERS "WHERE settled_ms = 0 ORDER BY seq"));
  return rows.all(read_row);
}

Result<OpenTransfers> AttachmentTable::count_open(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM attachments"
                                    " WHERE settled_ms = 0"));
  LANDFALL_TRY_ASSIGN(const auto open, rows.first([](const Rows& row) {
    return OpenTransfers{row.integer(0), row.integer(1)};
  }));
  return open.value_or(OpenTransfers{});
}

Result<std::vector<Transfer>> AttachmentTable::with_file(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select(LANDFALL_SELECT_TRANSFERS "WHERE has_file = 1 ORDER BY id"));
  return rows.all(read_row);
}

Result<std::vector<Transfer>> AttachmentTable::same_source(const Reader& reader,
                                                           const Transfer& transfer) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select(LANDFALL_SELECT_TRANSFERS
                    "WHERE settled_ms <> 0 AND has_file = 1 AND direction = 1 AND source = ?1"
                    " AND source_id = ?2 AND id <> ?3 ORDER BY seq",
                    transfer.source, transfer.source_id, transfer.id));
  return rows.all(read_row);
}

Result<std::vector<Transfer>> AttachmentTable::list(const Reader& reader, bool settled,
                                                    std::int64_t after_seq, std::size_t limit) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select(LANDFALL_SELECT_TRANSFERS
                               "WHERE seq > ?1 AND (?2 OR settled_ms = 0) ORDER BY seq LIMIT ?3",
                               after_seq, settled, static_cast<std::int64_t>(limit)));
  return rows.all(read_row);
}

Result<std::int64_t> AttachmentTable::kept_bytes(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT COALESCE(SUM(bytes), 0) FROM attachments"
                                               " WHERE settled_ms <> 0 AND has_file = 1"));
  LANDFALL_TRY_ASSIGN(const auto bytes, rows.first([](const Rows& row) { return row.integer(0); }));
  return bytes.value_or(0);
}

// The lane may go by the server's id since the file was handed in.
Result<std::optional<Transfer>> AttachmentTable::least_used(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select(LANDFALL_SELECT_TRANSFERS
                    "WHERE settled_ms <> 0 AND has_file = 1 AND NOT EXISTS (SELECT 1"
                    " FROM operations AS o WHERE o.entity_type = attachments.entity_type"
                    " AND o.entity_id IN (attachments.entity_id, (SELECT server_id FROM aliases"
                    " WHERE aliases.entity_type = attachments.entity_type"
                    " AND local_id = attachments.entity_id))"
                    " AND " LANDFALL_IS_OPEN("o.") ") ORDER BY used_ms, seq LIMIT 1"));
  return rows.first(read_row);
}

Status AttachmentTable::forget_old(Transaction& tx) {
  LANDFALL_TRY(
      tx.run("DELETE FROM attachments WHERE settled_ms <> 0 AND has_file = 0 AND seq <="
             " (SELECT seq FROM attachments WHERE settled_ms <> 0 AND has_file = 0"
             " ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
             static_cast<std::int64_t>(limits::kAttachmentsRememberedMax)));
  return {};
}

Result<std::optional<OperationId>> AttachmentTable::heir_of(const Reader& reader,
                                                            const sync::Operation& operation) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT id FROM operations WHERE entity_type = ?1 AND entity_id = ?2"
                               " AND supersedes = ?3 ORDER BY seq DESC LIMIT 1",
                               operation.entity.type, operation.entity.id, operation.id));
  return rows.first([](const Rows& row) { return row.id<OperationId>(0); });
}

}  // namespace landfall::store
