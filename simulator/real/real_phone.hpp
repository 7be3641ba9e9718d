#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "mobile_glue/device_clock.hpp"
#include "mobile_glue/open.hpp"
#include "simulator/faults/fault_script.hpp"
#include "simulator/net/backend_server.hpp"
#include "simulator/net/closed_port.hpp"
#include "simulator/net/fault_proxy.hpp"
#include "simulator/real/tapped_sockets.hpp"
#include "simulator/world/phone.hpp"

namespace landfall::world {

class RealWorld;

// A phone as it is on a device: the engine on its thread pool over the device's own edges, its
// files in a folder, its sockets to a fault proxy of its own before the backend.
class RealPhone final : public Phone {
 public:
  // Errors: server.port.
  [[nodiscard]] static Result<std::unique_ptr<RealPhone>> make(RealWorld& world, std::string name,
                                                               Account account);
  ~RealPhone() override;

  void boot() override;
  // Its process ends, in order: what it was asked for and has not answered is never answered, as
  // when it is killed, but nothing on its disk is torn. Requires that it runs.
  void quit();
  void script(faults::ScriptedFault fault) override;
  [[nodiscard]] int scripted() const override;
  void clear_script();
  // Nothing that it was asked for is open, and what it was told of its network it has understood.
  [[nodiscard]] bool is_settled() const;

 private:
  RealPhone(RealWorld& world, std::string name, Account account, net::ClosedPort closed);

  [[nodiscard]] bool network_is_up() const override;
  void change_network(bool up) override;
  [[nodiscard]] glue::Edges make_edges(const host::Config& config);
  [[nodiscard]] bool strikes_refused(const http::Request& request);
  void poll_engine(landfall_engine* engine, std::uint64_t process);
  [[nodiscard]] std::function<void(const http::Request&)> on_request(const actors::Clock& clock);
  [[nodiscard]] TappedSockets::Taps socket_taps(const actors::Clock& clock);
  void shut_down();

  RealWorld& world_;
  const net::ClosedPort closed_;
  std::unique_ptr<net::FaultProxy> proxy_;
  std::uint64_t process_ = 0;  // counts them: what an earlier one still says is not heard
  mutable std::mutex mutex_;  // guards what follows: engines start their calls on threads of theirs
  faults::FaultScript script_;
  bool is_up_ = true;
  std::atomic<bool> is_closed_ = false;
  std::thread poller_;
};

}  // namespace landfall::world
