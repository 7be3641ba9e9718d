#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/base/secure_random.hpp"
#include "simulator/demo/demo_phone.hpp"
#include "simulator/demo/display.hpp"
#include "simulator/demo/narrator.hpp"
#include "simulator/demo/record.hpp"

namespace landfall::demo {

// What a user means to do, and where the story leads with it.
struct Intent {
  std::string label;
  EntityKey entity;
  std::string action;
  nlohmann::json payload;
  std::string expected = "applied";
};

// The person at the phone: works, waits, and does what people do about trouble. What needs the
// server and does not reach it is tried again, an operation whose retries are spent is retried by
// hand, and a session that ended is begun anew; so a run comes to its end on a busy machine too.
// Errors of every call: demo.deadline, and what the engine refuses that it should not.
class User final {
 public:
  using Done = std::function<bool(const PhoneState&)>;

  // What is given outlives the user.
  User(DemoPhone& phone, const glue::DeviceClock& clock, Display& display, Narrator& narrator)
      : phone_(phone), clock_(clock), display_(display), narrator_(narrator) {}

  void says(const std::string& text) { display_.say(Who::user, text); }

  [[nodiscard]] Status log_in();
  [[nodiscard]] Status hand_in(const Intent& intent);
  [[nodiscard]] Result<std::vector<nlohmann::json>> read(const std::string& type);
  [[nodiscard]] Status refresh(const std::vector<EntityKey>& entities);
  // As long as it takes to try again, or to think of the next thing.
  [[nodiscard]] Status pause();
  // Waits, and does what is to be done meanwhile.
  [[nodiscard]] Status tend_until(const std::string& what, const Done& done);

  [[nodiscard]] std::string make_id();
  // What the phone has acknowledged.
  [[nodiscard]] const std::vector<OperationRecord>& accepted() const { return accepted_; }
  // Every operation that was accepted has a verdict.
  [[nodiscard]] bool is_settled(const PhoneState& state) const;

 private:
  [[nodiscard]] Status ask_again(const std::string& request, const nlohmann::json& params);
  [[nodiscard]] Status tend(const PhoneState& state);

  DemoPhone& phone_;
  const glue::DeviceClock& clock_;
  Display& display_;
  Narrator& narrator_;
  LibsodiumRandom random_;  // ids
  std::vector<OperationRecord> accepted_;
};

}  // namespace landfall::demo
