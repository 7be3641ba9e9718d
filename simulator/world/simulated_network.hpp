#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "actors/environment.hpp"
#include "engine/base/random.hpp"
#include "engine/http/gzip.hpp"
#include "simulator/faults/network_faults.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

class VirtualPhone;
class VirtualWorld;

// The network between one phone and the backend: every call's fate is the one that was scripted for
// it, or else is drawn from the plan on its way (faults::NetworkFaults). It survives the phone's
// process: what was sent arrives, but nobody is there for the answer. Its twin on real sockets is
// net::FaultProxy.
class SimulatedNetwork final : public actors::Transport {
 public:
  SimulatedNetwork(VirtualWorld& world, VirtualPhone& phone, std::uint64_t seed);

  void start(std::uint64_t call, const http::Request& request, Duration timeout,
             std::size_t response_bytes_max, Done done) override;
  void cancel(std::uint64_t call) override;

  void script(faults::ScriptedFault fault) { faults_.script().add(std::move(fault)); }
  void clear_script() { faults_.script().clear(); }
  // Scripted strikes that are still to come.
  [[nodiscard]] int scripted() const { return faults_.script().strikes_left(); }

  // What decides the fate of whatever leaves this phone, its sockets included.
  [[nodiscard]] faults::NetworkFaults& faults() { return faults_; }
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
    faults::CallFate fate = {};
    bool over = false;  // answered, cancelled or forgotten
  };
  using SharedCall = std::shared_ptr<Call>;

  void arrive(const SharedCall& call);
  [[nodiscard]] http::Response ask_backend(const Call& call);
  [[nodiscard]] http::Response decide(const SharedCall& call);
  void send_back(const SharedCall& call, http::Response response);
  void finish(const SharedCall& call, http::Answer answer);
  void note(const Call& call, std::string_view what);

  VirtualWorld& world_;
  VirtualPhone& phone_;
  faults::NetworkFaults faults_;
  const faults::ServerHooks hooks_;
  // A call is in clear on this side, and travels as its request says.
  http::Compressor compressor_;
  http::Decompressor decompressor_;
  bool up_ = true;
  std::map<std::uint64_t, SharedCall> open_;
  std::size_t travelling_ = 0;
};

}  // namespace landfall::world
