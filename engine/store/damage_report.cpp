#include "engine/store/damage_report.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/salvage.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kPrefix = "damage.";
constexpr JsonLimits kLimits{4'096, 4};

}  // namespace

DamageReport damaged_device(std::string kept_as) {
  const Json data{{"database", "device"}, {"kept_as", kept_as}};
  return {std::move(kept_as), data.dump()};
}

DamageReport damaged_partition(std::string kept_as, const Salvaged& operations) {
  const Json data{{"database", "partition"},
                  {"kept_as", kept_as},
                  {"recovered", operations.recovered},
                  {"lost", operations.lost ? Json(*operations.lost) : Json()}};
  return {std::move(kept_as), data.dump()};
}

std::string DamageReports::name(const DamageReport& report) {
  return std::string(kPrefix) + report.kept_as;
}

Result<std::vector<DamageReport>> DamageReports::untold(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select(kSelect));
  return rows.all([](const Rows& row) {
    std::string kept_as{row.text(0).substr(kPrefix.size())};
    // One that was taken over from a damaged file may have come to harm there.
    const Json data = parse_json(row.text(1), kLimits).value_or(Json{{"kept_as", kept_as}});
    return DamageReport{std::move(kept_as), data.dump()};
  });
}

Status DamageReports::set_told(Transaction& tx, const DamageReport& report) {
  return MetaTable::remove(tx, name(report));
}

}  // namespace landfall::store
