#include "engine/store/quarantine.hpp"

namespace landfall::store {
namespace {

std::string log_of(const std::string& path) { return path + "-wal"; }

constexpr const char* kFolder = "quarantine";

std::string folder_of(const Replacement& replacement) {
  return replacement.directory + "/" + kFolder;
}

// "partitions/one.db" -> "one-"
std::string stem_of(const Replacement& replacement) {
  const std::string name = replacement.path.substr(replacement.path.rfind('/') + 1);
  return name.substr(0, name.rfind('.')) + "-";
}

// Below the engine's directory: "quarantine/one-1767583800000.db". Two within a millisecond are
// told apart.
std::string new_kept_name(Files& files, const Replacement& replacement) {
  const std::string stem = std::string(kFolder) + "/" + stem_of(replacement);
  std::int64_t mark = replacement.now.unix_ms;
  while (files.size_of(replacement.directory + "/" + stem + std::to_string(mark) + ".db")) ++mark;
  return stem + std::to_string(mark) + ".db";
}

// That of the database's own file that was set aside last.
std::string last_kept_name(Files& files, const Replacement& replacement) {
  const std::string stem = stem_of(replacement);
  std::string last;
  for (const std::string& name : files.list(folder_of(replacement))) {
    if (name.starts_with(stem) && name.ends_with(".db")) last = name;
  }
  return last.empty() ? new_kept_name(files, replacement) : std::string(kFolder) + "/" + last;
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
Status put_in_place(Files& files, const Replacement& replacement, const std::string& kept_as) {
  const std::string log = log_path(replacement);
  if (files.size_of(log))
    LANDFALL_TRY(files.rename(log, log_of(replacement.directory + "/" + kept_as)));
  LANDFALL_TRY(files.remove(log));
  return files.rename(new_path(replacement), replacement.path);
}

}  // namespace

Status replace_database(Files& files, const Replacement& replacement,
                        const std::function<Status(const SalvageOrder&)>& salvage) {
  const std::string kept_as = new_kept_name(files, replacement);
  LANDFALL_TRY(clear_new(files, replacement));
  LANDFALL_TRY(salvage(
      {replacement.path, new_path(replacement), replacement.vfs, replacement.now, kept_as}));
  LANDFALL_TRY(files.make_directory(folder_of(replacement)));
  LANDFALL_TRY(files.rename(replacement.path, replacement.directory + "/" + kept_as));
  return put_in_place(files, replacement, kept_as);
}

// The new file was whole before the old one was moved.
Status finish_replacement(Files& files, const Replacement& replacement) {
  const std::string fresh = new_path(replacement);
  if (!files.size_of(fresh) || files.size_of(replacement.path)) return {};
  LANDFALL_TRY(files.make_directory(folder_of(replacement)));
  return put_in_place(files, replacement, last_kept_name(files, replacement));
}

}  // namespace landfall::store
