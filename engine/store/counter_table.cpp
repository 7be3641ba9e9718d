#include "engine/store/counter_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

Result<std::int64_t> stored_value(const Reader& reader, std::string_view name) {
  if (const auto late = reader.late_counter(name)) return *late;
  if (const auto known = reader.known_counter(name)) return *known;
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT value FROM counters WHERE name = ?1", name));
  LANDFALL_TRY_ASSIGN(const auto value, rows.first([](const Rows& row) { return row.integer(0); }));
  return value.value_or(0);
}

}  // namespace

Result<std::int64_t> CounterTable::get(const Reader& reader, std::string_view name) {
  OpenCounters* open = reader.open_counters();
  if (open == nullptr) return stored_value(reader, name);
  OpenCounter& counter = open->named(name);
  if (!counter.stored) {
    LANDFALL_TRY_ASSIGN(counter.stored, stored_value(reader, name));
  }
  return *counter.stored + counter.difference;
}

Status CounterTable::set(Transaction& tx, std::string_view name, std::int64_t value) {
  LANDFALL_TRY(
      tx.run("INSERT INTO counters (name, value) VALUES (?1, ?2) "
             "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
             name, value));
  OpenCounter& counter = tx.open_counters()->named(name);
  counter.stored = value;
  counter.difference = 0;
  return {};
}

void CounterTable::add(Transaction& tx, const CounterChange& change) {
  tx.open_counters()->named(change.name).difference += change.difference;
}

void CounterTable::set_late(Transaction& tx, std::string_view name, std::int64_t value) {
  OpenCounter& counter = tx.open_counters()->named(name);
  counter.stored = value;
  counter.is_late = true;
}

Status CounterTable::write_open(Transaction& tx) {
  for (OpenCounter& counter : tx.open_counters()->all()) {
    if (counter.difference == 0) continue;
    LANDFALL_TRY(
        tx.run_unseen("INSERT INTO counters (name, value) VALUES (?1, ?2) "
                      "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                      counter.name, counter.difference));
  }
  return {};
}

}  // namespace landfall::store
