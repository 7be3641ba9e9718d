#include "engine/store/notification_table.hpp"

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::store {
namespace {

using notify::Notification;
using notify::NotificationContent;
using notify::NotificationState;

constexpr std::string_view kPlace = "notifications.content";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(const NotificationContent& content) {
  Json json{{"title", content.title}, {"body", content.body}};
  if (content.deep_link) json["deep_link"] = *content.deep_link;
  return dump_json(json);
}

Result<NotificationContent> content_of(std::string_view text) {
  LANDFALL_TRY_ASSIGN(const Json json,
                      parse_json(text, {2 * limits::kPushPayloadBytesMax, limits::kJsonDepthMax}));
  NotificationContent content;
  LANDFALL_TRY_ASSIGN(content.title, string_at(json, "title"));
  LANDFALL_TRY_ASSIGN(content.body, string_at(json, "body"));
  LANDFALL_TRY_ASSIGN(content.deep_link, optional_string_at(json, "deep_link"));
  return content;
}

Error unreadable() {
  return {ErrorClass::corrupt, "store.corrupt", "the content of a notification is unreadable"};
}

Notification read_row(const Rows& row) {
  Notification notification;
  notification.seq = row.integer(0);
  notification.id = row.text(1);
  notification.type = row.text(2);
  notification.state = static_cast<NotificationState>(row.integer(3));
  notification.asked = row.integer(4);
  notification.received_at = row.instant(5);
  notification.expires_at = row.optional(6, [&](int column) { return row.instant(column); });
  return notification;
}

}  // namespace

Result<std::int64_t> NotificationTable::insert(Transaction& tx, Sealer& outbox_key,
                                               const Notification& notification,
                                               const NotificationContent& content) {
  const auto sealed =
      outbox_key.seal(kPlace, bytes_of(notification.id), bytes_of(text_of(content)));
  LANDFALL_TRY(
      tx.run("INSERT INTO notifications"
             " (id, type, state, asked, received_ms, expires_ms, settled_ms, content)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)",
             notification.id, notification.type, notification.state, notification.asked,
             notification.received_at, notification.expires_at, sealed));
  return tx.last_insert_rowid();
}

Result<std::optional<Notification>> NotificationTable::find(const Reader& reader,
                                                            std::string_view id) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT seq, id, type, state, asked, received_ms, expires_ms"
                                    " FROM notifications WHERE id = ?1",
                                    id));
  return rows.first(read_row);
}

Result<std::optional<Notification>> NotificationTable::find(const Reader& reader,
                                                            std::int64_t seq) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT seq, id, type, state, asked, received_ms, expires_ms"
                                    " FROM notifications WHERE seq = ?1",
                                    seq));
  return rows.first(read_row);
}

Result<std::vector<Notification>> NotificationTable::waiting(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT seq, id, type, state, asked, received_ms, expires_ms"
                                    " FROM notifications WHERE state = 0 ORDER BY seq LIMIT ?1",
                                    static_cast<std::int64_t>(limits::kNotificationsWaitingMax)));
  return rows.all(read_row);
}

Result<NotificationContent> NotificationTable::content(const Reader& reader,
                                                       const Sealer& outbox_key,
                                                       const Notification& notification) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT content FROM notifications WHERE seq = ?1 AND state = 0",
                               notification.seq));
  LANDFALL_TRY_ASSIGN(auto content, rows.first([&](const Rows& row) -> Result<NotificationContent> {
    LANDFALL_TRY_ASSIGN(const auto plain,
                        outbox_key.open(kPlace, bytes_of(notification.id), row.bytes(0)));
    auto read = content_of({reinterpret_cast<const char*>(plain.data()), plain.size()});
    if (!read) return failure(unreadable());
    return read;
  }));
  if (!content) return failure(unreadable());
  return std::move(*content);
}

Status NotificationTable::mark_asked(Transaction& tx, std::int64_t seq) {
  LANDFALL_TRY(tx.run("UPDATE notifications SET asked = asked + 1 WHERE seq = ?1", seq));
  return {};
}

Status NotificationTable::settle(Transaction& tx, std::int64_t seq, NotificationState state,
                                 Instant now) {
  LANDFALL_TRY(
      tx.run("UPDATE notifications SET state = ?2, settled_ms = ?3, content = NULL WHERE seq = ?1",
             seq, state, now));
  return {};
}

Status NotificationTable::forget(Transaction& tx, std::int64_t seq) {
  LANDFALL_TRY(tx.run("DELETE FROM notifications WHERE seq = ?1 AND state <> 0", seq));
  return {};
}

Status NotificationTable::forget_old(Transaction& tx) {
  LANDFALL_TRY(
      tx.run("DELETE FROM notifications WHERE state <> 0 AND seq <= (SELECT seq"
             " FROM notifications WHERE state <> 0 ORDER BY seq DESC LIMIT 1 OFFSET ?1)",
             static_cast<std::int64_t>(limits::kNotificationsRememberedMax)));
  return {};
}

}  // namespace landfall::store
