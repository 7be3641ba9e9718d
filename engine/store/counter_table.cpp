#include "engine/store/counter_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Result<std::int64_t> CounterTable::get(const Reader& reader, std::string_view name) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT value FROM counters WHERE name = ?1", name));
  LANDFALL_TRY_ASSIGN(const auto value, rows.first([](const Rows& row) { return row.integer(0); }));
  return value.value_or(0);
}

Status CounterTable::set(Transaction& tx, std::string_view name, std::int64_t value) {
  LANDFALL_TRY(
      tx.run("INSERT INTO counters (name, value) VALUES (?1, ?2) "
             "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
             name, value));
  return {};
}

Status CounterTable::add(Transaction& tx, const CounterChange& change) {
  LANDFALL_TRY(
      tx.run("INSERT INTO counters (name, value) VALUES (?1, ?2) "
             "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
             change.name, change.difference));
  return {};
}

Status CounterTable::add(Transaction& tx, const CounterChange& one, const CounterChange& other) {
  LANDFALL_TRY(
      tx.run("INSERT INTO counters (name, value) VALUES (?1, ?2), (?3, ?4) "
             "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
             one.name, one.difference, other.name, other.difference));
  return {};
}

}  // namespace landfall::store
