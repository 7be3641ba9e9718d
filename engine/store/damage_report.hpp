#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

struct Salvaged;

// What the host is told of a database that was damaged and replaced (INV-S4). It stands in the one
// that took the place until the host has it, so that nothing is lost in silence when the process
// dies in between; in which case it is told twice.
struct DamageReport {
  std::string kept_as;  // where the damaged file is, below the engine's directory
  std::string data;     // of the event store.corrupt, as JSON text
};

[[nodiscard]] DamageReport damaged_device(std::string kept_as);
[[nodiscard]] DamageReport damaged_partition(std::string kept_as, const Salvaged& operations);

// The reports in a database's table `meta`. Stateless; both kinds of database have the table.
class DamageReports final {
 public:
  // For the salvage, which has statements of its own: name and data of each, the oldest first.
  static constexpr std::string_view kSelect =
      "SELECT name, value FROM meta WHERE name >= 'damage.' AND name < 'damage/' ORDER BY name";
  static constexpr std::string_view kInsert = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)";

  // The name of a report's row.
  [[nodiscard]] static std::string name(const DamageReport& report);
  // What the host is still to be told, the oldest first.
  [[nodiscard]] static Result<std::vector<DamageReport>> untold(const Reader& reader);
  static Status set_told(Transaction& tx, const DamageReport& report);
};

}  // namespace landfall::store
