#pragma once

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What the host interface's description says of a code: of an error, of a cause that
// operations.explain names, and of any other code where an event or an answer tells of it. Pure.
class CodeBook final {
 public:
  // `api` is the whole of schema/api.json.
  explicit CodeBook(nlohmann::json api) : api_(std::move(api)) {}

  // Spaces around it do not count. A code that is not there is answered with those that contain it,
  // so that a part of one will do.
  [[nodiscard]] CodeView look_up(const std::string& code) const;

 private:
  nlohmann::json api_;
};

}  // namespace landfall::ui
