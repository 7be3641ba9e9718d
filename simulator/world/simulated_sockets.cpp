#include "simulator/world/simulated_sockets.hpp"

#include <algorithm>
#include <utility>

#include "simulator/world/virtual_phone.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {
namespace {

using actors::SocketEnd;
using actors::SocketEvent;
using faults::Fault;

constexpr Duration kRefusedAfter{40};
constexpr std::size_t kPiecesMax = 3;

}  // namespace

SimulatedSockets::SimulatedSockets(VirtualWorld& world, VirtualPhone& phone,
                                   faults::NetworkFaults& faults, std::uint64_t seed)
    : world_(world),
      phone_(phone),
      faults_(faults),
      cuts_(Random::stream(seed, "sockets/" + phone.name())) {}

void SimulatedSockets::note(const Socket& socket, std::string_view what, std::string_view detail) {
  world_.trace(phone_, what, std::to_string(socket.number) + " " + std::string{detail});
}

void SimulatedSockets::open_socket(std::uint64_t number, const http::Request& request,
                                   Duration timeout, std::size_t, OnEvent on_event) {
  auto socket = std::make_shared<Socket>();
  socket->number = number;
  socket->on_event = std::move(on_event);
  socket->down_at = socket->up_at = world_.now();
  open_[number] = socket;
  note(*socket, "opens socket");
  world_.observe_socket(phone_, request);
  const auto fate = faults_.begin(request.target);
  if (!phone_.network().is_up() || faults_.strikes(fate, Fault::refused)) {
    world_.after(kRefusedAfter, [this, socket] { end(socket, SocketEnd::refused); });
    return;
  }
  world_.after(timeout, [this, socket] {
    if (!socket->connection) end(socket, SocketEnd::refused);
  });
  if (faults_.strikes(fate, Fault::lost_request)) return;
  world_.after(faults_.draw_latency(fate), [this, socket, request, fate] {
    if (socket->is_over || !phone_.network().is_up()) return;
    const bool is_stamped = faults::is_stamped(request);
    if (const auto instead = faults_.answer_instead(fate, is_stamped, world_.server_is_down()))
      return end(socket, SocketEnd::rejected, instead->status);
    arrive(socket, request);
  });
}

void SimulatedSockets::arrive(const SharedSocket& socket, const http::Request& request) {
  const auto opening = world_.backend().open_hub(request, world_.now());
  if (!opening.connection) return end(socket, SocketEnd::rejected, opening.refusal.status);
  socket->connection = opening.connection;
  world_.after(faults_.draw_latency({}), [this, socket] {
    if (socket->is_over || socket->is_silent) return;
    note(*socket, "socket open");
    socket->on_event({SocketEvent::Kind::opened, {}, {}, 0});
  });
}

// Whatever travels may break the way that it travels on.
bool SimulatedSockets::strike(const SharedSocket& socket) {
  if (!phone_.network().is_up()) socket->is_silent = true;
  if (socket->is_silent) return true;
  if (faults_.strikes({}, Fault::hub_silent)) {
    socket->is_silent = true;
    return true;
  }
  if (!faults_.strikes({}, Fault::hub_cut)) return false;
  end(socket, SocketEnd::cut);
  return true;
}

Instant SimulatedSockets::in_order(Instant& last) {
  last = std::max(last, world_.now() + faults_.draw_latency({}));
  return last;
}

// --- to the phone

bool SimulatedSockets::carry(const backend::HubOutput& output) {
  const auto found = std::find_if(open_.begin(), open_.end(), [&](const auto& open) {
    return open.second->connection == output.connection;
  });
  if (found == open_.end()) return false;
  const SharedSocket socket = found->second;
  for (const auto& text : output.texts) {
    world_.after(in_order(socket->down_at) - world_.now(), [this, socket, text] {
      if (!socket->is_over && !strike(socket)) deliver(socket, text);
    });
  }
  if (!output.close) return true;
  world_.after(in_order(socket->down_at) - world_.now(), [this, socket] {
    if (!socket->is_over && !socket->is_silent) end(socket, SocketEnd::closed);
  });
  return true;
}

void SimulatedSockets::deliver(const SharedSocket& socket, const std::string& text) {
  std::string_view rest = text;
  for (std::size_t piece = 1; piece < kPiecesMax && rest.size() > 1 && cuts_.chance(0.3); ++piece) {
    const std::size_t at = 1 + cuts_.below(rest.size() - 1);
    socket->arrived.emplace_back(rest.substr(0, at));
    rest.remove_prefix(at);
  }
  socket->arrived.emplace_back(rest);
  hand_over(socket);
}

void SimulatedSockets::hand_over(const SharedSocket& socket) {
  if (!socket->is_read || socket->arrived.empty()) return;
  socket->is_read = false;
  std::string text = std::move(socket->arrived.front());
  socket->arrived.pop_front();
  world_.observe_hub_text(phone_, text);
  socket->on_event({SocketEvent::Kind::text, std::move(text), {}, 0});
}

// Not from inside the phone's call.
void SimulatedSockets::read_socket(std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  found->second->is_read = true;
  if (found->second->arrived.empty()) return;
  world_.after(Duration{0}, [this, socket = found->second] {
    if (!socket->is_over) hand_over(socket);
  });
}

// --- to the server

void SimulatedSockets::send_text(std::uint64_t number, std::string text) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  world_.after(in_order(found->second->up_at) - world_.now(),
               [this, socket = found->second, text = std::move(text)] {
                 if (!socket->connection || strike(socket)) return;
                 world_.backend().hear_hub(*socket->connection, text, world_.now());
               });
}

// --- ends

void SimulatedSockets::leave(Socket& socket) {
  const auto connection = std::exchange(socket.connection, std::nullopt);
  if (connection && !socket.is_silent) world_.backend().leave_hub(*connection, world_.now());
}

void SimulatedSockets::end(const SharedSocket& socket, SocketEnd how, int status) {
  if (std::exchange(socket->is_over, true)) return;
  leave(*socket);
  open_.erase(socket->number);
  note(*socket, "socket ends", std::to_string(static_cast<int>(how)));
  socket->on_event({SocketEvent::Kind::ended, {}, how, status});
}

void SimulatedSockets::close_socket(std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  const SharedSocket socket = found->second;
  open_.erase(found);
  socket->is_over = true;
  note(*socket, "closes socket");
  leave(*socket);
}

void SimulatedSockets::forget_all() {
  for (const auto& [number, socket] : std::exchange(open_, {})) {
    socket->is_over = true;
    leave(*socket);
  }
}

}  // namespace landfall::world
