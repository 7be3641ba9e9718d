#include "simulator/net/fault_proxy.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/net/proxy_loop.hpp"

namespace landfall::net {

FaultProxy::FaultProxy(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
FaultProxy::~FaultProxy() = default;

Result<std::unique_ptr<FaultProxy>> FaultProxy::start(const std::string& upstream_origin,
                                                      const glue::DeviceClock& clock,
                                                      FaultProxyOptions options) {
  LANDFALL_TRY_ASSIGN(auto upstream, transport::parse_origin(upstream_origin));
  auto loop = std::make_unique<Loop>(std::move(upstream), clock, std::move(options));
  LANDFALL_TRY(loop->listen());
  return std::unique_ptr<FaultProxy>(new FaultProxy(std::move(loop)));
}

std::uint16_t FaultProxy::port() const { return loop_->port(); }

std::string FaultProxy::origin() const {
  return "http://127.0.0.1:" + std::to_string(loop_->port());
}

void FaultProxy::script(faults::ScriptedFault fault) {
  LANDFALL_ASSERT(loop_->can_strike(fault.fault));
  loop_->run([&] { loop_->script().add(std::move(fault)); });
}

void FaultProxy::clear_script() {
  loop_->run([&] { loop_->script().clear(); });
}

int FaultProxy::scripted() const {
  return loop_->run([&] { return loop_->script().strikes_left(); });
}

int FaultProxy::travelling() const {
  return loop_->run([&] { return loop_->travelling(); });
}

void FaultProxy::set_plan(faults::FaultPlan plan) {
  loop_->run([&] { loop_->set_plan(std::move(plan)); });
}

void FaultProxy::set_up(bool up) {
  loop_->run([&] { loop_->set_up(up); });
}

void FaultProxy::set_server_down(bool down) {
  loop_->run([&] { loop_->set_server_down(down); });
}

faults::FaultCounts FaultProxy::counts() const {
  return loop_->run([&] { return loop_->counts(); });
}

}  // namespace landfall::net
