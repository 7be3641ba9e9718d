#include "simulator/real/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace landfall::world {

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  std::string pattern = (parent / "landfall-XXXXXX").string();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    return failure(ErrorClass::refused, "folder.unwritable",
                   "cannot make a temporary folder: " +
                       (error ? error.message() : std::generic_category().message(errno)));
  }
  return TemporaryFolder(pattern);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

}  // namespace landfall::world
