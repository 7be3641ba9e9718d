#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/faults/fault_script.hpp"

namespace landfall::faults {

// What was scripted for one call; without it the plan is asked at each station of its way.
struct CallFate {
  std::optional<ScriptedFault> scripted = std::nullopt;
};

// What somebody or something does to the server while a call is under way. One that is empty never
// strikes.
struct ServerHooks {
  std::function<void(const http::Request&)> revoke_tokens;  // of the user who makes this call
  std::function<void()> purge_history;
  std::function<void(Random&)> edit_as_other;  // some document
};

// What becomes of an answer's body on its way back.
enum class BodyFate { whole, cut, shortened, garbled };

// Every decision about the fate of a call, for the simulated network and for the fault proxy alike:
// the two differ in how a fault is carried out, never in what it is. Nothing is drawn ahead, so
// that a change of the plan counts at once. One thread.
class NetworkFaults final {
 public:
  using Plan = std::function<const FaultPlan&()>;
  using Struck = std::function<void(Fault)>;

  // `struck` hears of each fault when it strikes.
  NetworkFaults(Random random, Plan plan, Struck struck);

  [[nodiscard]] FaultScript& script() { return script_; }
  [[nodiscard]] const FaultScript& script() const { return script_; }

  // A call leaves.
  [[nodiscard]] CallFate begin(std::string_view target) { return {script_.take(target)}; }
  [[nodiscard]] bool strikes(const CallFate& call, Fault fault);

  // --- on its way there
  [[nodiscard]] Duration draw_latency(const CallFate& call);
  // How long behind the first the same request arrives again; nothing when it does not.
  [[nodiscard]] std::optional<Duration> draw_duplicate(const CallFate& call);

  // --- at the server
  // What is answered in the server's place, before it has decided anything.
  [[nodiscard]] std::optional<http::Response> answer_instead(const CallFate& call, bool is_stamped,
                                                             bool server_is_down);
  void meddle(const CallFate& call, const http::Request& request, const ServerHooks& hooks);
  // What is answered instead of what the server has decided.
  [[nodiscard]] std::optional<http::Response> answer_late(const CallFate& call);

  // --- on its way back
  [[nodiscard]] Duration draw_answer_latency(const CallFate& call);
  [[nodiscard]] BodyFate draw_body(const CallFate& call);
  // Changes a response that draw_body did not leave whole. What is `cut` stays as it is: how it
  // breaks off is the business of whoever sends it.
  void strike_body(const CallFate& call, BodyFate fate, http::Response& response);

 private:
  [[nodiscard]] int server_error_status(const CallFate& call);
  [[nodiscard]] http::Response retry_after_response(const CallFate& call);
  [[nodiscard]] std::string garbage(const CallFate& call);

  Random random_;
  const Plan plan_;
  const Struck struck_;
  FaultScript script_;
};

// Whether a request carries a token, and so can be refused for it.
[[nodiscard]] bool is_stamped(const http::Request& request);

}  // namespace landfall::faults
