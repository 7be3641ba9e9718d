#pragma once

#include <map>
#include <string>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The conflict inbox (P-29): what the user saw, what they made of it, and what somebody else did
// meanwhile, field by field. An open one is decided by a word or by a side for each open field; a
// decision is taken back as long as the engine lets it.
class ConflictsPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_conflict(const ConflictView& conflict, Commands& commands);
  void draw_field(const ConflictView& conflict, const ConflictFieldView& field);
  void draw_words(const ConflictView& conflict, Commands& commands);
  [[nodiscard]] std::string& side_of(const ConflictView& conflict, const std::string& field);
  [[nodiscard]] ResolveConflict merged_of(const ConflictView& conflict);

  std::map<std::string, std::map<std::string, std::string>> sides_;  // by conflict, by open field
};

}  // namespace landfall::ui
