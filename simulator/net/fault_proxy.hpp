#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/http/message.hpp"
#include "mobile_glue/device_clock.hpp"
#include "simulator/faults/fault_plan.hpp"
#include "simulator/faults/network_faults.hpp"
#include "simulator/faults/scripted_fault.hpp"

namespace landfall::net {

// A request that arrived at the proxy whole.
struct ProxiedRequest {
  Instant at;
  std::uint64_t call = 0;  // 1, 2, … in order of arrival
  const http::Request& request;
};

// What became of it, as a phone that waits is told: the response that leaves, `cut`, or `silent`
// when nothing leaves.
struct ProxiedAnswer {
  Instant at;
  std::uint64_t call = 0;
  const http::Request& request;
  const http::Answer& answer;
};

struct StruckFault {
  Instant at;
  faults::Fault fault = faults::Fault::slow;
  const http::Request* request = nullptr;  // null for a fault that strikes no call
};

// Called on the proxy's thread, in the order in which things happen; they may call the proxy. An
// empty one looks away.
struct FaultProxyObserver {
  std::function<void(const ProxiedRequest&)> on_request;
  std::function<void(const ProxiedAnswer&)> on_answer;
  std::function<void(const StruckFault&)> on_fault;
};

struct FaultProxyOptions {
  std::uint64_t seed = 1;
  faults::FaultPlan plan = faults::FaultPlan::none();
  // Called on the proxy's thread; they may wait for the server's (BackendServer::with_backend).
  faults::ServerHooks hooks;
  FaultProxyObserver observer;
};

// A bad network on loopback: an HTTP server in front of another one that strikes calls with the
// faults of simulator/faults, by the same decisions as its virtual twin world::SimulatedNetwork.
//
//   refused            the connection is reset once the request was read, and nothing is forwarded.
//                      A phone cannot tell this from a lost answer; what the system itself refuses
//                      is set_up(false)
//   lost_request       read, never forwarded, never answered
//   lost_answer        forwarded, decided, never answered
//   duplicate_request  forwarded twice
//   cut_body           the promised length and half of it, then the end; or, unnoticed, half the
//                      text under its right length
//   server_down        every call is answered 5xx
//   offline_spell      set_up(false)
//   hub_cut            a tunnel is reset at both ends
//   hub_silent         a tunnel swallows what travels, both ways
//   the others         as their names say, in the server's place or to its answer
//
// An upgrade that the server answers with 101 becomes a tunnel of bytes both ways; one that it
// refuses, or that is struck before it arrives, is a call like others. It is never doubled.
//
// The plan's spells (offline, server_down) and what others do to documents are drawn in time. Every
// delay is engine time: the clock's speed shortens it. Any thread, but destroyed by none of its
// own.
class FaultProxy final {
 public:
  // Listens on 127.0.0.1, on a port of its own choice, when it returns. The clock outlives the
  // proxy. Errors: origin.invalid, server.port.
  [[nodiscard]] static Result<std::unique_ptr<FaultProxy>> start(const std::string& upstream_origin,
                                                                 const glue::DeviceClock& clock,
                                                                 FaultProxyOptions options = {});

  // Closes every connection; when it returns its thread is gone and no observer is called.
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string origin() const;  // "http://127.0.0.1:<port>"

  // Requires a fault that can strike a call, and the hook that it needs.
  void script(faults::ScriptedFault fault);
  void clear_script();
  // Scripted strikes that are still to come.
  [[nodiscard]] int scripted() const;
  // Requests that the server is deciding or may still hear of, the second of a doubled one too.
  [[nodiscard]] int travelling() const;
  // From the next decision on. A spell that is under way ends, and new ones are drawn.
  void set_plan(faults::FaultPlan plan);

  // Down: the system refuses connections, and the open ones are reset, tunnels at both ends; what
  // had reached the server is still decided there. Up again on the same port.
  void set_up(bool up);
  void set_server_down(bool down);

  [[nodiscard]] faults::FaultCounts counts() const;

 private:
  class Loop;
  explicit FaultProxy(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace landfall::net
