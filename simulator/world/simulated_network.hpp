#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "actors/environment.hpp"
#include "engine/base/random.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/faults/scripted_fault.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

// The network between one phone and the backend: every call's fate is the one that was scripted for
// it, or else is drawn from the plan when it leaves. It survives the phone's process: what was sent
// arrives, but nobody is there for the answer.
class SimulatedNetwork final : public actors::Transport {
 public:
  SimulatedNetwork(World& world, Phone& phone, std::uint64_t seed);

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;

  // Faults of one path strike in the order in which they were scripted; a call has at most one.
  void script(faults::ScriptedFault fault) { script_.push_back(std::move(fault)); }
  void clear_script() { script_.clear(); }
  // Scripted strikes that are still to come.
  [[nodiscard]] int scripted() const;

  void set_up(bool up) { up_ = up; }
  [[nodiscard]] bool is_up() const { return up_; }
  // The phone's process died: nobody waits for the open calls any more.
  void forget_calls();
  [[nodiscard]] std::size_t open_calls() const { return open_.size(); }
  // Whether the server has heard or may still hear from a call of this phone.
  [[nodiscard]] std::size_t travelling() const { return travelling_; }

 private:
  struct Call {
    std::uint64_t number = 0;
    http::Request request;
    std::size_t response_bytes_max = 0;
    Done done;
    std::optional<faults::ScriptedFault> scripted = std::nullopt;
    bool over = false;  // answered, cancelled or forgotten
  };
  using SharedCall = std::shared_ptr<Call>;

  [[nodiscard]] std::optional<faults::ScriptedFault> take_scripted(const std::string& path);
  [[nodiscard]] bool strikes(const Call& call, faults::Fault fault);
  [[nodiscard]] Duration draw_latency(const Call& call);
  [[nodiscard]] Duration draw_answer_latency(const Call& call);
  [[nodiscard]] int server_error_status(const Call& call);
  [[nodiscard]] http::Response retry_after_response(const Call& call);
  [[nodiscard]] std::string garbage(const Call& call);
  void arrive(const SharedCall& call);
  [[nodiscard]] http::Response decide(const SharedCall& call);
  void send_back(const SharedCall& call, http::Response response);
  void finish(const SharedCall& call, http::Answer answer);
  void note(const Call& call, std::string_view what);

  World& world_;
  Phone& phone_;
  Random random_;
  std::list<faults::ScriptedFault> script_;
  bool up_ = true;
  std::map<std::uint64_t, SharedCall> open_;
  std::size_t travelling_ = 0;
};

}  // namespace landfall::world
