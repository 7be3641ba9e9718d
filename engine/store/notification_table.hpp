#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/notify/notification.hpp"

namespace landfall::store {

class Reader;
class Sealer;
class Transaction;

// The table `notifications`. Written by the notification centre only. A content is sealed under the
// outbox key, which opens in the background too, and bound to the notification's id.
struct NotificationTable final {
  // Gives it its seq. `id` must be new.
  [[nodiscard]] static Result<std::int64_t> insert(Transaction& tx, Sealer& outbox_key,
                                                   const notify::Notification& notification,
                                                   const notify::NotificationContent& content);
  [[nodiscard]] static Result<std::optional<notify::Notification>> find(const Reader& reader,
                                                                        std::string_view id);
  [[nodiscard]] static Result<std::optional<notify::Notification>> find(const Reader& reader,
                                                                        std::int64_t seq);
  // In order of arrival; at most limits::kNotificationsWaitingMax.
  [[nodiscard]] static Result<std::vector<notify::Notification>> waiting(const Reader& reader);
  // seal.broken (corrupt) when it cannot be trusted.
  [[nodiscard]] static Result<notify::NotificationContent> content(
      const Reader& reader, const Sealer& outbox_key, const notify::Notification& notification);

  // The host is about to be asked once more.
  [[nodiscard]] static Status mark_asked(Transaction& tx, std::int64_t seq);
  // It waits no more: its content goes, its id stays.
  [[nodiscard]] static Status settle(Transaction& tx, std::int64_t seq,
                                     notify::NotificationState state, Instant now);
  // Forgets a settled one by its id, and all but the newest limits::kNotificationsRememberedMax.
  [[nodiscard]] static Status forget(Transaction& tx, std::int64_t seq);
  [[nodiscard]] static Status forget_old(Transaction& tx);
};

}  // namespace landfall::store
