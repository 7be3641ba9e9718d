#include "engine/store/foreign_log.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/store/connection.hpp"

namespace landfall::store {
namespace {

// Rows that are written once in the life of a file and that no other file has: a partition's sealed
// key check and an installation's id.
constexpr std::string_view kMark =
    "SELECT value FROM meta WHERE name IN ('install_id', 'key_check.outbox') ORDER BY name";
constexpr std::string_view kCommits = "SELECT value FROM counters WHERE name = 'commit_seq'";

// What a file says of itself, as far as it can be read.
struct Identity {
  std::optional<std::string> mark;
  std::optional<std::int64_t> commits;
};

template <class Read>
auto first_of(Connection& connection, std::string_view sql, Read read)
    -> std::optional<std::invoke_result_t<Read, const Rows&>> {
  auto statement = connection.borrow(sql);
  if (!statement) return std::nullopt;
  Rows rows(std::move(*statement));
  auto found = rows.first(read);
  return found ? std::move(*found) : std::nullopt;
}

Identity identity_of(Connection& connection) {
  Identity identity;
  identity.mark =
      first_of(connection, kMark, [](const Rows& row) { return std::string(row.text(0)); });
  identity.commits = first_of(connection, kCommits, [](const Rows& row) { return row.integer(0); });
  return identity;
}

}  // namespace

Result<bool> has_foreign_log(Connection& through_log, const std::string& path,
                             const std::string& vfs) {
  if (through_log.wal_file_bytes() == 0) return false;
  const auto file = Connection::open_without_log(path, vfs);
  if (!file) return false;
  const Identity alone = identity_of(**file);
  const Identity whole = identity_of(through_log);
  if (const auto& failed = through_log.first_failure()) return failure(*failed);
  return (alone.mark && alone.mark != whole.mark) ||
         (alone.commits && whole.commits.value_or(-1) < *alone.commits);
}

Status refuse_foreign_log(Connection& through_log, const std::string& path,
                          const std::string& vfs) {
  LANDFALL_TRY_ASSIGN(const bool is_foreign, has_foreign_log(through_log, path, vfs));
  if (!is_foreign) return {};
  return failure(ErrorClass::corrupt, "store.corrupt", "the log beside the file is not its own");
}

}  // namespace landfall::store
