#include "ui_imgui/model/story.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace landfall::ui {
namespace {

struct Scene {
  std::int64_t at_s;  // since the world began
  Commands (*act)(const Snapshot& snapshot);
};

// The n-th approval that still waits for a decision on this phone; empty ids are refused.
std::string waiting(const Snapshot& snapshot, std::size_t n) {
  for (const auto& approval : snapshot.approvals) {
    if (approval.status == "pending" && n-- == 0) return approval.id;
  }
  return "";
}

std::string requisition(const Snapshot& snapshot, const std::string& title) {
  const auto found =
      std::find_if(snapshot.requisitions.begin(), snapshot.requisitions.end(),
                   [&](const RequisitionView& each) { return each.title.starts_with(title); });
  return found == snapshot.requisitions.end() ? "" : found->id;
}

// What was tried most often and is not settled.
std::string puzzling(const Snapshot& snapshot) {
  std::string most;
  int attempts = 0;
  for (const auto& lane : snapshot.lanes) {
    for (const auto& operation : lane.operations) {
      if (operation.is_settled || operation.attempts < attempts) continue;
      most = operation.id;
      attempts = operation.attempts;
    }
  }
  return most;
}

constexpr std::array kScenes{
    Scene{0, [](const Snapshot&) -> Commands { return {SetSpeed{60}}; }},
    // A good network.
    Scene{40,
          [](const Snapshot& s) -> Commands {
            return {Approve{waiting(s, 0), "Looks right"}, FetchRequisitions{}};
          }},
    Scene{70,
          [](const Snapshot& s) -> Commands {
            return {CreateRequisition{"Gravel for the access road", "Harbour Bridge"},
                    Reject{waiting(s, 2), "Beyond the budget of this quarter"}};
          }},
    // A bad one.
    Scene{100,
          [](const Snapshot&) -> Commands {
            return {SetFault{"lost_answer", 0.25}, SetFault{"server_error", 0.2},
                    SetFault{"slow", 0.15}};
          }},
    Scene{115,
          [](const Snapshot& s) -> Commands {
            return {Approve{waiting(s, 1), "Looks right"}, Approve{waiting(s, 3), "As agreed"},
                    EditRequisition{requisition(s, "Gravel"), "Gravel and sand", "Two trucks"}};
          }},
    // None at all.
    Scene{210,
          [](const Snapshot&) -> Commands {
            return {SetNetwork{false, true}};
          }},
    Scene{235,
          [](const Snapshot& s) -> Commands {
            return {Approve{waiting(s, 0), "Looks right"},
                    EditRequisition{requisition(s, "Gravel"), "Gravel and sand, 40 t", "By Friday"},
                    CreateRequisition{"Safety helmets", "Metro Depot"}, OtherApproves{}};
          }},
    Scene{265,
          [](const Snapshot& s) -> Commands {
            return {EditRequisition{requisition(s, "Safety"), "Safety helmets, 60", "All sizes"},
                    SubmitRequisition{requisition(s, "Safety")},
                    Reject{waiting(s, 1), "Beyond the budget of this quarter"}};
          }},
    Scene{300, [](const Snapshot&) -> Commands { return {CutPower{}}; }},
    Scene{320, [](const Snapshot&) -> Commands { return {BootPhone{}}; }},
    // The helmets are submitted: the server will reject the edit, and what stands on it waits.
    Scene{345,
          [](const Snapshot& s) -> Commands {
            return {
                CreateRequisition{"Copper cable 4 mm", "Solar Park"},
                Approve{waiting(s, 2), "As agreed"},
                EditRequisition{requisition(s, "Safety"), "Safety helmets, 80", "One spare each"},
                DeleteRequisition{requisition(s, "Safety")}};
          }},
    // Back, to a network that loses answers and a server in trouble.
    Scene{420,
          [](const Snapshot&) -> Commands {
            return {SetNetwork{true, true}, SetFault{"lost_answer", 0.35}};
          }},
    Scene{500, [](const Snapshot&) -> Commands { return {SetServerDown{true}}; }},
    Scene{515,
          [](const Snapshot& s) -> Commands {
            return {Approve{waiting(s, 1), "Looks right"},
                    EditRequisition{requisition(s, "Copper"), "Copper cable 6 mm", "200 m"},
                    OtherAsks{}};
          }},
    Scene{540, [](const Snapshot&) -> Commands { return {KillProcess{}}; }},
    Scene{550, [](const Snapshot&) -> Commands { return {BootPhone{}}; }},
    Scene{580,
          [](const Snapshot&) -> Commands {
            return {SetServerDown{false}, ClearFaults{}};
          }},
    // All is well for a moment; then the server goes down under the last work of the day.
    Scene{645,
          [](const Snapshot& s) -> Commands {
            return {SetServerDown{true}, Approve{waiting(s, 0), "Looks right"},
                    SubmitRequisition{requisition(s, "Copper")}, SetFault{"lost_answer", 0.1}};
          }},
    Scene{675,
          [](const Snapshot& s) -> Commands {
            return {Approve{waiting(s, 1), "As agreed"},
                    EditRequisition{requisition(s, "Gravel"), "Gravel and sand, 60 t", "By Monday"},
                    SubmitRequisition{requisition(s, "Gravel")}};
          }},
    Scene{712, [](const Snapshot& s) -> Commands { return {SelectOperation{puzzling(s)}}; }},
};

}  // namespace

Commands Story::due(const Snapshot& snapshot) {
  Commands commands;
  const std::int64_t second = (snapshot.clock.now_ms - snapshot.clock.start_ms) / 1'000;
  // One scene a frame: each sees what the one before it has done.
  if (next_ < kScenes.size() && kScenes[next_].at_s <= second)
    commands = kScenes[next_++].act(snapshot);
  return commands;
}

}  // namespace landfall::ui
