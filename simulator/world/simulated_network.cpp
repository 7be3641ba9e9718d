#include "simulator/world/simulated_network.hpp"

#include <string>
#include <utility>

#include "engine/http/content_coding.hpp"
#include "simulator/world/virtual_phone.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

constexpr Duration kRefusedAfter{40};

http::Answer failed(http::TransportFailure failure) { return {std::nullopt, failure}; }

}  // namespace

SimulatedNetwork::SimulatedNetwork(VirtualWorld& world, VirtualPhone& phone, std::uint64_t seed)
    : world_(world),
      phone_(phone),
      faults_(
          Random::stream(seed, "network/" + phone.name()),
          [&world]() -> const faults::FaultPlan& { return world.plan(); },
          [&world](Fault fault) { world.count(fault); }),
      hooks_{[&world, &phone](const http::Request&) {
               world.backend().revoke_access_tokens(phone.user_id());
             },
             [&world] { world.backend().purge_history(); }, nullptr} {}

void SimulatedNetwork::note(const Call& call, std::string_view what) {
  world_.trace(phone_, what, call.request.method + " " + call.request.target);
}

void SimulatedNetwork::start(std::uint64_t number, const http::Request& request, Duration timeout,
                             std::size_t response_bytes_max, Done done) {
  // What the actors of a dead process still hand over while they unwind never leaves.
  if (phone_.disk().is_dead()) return;
  auto call = std::make_shared<Call>(Call{number, request, response_bytes_max, std::move(done)});
  if (up_) call->fate = faults_.begin(request.target);
  open_.emplace(number, call);
  note(*call, "sends");
  world_.observe_request(phone_, request);
  if (!up_ || faults_.strikes(call->fate, Fault::refused)) {
    world_.after(kRefusedAfter,
                 [this, call] { finish(call, failed(http::TransportFailure::not_sent)); });
    return;
  }
  world_.after(timeout, [this, call] { finish(call, failed(http::TransportFailure::silent)); });
  if (faults_.strikes(call->fate, Fault::lost_request)) return;
  const Duration latency = faults_.draw_latency(call->fate);
  ++travelling_;
  world_.after(latency, [this, call] { arrive(call); });
  const auto behind = faults_.draw_duplicate(call->fate);
  if (!behind) return;
  ++travelling_;
  world_.after(latency + *behind, [this, call] {
    --travelling_;
    note(*call, "arrives twice");
    (void)ask_backend(*call);
  });
}

void SimulatedNetwork::arrive(const SharedCall& call) {
  --travelling_;
  // A spell that began while it travelled swallows it.
  if (!up_) return;
  http::Response response = decide(call);
  if (faults_.strikes(call->fate, Fault::lost_answer)) return note(*call, "answer lost");
  const Duration latency = faults_.draw_answer_latency(call->fate);
  world_.after(latency, [this, call, response = std::move(response)]() mutable {
    if (up_) send_back(call, std::move(response));
  });
}

http::Response SimulatedNetwork::ask_backend(const Call& call) {
  return world_.backend().handle(http::wire_form(call.request, compressor_), world_.now());
}

http::Response SimulatedNetwork::decide(const SharedCall& call) {
  if (auto instead = faults_.answer_instead(call->fate, faults::is_stamped(call->request),
                                            world_.server_is_down())) {
    return *std::move(instead);
  }
  faults_.meddle(call->fate, call->request, hooks_);
  http::Response response = ask_backend(*call);
  note(*call, "status " + std::to_string(response.status));
  return faults_.answer_late(call->fate).value_or(std::move(response));
}

void SimulatedNetwork::send_back(const SharedCall& call, http::Response response) {
  if (response.body.size() > call->response_bytes_max) {
    return finish(call, failed(http::TransportFailure::too_large));
  }
  const auto body = faults_.draw_body(call->fate);
  if (body == faults::BodyFate::cut) return finish(call, failed(http::TransportFailure::cut));
  faults_.strike_body(call->fate, body, response);
  http::Answer answer{std::move(response), std::nullopt};
  if (call->request.accepts_gzip)
    answer = http::in_clear(std::move(answer), call->response_bytes_max, decompressor_);
  finish(call, std::move(answer));
}

void SimulatedNetwork::finish(const SharedCall& call, http::Answer answer) {
  if (std::exchange(call->over, true)) return;
  open_.erase(call->number);
  note(*call,
       answer.response ? "hears " + std::to_string(answer.response->status) : "hears nothing");
  world_.observe_answer(phone_, call->request, answer);
  call->done(std::move(answer));
}

void SimulatedNetwork::cancel(std::uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  const SharedCall call = found->second;
  call->over = true;
  open_.erase(found);
  world_.observe_cancel(phone_, call->request);
}

void SimulatedNetwork::forget_calls() {
  for (auto& [number, call] : open_) call->over = true;
  open_.clear();
}

}  // namespace landfall::world
