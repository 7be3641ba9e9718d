#include "engine/store/quarantine.hpp"

namespace landfall::store {
namespace {

std::string new_path(const Replacement& replacement) { return replacement.path + ".new"; }

std::string log_of(const std::string& path) { return path + "-wal"; }

// "partition.db" -> "<directory>/quarantine/partition-1767583800000.db". Two within a millisecond
// are told apart.
std::string kept_path(Files& files, const Replacement& replacement) {
  const std::string name = replacement.path.substr(replacement.path.rfind('/') + 1);
  const std::string stem =
      replacement.directory + "/quarantine/" + name.substr(0, name.rfind('.')) + "-";
  std::int64_t mark = replacement.now.unix_ms;
  while (files.size_of(stem + std::to_string(mark) + ".db")) ++mark;
  return stem + std::to_string(mark) + ".db";
}

Status move_if_there(Files& files, const std::string& from, const std::string& to) {
  return files.size_of(from) ? files.rename(from, to) : Status{};
}

}  // namespace

Result<std::string> replace_database(Files& files, const Replacement& replacement,
                                     const std::function<Status(const SalvageOrder&)>& salvage) {
  const std::string fresh = new_path(replacement);
  LANDFALL_TRY(files.remove(log_of(fresh)));
  LANDFALL_TRY(files.remove(fresh));
  LANDFALL_TRY(salvage({replacement.path, fresh, replacement.vfs, replacement.now}));
  LANDFALL_TRY(files.make_directory(replacement.directory + "/quarantine"));
  const std::string kept = kept_path(files, replacement);
  // The log goes before the new file comes: SQLite would take it for the new one's.
  LANDFALL_TRY(files.rename(replacement.path, kept));
  LANDFALL_TRY(move_if_there(files, log_of(replacement.path), log_of(kept)));
  LANDFALL_TRY(files.rename(fresh, replacement.path));
  return kept.substr(replacement.directory.size() + 1);
}

// The new file was whole before the old one was moved.
Status finish_replacement(Files& files, const Replacement& replacement) {
  const std::string fresh = new_path(replacement);
  if (!files.size_of(fresh) || files.size_of(replacement.path)) return {};
  LANDFALL_TRY(files.make_directory(replacement.directory + "/quarantine"));
  LANDFALL_TRY(
      move_if_there(files, log_of(replacement.path), log_of(kept_path(files, replacement))));
  return files.rename(fresh, replacement.path);
}

}  // namespace landfall::store
