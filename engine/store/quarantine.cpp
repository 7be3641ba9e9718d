#include "engine/store/quarantine.hpp"

namespace landfall::store {
namespace {

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

}  // namespace

std::string new_path(const Replacement& replacement) { return replacement.path + ".new"; }

std::string log_path(const Replacement& replacement) { return log_of(replacement.path); }

Status clear_new(Files& files, const Replacement& replacement) {
  LANDFALL_TRY(files.remove(log_of(new_path(replacement))));
  return files.remove(new_path(replacement));
}

namespace {

// The old log goes before the new file comes, also one that SQLite removed and that a power cut
// could bring back: it would be taken for the new one's.
Status put_in_place(Files& files, const Replacement& replacement, const std::string& kept) {
  const std::string log = log_path(replacement);
  if (files.size_of(log)) LANDFALL_TRY(files.rename(log, log_of(kept)));
  LANDFALL_TRY(files.remove(log));
  return files.rename(new_path(replacement), replacement.path);
}

}  // namespace

Result<std::string> replace_database(Files& files, const Replacement& replacement,
                                     const std::function<Status(const SalvageOrder&)>& salvage) {
  const std::string fresh = new_path(replacement);
  LANDFALL_TRY(clear_new(files, replacement));
  LANDFALL_TRY(salvage({replacement.path, fresh, replacement.vfs, replacement.now}));
  LANDFALL_TRY(files.make_directory(replacement.directory + "/quarantine"));
  const std::string kept = kept_path(files, replacement);
  LANDFALL_TRY(files.rename(replacement.path, kept));
  LANDFALL_TRY(put_in_place(files, replacement, kept));
  return kept.substr(replacement.directory.size() + 1);
}

// The new file was whole before the old one was moved.
Status finish_replacement(Files& files, const Replacement& replacement) {
  const std::string fresh = new_path(replacement);
  if (!files.size_of(fresh) || files.size_of(replacement.path)) return {};
  LANDFALL_TRY(files.make_directory(replacement.directory + "/quarantine"));
  return put_in_place(files, replacement, kept_path(files, replacement));
}

}  // namespace landfall::store
