#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/result.hpp"

namespace landfall::phone {

// A desktop's stand-in for the secure storage of a phone: a JSON file that only its owner can read.
// It protects nothing against that owner. What `write` has said yes to survives a kill and a power
// cut. One process, one thread.
class SecretFile final {
 public:
  // A file that does not exist is empty. Errors: secret.unreadable (also for one that others may
  // read).
  [[nodiscard]] static Result<SecretFile> open(const std::string& path);

  [[nodiscard]] std::optional<std::string> read(const std::string& name) const;
  // Errors: secret.unwritable; the file is then as it was.
  [[nodiscard]] Status write(const std::string& name, const std::string& value);
  // Removing what is not there is no error.
  [[nodiscard]] Status remove(const std::string& name);

 private:
  [[nodiscard]] Status replace(std::map<std::string, std::string> secrets);

  explicit SecretFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::map<std::string, std::string> secrets_;
};

}  // namespace landfall::phone
