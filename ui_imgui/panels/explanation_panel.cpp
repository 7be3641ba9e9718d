#include "ui_imgui/panels/explanation_panel.hpp"

#include <array>
#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

const OperationView* find_operation(const Snapshot& snapshot, const std::string& id) {
  for (const auto& lane : snapshot.lanes) {
    for (const auto& operation : lane.operations) {
      if (operation.id == id) return &operation;
    }
  }
  return nullptr;
}

// The first cause is the state itself. Each of the others can be asked about.
void draw_causes(const ExplanationView& explanation, Commands& commands) {
  muted_text("Held by");
  ImGui::SameLine(em(7.5F));
  const auto& causes = explanation.causes;
  if (causes.size() < 2) return text("nothing holds it");
  for (std::size_t i = 1; i < causes.size(); ++i) {
    const std::string words = causes[i] + (i + 1 < causes.size() ? ", " : "");
    if (i > 1) ImGui::SameLine(0, 0);
    if (pressed_text(palette().text, fitted(words, ImGui::GetContentRegionAvail().x)))
      commands.push_back(ExplainCode{causes[i]});
  }
}

std::string next_text(const ExplanationView& explanation, std::int64_t now_ms) {
  if (!explanation.next_attempt_ms) return "none by itself";
  return until_text(*explanation.next_attempt_ms, now_ms) + ", at " +
         time_text(*explanation.next_attempt_ms);
}

constexpr std::array<const char*, 4> kWords{"Retry", "Hand in anew", "Cancel", "Discard"};

void draw_words(const OperationView& operation, Commands& commands) {
  const std::string& id = operation.id;
  const std::array<bool, 4> offered{operation.can_retry, operation.can_supersede,
                                    operation.can_cancel, operation.can_discard};
  float width = 0;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (offered[i]) width += button_width(kWords[i]) + ImGui::GetStyle().ItemSpacing.x;
  }
  ImGui::SameLine();
  align_right(width);
  const auto offer = [&](std::size_t word, Weight weight) {
    if (!offered[word]) return false;
    const bool pressed = button(kWords[word], weight);
    ImGui::SameLine();
    return pressed;
  };
  if (offer(0, Weight::strong)) commands.push_back(RetryOperation{id});
  if (offer(1, Weight::strong)) commands.push_back(SupersedeOperation{id});
  if (offer(2, Weight::plain)) commands.push_back(CancelOperation{id});
  if (offer(3, Weight::danger)) commands.push_back(DiscardOperation{id});
  ImGui::NewLine();
}

}  // namespace

void draw_explanation_panel(const Snapshot& snapshot, Commands& commands) {
  const auto& explanation = snapshot.explanation;
  const OperationView* operation =
      explanation ? find_operation(snapshot, explanation->operation) : nullptr;
  if (operation == nullptr) {
    hint(
        "Select an operation above to read why it waits, when it goes out next, and what would "
        "help.");
    if (link("What does a code mean?")) commands.push_back(ExplainCode{});
    return;
  }
  const std::int64_t now_ms = snapshot.clock.now_ms;
  ImGui::SameLine(0, em(0.9F));
  text(operation->action + "  " + explanation->lane_title);
  ImGui::SameLine();
  badge(state_color(operation->state),
        explanation->causes.empty() ? operation->state : explanation->causes.front());
  draw_words(*operation, commands);
  draw_causes(*explanation, commands);
  row("Next attempt", palette().text, next_text(*explanation, now_ms));
  row("Would help", palette().accent,
      explanation->would_help.empty() ? "nothing is needed" : explanation->would_help);
}

}  // namespace landfall::ui
