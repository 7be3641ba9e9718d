#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "simulator/demo/demo_phone.hpp"
#include "simulator/demo/display.hpp"
#include "simulator/demo/narrator.hpp"
#include "simulator/demo/record.hpp"
#include "simulator/demo/surroundings.hpp"
#include "simulator/demo/user.hpp"

namespace landfall::demo {

// A day of Asha's in short: she logs in and reads, works without a network while somebody else
// changes one of her approvals, gets a bad network back, works on over it, and gets a good one.
// What strikes first is scripted, so that each fault that is promised happens in each run; a plan
// drawn from the seed comes on top.
class Story final {
 public:
  struct Cast {
    Surroundings& around;
    DemoPhone& phone;
    Display& display;
    Narrator& narrator;
  };

  // The cast outlives the story.
  Story(Cast cast, std::uint64_t seed);

  // Errors: demo.deadline, and what the engine refuses that it should not.
  [[nodiscard]] Status play();

  // What the phone has acknowledged, filled in as far as the story knows.
  [[nodiscard]] const std::vector<OperationRecord>& accepted() const { return user_.accepted(); }
  // Those that the story brought about itself, beside the proxy.
  [[nodiscard]] const faults::FaultCounts& own_faults() const { return own_faults_; }

 private:
  [[nodiscard]] Status read_ahead();
  [[nodiscard]] Status go_offline();
  [[nodiscard]] Status work_offline();
  [[nodiscard]] Status look_at_approval();
  [[nodiscard]] Status edit_as_other();
  [[nodiscard]] Status meet_refusals();
  [[nodiscard]] Status meet_bad_network();
  [[nodiscard]] Status work_on();
  [[nodiscard]] Status come_to_rest();

  void tell(const std::string& text) { cast_.display.say(Who::story, text); }

  Cast cast_;
  Random random_;
  User user_;
  faults::FaultCounts own_faults_;
  std::vector<nlohmann::json> approvals_;  // the first three are decided
  nlohmann::json order_;                   // a purchase order
  nlohmann::json requisition_;             // a draft
  EntityKey created_;                      // the requisition that she creates
};

}  // namespace landfall::demo
