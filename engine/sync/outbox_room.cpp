#include "engine/sync/outbox_room.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::CounterTable;
using store::OperationTable;

constexpr auto kLaneMax = static_cast<std::int64_t>(limits::kLaneOperationsMax);

std::int64_t free_of(std::size_t bound, std::int64_t used) {
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(bound) - used);
}

tl::unexpected<Error> no_room(ErrorClass kind, std::string code, std::string message,
                              const Room& room) {
  Error error{kind, std::move(code), std::move(message)};
  error.room = room;
  return failure(std::move(error));
}

}  // namespace

Result<Room> free_room(const store::Reader& reader, const Profile& profile) {
  LANDFALL_TRY_ASSIGN(const std::int64_t operations,
                      CounterTable::get(reader, store::kOutboxOperations));
  LANDFALL_TRY_ASSIGN(const std::int64_t bytes, CounterTable::get(reader, store::kOutboxBytes));
  const auto operations_max =
      std::min(profile.limits.outbox_operations_max, limits::kOutboxOperationsMax);
  const auto bytes_max = std::min(profile.limits.outbox_bytes_max, limits::kOutboxBytesMax);
  return Room{free_of(operations_max, operations), free_of(bytes_max, bytes)};
}

Status check_room(const store::Reader& reader, const Profile& profile, std::int64_t in_lane,
                  std::size_t bytes) {
  LANDFALL_TRY_ASSIGN(const Room room, free_room(reader, profile));
  if (room.operations < 1) {
    return no_room(ErrorClass::storage_full, "storage.outbox_full",
                   "too many operations wait for the server", room);
  }
  if (room.bytes < static_cast<std::int64_t>(bytes)) {
    return no_room(ErrorClass::storage_full, "storage.outbox_bytes_full",
                   "what waits for the server leaves " + std::to_string(room.bytes) +
                       " bytes, the operation may take " + std::to_string(bytes),
                   room);
  }
  if (in_lane < kLaneMax) return {};
  return no_room(ErrorClass::refused, "operation.lane_full",
                 std::to_string(in_lane) + " operations of this entity wait", {0, room.bytes});
}

bool refuses_one(const Error& error) {
  return error.kind == ErrorClass::invalid || error.kind == ErrorClass::refused ||
         (error.kind == ErrorClass::storage_full && error.room);
}

Result<OutboxCounts> count_outbox(const store::Reader& reader, const Profile& profile) {
  OutboxCounts counts;
  LANDFALL_TRY_ASSIGN(counts.queued, OperationTable::count(reader, OperationState::queued));
  LANDFALL_TRY_ASSIGN(counts.sending, OperationTable::count(reader, OperationState::sending));
  LANDFALL_TRY_ASSIGN(counts.unknown, OperationTable::count(reader, OperationState::unknown));
  LANDFALL_TRY_ASSIGN(counts.blocked, OperationTable::count(reader, OperationState::blocked));
  LANDFALL_TRY_ASSIGN(counts.failed, OperationTable::count(reader, OperationState::failed));
  LANDFALL_TRY_ASSIGN(counts.rejected, OperationTable::count_rejected_untold(reader));
  LANDFALL_TRY_ASSIGN(counts.conflicts, store::ConflictTable::count_open(reader));
  LANDFALL_TRY_ASSIGN(counts.bytes, CounterTable::get(reader, store::kOutboxBytes));
  LANDFALL_TRY_ASSIGN(counts.free, free_room(reader, profile));
  return counts;
}

}  // namespace landfall::sync
