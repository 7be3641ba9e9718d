#pragma once

#include <string>

namespace landfall::bench {

// A folder of its own on a real disk where there is one, gone with it. Tried are the system's
// temporary directory, /var/tmp and the working directory. Throws std::runtime_error.
class Workspace final {
 public:
  Workspace();
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // "ext4"; "unknown" when the system does not tell.
  [[nodiscard]] const std::string& file_system() const { return file_system_; }
  // A file system in memory syncs nothing, so that no figure means anything.
  [[nodiscard]] bool is_in_memory() const;

 private:
  std::string path_;
  std::string file_system_;
};

}  // namespace landfall::bench
