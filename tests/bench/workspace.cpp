#include "tests/bench/workspace.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace landfall::bench {
namespace {

namespace fs = std::filesystem;

bool lives_in_memory(const std::string& file_system) {
  return file_system == "tmpfs" || file_system == "ramfs";
}

// The mount whose device is the folder's. A line reads "id parent major:minor root point options
// … - type source options".
std::string file_system_of(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return "unknown";
  const std::string device =
      std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  while (std::getline(mounts, line)) {
    std::istringstream words(line);
    std::string id, parent, numbers, word;
    words >> id >> parent >> numbers;
    if (numbers != device) continue;
    while (words >> word && word != "-") {
    }
    if (words >> word) return word;
  }
  return "unknown";
}

std::vector<std::string> candidates() {
  std::error_code none;
  std::vector<std::string> folders;
  for (const auto& folder :
       {fs::temp_directory_path(none), fs::path("/var/tmp"), fs::current_path(none)}) {
    if (!folder.empty() && ::access(folder.c_str(), W_OK) == 0) folders.push_back(folder.string());
  }
  return folders;
}

std::string choose_parent() {
  const auto folders = candidates();
  if (folders.empty()) throw std::runtime_error("there is no folder that can be written");
  for (const auto& folder : folders) {
    if (!lives_in_memory(file_system_of(folder))) return folder;
  }
  return folders.front();
}

}  // namespace

Workspace::Workspace() {
  const std::string parent = choose_parent();
  std::string pattern = parent + "/landfall-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no folder can be made in " + parent);
  }
  path_ = pattern;
  file_system_ = file_system_of(path_);
}

Workspace::~Workspace() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

bool Workspace::is_in_memory() const { return lives_in_memory(file_system_); }

}  // namespace landfall::bench
