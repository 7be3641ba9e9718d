#include "simulator/phone/secret_file.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::phone {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20U;

std::string reason() { return std::generic_category().message(errno); }

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A new file, on the disk before it returns.
bool write_new_file(const std::string& path, std::string_view text) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const bool written = write_all(descriptor, text) && ::fsync(descriptor) == 0;
  return (::close(descriptor) == 0) && written;
}

bool sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

tl::unexpected<Error> unreadable(const std::string& path, const std::string& why) {
  return failure(ErrorClass::refused, "secret.unreadable", quote_input(path) + ": " + why);
}

}  // namespace

Result<SecretFile> SecretFile::open(const std::string& path) {
  SecretFile file(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return file;
    return unreadable(path, reason());
  }
  if ((status.st_mode & 0077U) != 0)
    return unreadable(path, "others may read it; its mode must be 600");
  std::ifstream stream(path);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) return unreadable(path, "cannot be read");
  const auto json = parse_json(text.str(), {kFileBytesMax, 2});
  if (!json || !json->is_object()) return unreadable(path, "is not a JSON object");
  for (const auto& [name, value] : json->items()) {
    if (!value.is_string()) return unreadable(path, "holds something that is no string");
    file.secrets_[name] = value.get<std::string>();
  }
  return file;
}

std::optional<std::string> SecretFile::read(const std::string& name) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return std::nullopt;
  return found->second;
}

Status SecretFile::write(const std::string& name, const std::string& value) {
  auto changed = secrets_;
  changed[name] = value;
  return replace(std::move(changed));
}

Status SecretFile::remove(const std::string& name) {
  auto changed = secrets_;
  changed.erase(name);
  return replace(std::move(changed));
}

Status SecretFile::replace(std::map<std::string, std::string> changed) {
  const std::string next = path_ + ".new";
  if (!write_new_file(next, dump_json(Json(changed))) ||
      std::rename(next.c_str(), path_.c_str()) != 0 || !sync_folder_of(path_)) {
    return failure(ErrorClass::refused, "secret.unwritable", quote_input(path_) + ": " + reason());
  }
  secrets_ = std::move(changed);
  return {};
}

}  // namespace landfall::phone
