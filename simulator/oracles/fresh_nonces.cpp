#include "simulator/oracles/fresh_nonces.hpp"

#include <sqlite3.h>

#include <functional>

#include "engine/base/base64.hpp"
#include "engine/store/sealer.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

constexpr std::uint64_t kAllUpTo = 4;
constexpr std::uint64_t kThenEvery = 16;

// An envelope as store::Sealer describes it; versions of keys are small numbers.
constexpr std::size_t kNonceAt = 5;
constexpr std::size_t kNonceBytes = 24;

bool is_envelope(std::string_view bytes) {
  return bytes.size() >= store::kSealOverheadBytes && (bytes[0] == 1 || bytes[0] == 2) &&
         bytes[1] != 0 && bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 0;
}

std::string text_at(sqlite3_stmt* row, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  return {bytes == nullptr ? "" : bytes,
          static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
}

// A few stand as text among names and numbers.
std::string decoded(const std::string& text) {
  const auto bytes = from_base64(text);
  if (!bytes) return {};
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

void for_each_envelope(sqlite3* database, const std::string& table,
                       const std::function<void(const std::string&)>& look) {
  sqlite3_stmt* rows = nullptr;
  if (sqlite3_prepare_v2(database, ("SELECT * FROM " + table).c_str(), -1, &rows, nullptr) !=
      SQLITE_OK)
    return;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(rows); ++i) {
      const int type = sqlite3_column_type(rows, i);
      if (type != SQLITE_BLOB && type != SQLITE_TEXT) continue;
      const std::string value = text_at(rows, i);
      const std::string envelope = type == SQLITE_TEXT ? decoded(value) : value;
      if (is_envelope(envelope)) look(envelope);
    }
  }
  sqlite3_finalize(rows);
}

}  // namespace

bool FreshNonces::is_repeated(std::string_view envelope) {
  const std::size_t value = std::hash<std::string_view>{}(envelope);
  const auto [seen, is_new] =
      seen_.emplace(std::string(envelope.substr(kNonceAt, kNonceBytes)), value);
  return !is_new && seen->second != value;
}

std::vector<std::string> FreshNonces::examine(const world::MemoryDisk& disk) {
  std::vector<std::string> problems;
  copy_.for_each(disk, [&](const std::string& name, sqlite3* database, const std::string&) {
    if (database == nullptr) return;
    const auto tables = all_texts(database, "SELECT name FROM sqlite_schema WHERE type = 'table'")
                            .value_or(std::vector<std::string>{});
    for (const auto& table : tables) {
      std::size_t repeated = 0;
      for_each_envelope(database, table, [&](const std::string& envelope) {
        if (is_repeated(envelope)) ++repeated;
      });
      if (repeated > 0)
        problems.push_back(name + ", " + table + ": " + std::to_string(repeated) +
                           " values have a nonce that another value had");
    }
  });
  return problems;
}

void FreshNonces::judge(world::VirtualWorld& world, world::VirtualPhone& phone) {
  for (const auto& problem : examine(phone.disk()))
    world.violate("INV-X3", phone.name() + " at " + format_rfc3339(world.now()) + ": " + problem);
}

void FreshNonces::on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool) {
  const std::uint64_t crash = ++crashes_;
  if (crash <= kAllUpTo || crash % kThenEvery == 0) judge(world, phone);
}

void FreshNonces::on_end(world::World& world) {
  auto* simulated = dynamic_cast<world::VirtualWorld*>(&world);
  if (simulated == nullptr) return;
  for (auto* phone : simulated->virtual_phones()) judge(*simulated, *phone);
}

}  // namespace landfall::oracles
