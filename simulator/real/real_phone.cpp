#include "simulator/real/real_phone.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "mobile_glue/device_environment.hpp"
#include "simulator/real/real_world.hpp"
#include "simulator/real/tapped_transport.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

constexpr int kPollMs = 1'000;

// A device's edges with taps between the engine and the network.
struct TappedEdges {
  TappedEdges(glue::Edges device_edges, const net::ClosedPort& closed, TappedTransport::Taps taps,
              TappedSockets::Taps socket_taps)
      : device(std::move(device_edges)),
        calls(*device.environment.transport, closed, *device.environment.clock, std::move(taps)),
        sockets(*device.environment.sockets, std::move(socket_taps)) {}

  glue::Edges device;
  TappedTransport calls;
  TappedSockets sockets;
};

net::FaultProxyOptions proxy_options(RealWorld& world, const std::string& user_id) {
  net::FaultProxyOptions options;
  options.seed = world.options().seed;
  options.plan.latency_low = options.plan.latency_high = Duration{0};  // loopback has its own
  options.hooks.revoke_tokens = [&world, user_id](const http::Request&) {
    world.with_backend([&](auto& backend, Instant) { backend.revoke_access_tokens(user_id); });
  };
  options.hooks.purge_history = [&world] {
    world.with_backend([](auto& backend, Instant) { backend.purge_history(); });
  };
  return options;
}

std::string outcome_of(const http::Answer& answer) {
  return answer.response ? "hears " + std::to_string(answer.response->status) : "hears nothing";
}

}  // namespace

RealPhone::RealPhone(RealWorld& world, std::string name, Account account, net::ClosedPort closed)
    : Phone(world, std::move(name), std::move(account), world.options().seed),
      world_(world),
      closed_(std::move(closed)) {}

Result<std::unique_ptr<RealPhone>> RealPhone::make(RealWorld& world, std::string name,
                                                   Account account) {
  LANDFALL_TRY_ASSIGN(auto closed, net::ClosedPort::take());
  std::unique_ptr<RealPhone> phone(
      new RealPhone(world, std::move(name), std::move(account), std::move(closed)));
  LANDFALL_TRY_ASSIGN(phone->proxy_,
                      net::FaultProxy::start(world.server().origin(), world.clock(),
                                             proxy_options(world, phone->user_id())));
  return phone;
}

RealPhone::~RealPhone() {
  if (is_running()) shut_down();
}

// --- the process

void RealPhone::boot() {
  LANDFALL_ASSERT(!is_running());
  begin_life();
  Json text = config(world_.options().profile, world_.folder_of(*this));
  text["origin"] = proxy_->origin();
  char* error = nullptr;
  landfall_engine* const engine =
      glue::open_handle(dump_json(text).c_str(), &error,
                        [this](const host::Config& parsed) { return make_edges(parsed); });
  if (engine == nullptr) {
    world_.violate("boot", name() + " cannot open: " + (error != nullptr ? error : ""));
    landfall_free_text(error);
    return;
  }
  on_opened(engine);
  is_closed_ = false;
  poller_ = std::thread([this, engine, process = ++process_] { poll_engine(engine, process); });
}

void RealPhone::shut_down() {
  landfall_close(end_life("closed"));
  is_closed_ = true;
  poller_.join();
}

// What it had said its host has heard; what it says while it closes nobody hears any more, and what
// it did on the network is seen.
void RealPhone::quit() {
  LANDFALL_ASSERT(is_running());
  world_.hear_all();
  if (!is_running()) return;
  world_.trace(*this, "quits");
  shut_down();
  ++process_;
  world_.hear_all();
  world_.observe_crash(*this, false);
}

void RealPhone::poll_engine(landfall_engine* engine, std::uint64_t process) {
  while (true) {
    const char* const text = landfall_poll(engine, kPollMs);
    if (text != nullptr) {
      world_.post(world_.clock(), [this, process, message = std::string(text)] {
        if (process == process_) on_message(message);
      });
    } else if (is_closed_) {
      return;
    }
  }
}

glue::Edges RealPhone::make_edges(const host::Config& config) {
  auto edges = glue::device_edges(config, world_.clock().pace());
  const actors::Clock& clock = *edges.environment.clock;
  auto tapped = std::make_shared<TappedEdges>(
      std::move(edges), closed_,
      TappedTransport::Taps{
          [this](const http::Request& request) { return strikes_refused(request); },
          on_request(clock),
          [this, &clock](const http::Request& request, const http::Answer& answer, bool refused) {
            world_.post(clock, [this, request, answer, refused] {
              if (refused && answer.failure != http::TransportFailure::not_sent)
                world_.violate("network", name() + "'s connection was not refused");
              world_.trace(*this, outcome_of(answer), request.method + " " + request.target);
              world_.observe_answer(*this, request, answer);
            });
          }},
      socket_taps(clock));
  actors::Environment environment = tapped->device.environment;
  environment.transport = &tapped->calls;
  environment.sockets = &tapped->sockets;
  return {std::move(tapped), std::move(environment)};
}

std::function<void(const http::Request&)> RealPhone::on_request(const actors::Clock& clock) {
  return [this, &clock](const http::Request& request) {
    world_.post(clock, [this, request] {
      world_.trace(*this, "sends", request.method + " " + request.target);
      world_.observe_request(*this, request);
    });
  };
}

TappedSockets::Taps RealPhone::socket_taps(const actors::Clock& clock) {
  const auto note = [this](std::uint64_t socket, const char* what, const std::string& detail) {
    world_.trace(*this, what, std::to_string(socket) + detail);
  };
  return {[this, &clock, note](std::uint64_t socket, const http::Request& request) {
            world_.post(clock, [this, note, socket, request] {
              note(socket, "opens socket", "");
              world_.observe_socket(*this, request);
            });
          },
          [this, &clock, note](std::uint64_t socket, const actors::SocketEvent& event) {
            world_.post(clock, [this, note, socket, event] {
              using Kind = actors::SocketEvent::Kind;
              if (event.kind == Kind::opened) return note(socket, "socket open", "");
              if (event.kind == Kind::text) return world_.observe_hub_text(*this, event.text);
              note(socket, "socket ends", " " + std::to_string(static_cast<int>(event.end)));
            });
          },
          [this, &clock, note](std::uint64_t socket) {
            world_.post(clock, [note, socket] { note(socket, "closes socket", ""); });
          }};
}

// --- the network

bool RealPhone::network_is_up() const {
  const std::lock_guard lock(mutex_);
  return is_up_;
}

void RealPhone::change_network(bool up) {
  {
    const std::lock_guard lock(mutex_);
    is_up_ = up;
  }
  proxy_->set_up(up);
}

void RealPhone::script(faults::ScriptedFault fault) {
  const std::lock_guard lock(mutex_);
  script_.add(std::move(fault));
}

int RealPhone::scripted() const {
  const std::lock_guard lock(mutex_);
  return script_.strikes_left() + proxy_->scripted();
}

void RealPhone::clear_script() {
  const std::lock_guard lock(mutex_);
  script_.clear();
  proxy_->clear_script();
}

// Whether a call is to be struck is decided as it leaves, in the order of the script. What strikes
// it on its way is the proxy's business, which is told just before the call comes by; that the
// connection is refused is the system's, and no proxy would ever see such a call.
bool RealPhone::strikes_refused(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  if (!is_up_) return false;
  auto fault = script_.take(request.target);
  if (!fault) return false;
  if (fault->fault == Fault::refused) return true;
  fault->path = request.target.substr(0, request.target.find('?'));
  fault->skip = 0;
  fault->times = 1;
  proxy_->script(std::move(*fault));
  return false;
}

bool RealPhone::is_settled() const {
  return !is_running() ||
         (!has_open_requests() && (!was_told_offline() || connectivity() == "offline"));
}

}  // namespace landfall::world
