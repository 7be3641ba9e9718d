#include "engine/store/erase_intent.hpp"

#include "engine/store/meta_table.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kPartition = "erase.partition";
constexpr std::string_view kOwner = "erase.owner";

}  // namespace

Result<std::optional<EraseIntent>> read_erase_intent(const Reader& device) {
  LANDFALL_TRY_ASSIGN(const auto partition, MetaTable::get(device, kPartition));
  LANDFALL_TRY_ASSIGN(const auto owner, MetaTable::get(device, kOwner));
  const auto id = partition ? parse_id<PartitionId>(*partition) : std::nullopt;
  if (!id) return std::optional<EraseIntent>{};
  return std::optional<EraseIntent>{
      EraseIntent{*id, owner ? parse_id<PartitionId>(*owner) : std::nullopt}};
}

Status write_erase_intent(Transaction& device, const EraseIntent& intent) {
  LANDFALL_TRY(MetaTable::set(device, kPartition, to_text(intent.partition)));
  return MetaTable::set(device, kOwner, intent.owner ? to_text(*intent.owner) : "");
}

Status forget_session(Transaction& device, const EraseIntent& intent) {
  if (intent.owner) {
    LANDFALL_TRY(
        device.run("DELETE FROM unlocks WHERE user_id IN (SELECT user_id FROM sessions WHERE "
                   "partition_id = ?1)",
                   intent.partition));
    LANDFALL_TRY(
        device.run("DELETE FROM registrations WHERE user_id IN (SELECT user_id FROM sessions WHERE "
                   "partition_id = ?1)",
                   intent.partition));
  }
  // The address that a login form would be filled with, where it is theirs
  // (auth::remember_email).
  LANDFALL_TRY(
      device.run("DELETE FROM meta WHERE name = 'session.remembered_email' AND value IN "
                 "(SELECT email FROM sessions WHERE partition_id = ?1)",
                 intent.partition));
  LANDFALL_TRY(device.run("DELETE FROM sessions WHERE partition_id = ?1", intent.partition));
  return {};
}

Status clear_erase_intent(Transaction& device) {
  LANDFALL_TRY(device.run("DELETE FROM meta WHERE name IN (?1, ?2)", kPartition, kOwner));
  return {};
}

Status check_erase(std::int64_t pending, std::int64_t discard_pending) {
  if (pending == discard_pending) return {};
  return failure(Error{
      ErrorClass::refused, "partition.pending",
      std::to_string(pending) + " operations have no verdict yet; name that number to give them up",
      "params.discard_pending"});
}

}  // namespace landfall::store
