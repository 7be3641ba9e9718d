#include "engine/store/key_check.hpp"

#include <span>
#include <string>
#include <vector>

#include "engine/base/base64.hpp"
#include "engine/store/database.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kOutbox = "key_check.outbox";
constexpr std::string_view kDocuments = "key_check.documents";
constexpr std::string_view kText = "landfall";

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Status check_one(std::string_view name, const Sealer& key, const std::optional<std::string>& kept) {
  const auto sealed = from_base64(kept.value_or(""));
  if (!sealed || sealed->empty())
    return failure(ErrorClass::corrupt, "store.corrupt", std::string(name) + " is unreadable");
  if (key.open("meta.value", bytes_of(name), *sealed)) return {};
  return failure(ErrorClass::corrupt, "store.wrong_key",
                 std::string(name) + ": the key is not the one that the data is sealed with");
}

struct Kept {
  std::optional<std::string> outbox;
  std::optional<std::string> documents;
};

Result<Kept> read_kept(Database& partition) {
  return partition.read([](const Snapshot& snapshot) -> Result<Kept> {
    Kept kept;
    LANDFALL_TRY_ASSIGN(kept.outbox, MetaTable::get(snapshot, kOutbox));
    LANDFALL_TRY_ASSIGN(kept.documents, MetaTable::get(snapshot, kDocuments));
    return kept;
  });
}

Status keep(Transaction& tx, std::string_view name, Sealer& key) {
  return MetaTable::set(tx, name,
                        to_base64(key.seal("meta.value", bytes_of(name), bytes_of(kText))));
}

}  // namespace

Status check_keys(Database& partition, Sealer& outbox_key, Sealer& documents_key) {
  LANDFALL_TRY_ASSIGN(const Kept kept, read_kept(partition));
  if (!kept.outbox && !kept.documents) {
    const Status written = partition.write("supervisor.key_check", Durability::durable,
                                           [&](Transaction& tx) -> Status {
                                             LANDFALL_TRY(keep(tx, kOutbox, outbox_key));
                                             return keep(tx, kDocuments, documents_key);
                                           });
    // A partition that is older than this serves without until there is room.
    const bool can_wait = written || written.error().kind == ErrorClass::storage_full;
    return can_wait ? Status{} : written;
  }
  LANDFALL_TRY(check_one(kOutbox, outbox_key, kept.outbox));
  return check_one(kDocuments, documents_key, kept.documents);
}

Status check_outbox_key(Database& partition, const Sealer& outbox_key) {
  LANDFALL_TRY_ASSIGN(const Kept kept, read_kept(partition));
  return kept.outbox ? check_one(kOutbox, outbox_key, kept.outbox) : Status{};
}

}  // namespace landfall::store
