#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "actors/environment.hpp"
#include "engine/base/random.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

// The network between one phone and the backend: every call's fate is drawn from the plan when it
// leaves. It survives the phone's process: what was sent arrives, but nobody is there for the
// answer.
class SimulatedNetwork final : public actors::Transport {
 public:
  SimulatedNetwork(World& world, Phone& phone, std::uint64_t seed);

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;

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
    bool over = false;  // answered, cancelled or forgotten
  };
  using SharedCall = std::shared_ptr<Call>;

  [[nodiscard]] bool strikes(faults::Fault fault);
  [[nodiscard]] Duration draw_latency();
  void arrive(const SharedCall& call);
  [[nodiscard]] http::Response decide(const SharedCall& call);
  void send_back(const SharedCall& call, http::Response response);
  void finish(const SharedCall& call, http::Answer answer);
  void note(const Call& call, std::string_view what);

  World& world_;
  Phone& phone_;
  Random random_;
  bool up_ = true;
  std::map<std::uint64_t, SharedCall> open_;
  std::size_t travelling_ = 0;
};

}  // namespace landfall::world
