#include "simulator/world/simulated_network.hpp"

#include <array>
#include <string>
#include <utility>

#include "simulator/world/phone.hpp"
#include "simulator/world/world.hpp"

namespace landfall::world {
namespace {

using faults::Fault;

constexpr Duration kRefusedAfter{40};

http::Answer failed(http::TransportFailure failure) { return {std::nullopt, failure}; }

http::Response error_response(int status, std::string code) {
  return {status,
          {{"Content-Type", "application/json"}},
          R"({"error":{"code":")" + std::move(code) + R"(","message":"injected","details":{}}})"};
}

}  // namespace

SimulatedNetwork::SimulatedNetwork(World& world, Phone& phone, std::uint64_t seed)
    : world_(world), phone_(phone), random_(Random::stream(seed, "network/" + phone.name())) {}

bool SimulatedNetwork::strikes(Fault fault) {
  const double chance = world_.plan().chance_of(fault);
  if (chance <= 0.0 || !random_.chance(chance)) return false;
  world_.count(fault);
  return true;
}

Duration SimulatedNetwork::draw_latency() {
  const auto& plan = world_.plan();
  if (strikes(Fault::slow)) return Duration{random_.between(2'000, 45'000)};
  return Duration{random_.between(plan.latency_low.count(), plan.latency_high.count())};
}

void SimulatedNetwork::note(const Call& call, std::string_view what) {
  world_.trace(phone_, what, call.request.method + " " + call.request.target);
}

void SimulatedNetwork::start(std::uint64_t number, const http::Request& request, Duration timeout,
                             std::size_t response_bytes_max, Done done) {
  auto call = std::make_shared<Call>(Call{number, request, response_bytes_max, std::move(done)});
  open_.emplace(number, call);
  note(*call, "sends");
  world_.observe_request(phone_, request);
  if (!up_ || strikes(Fault::refused)) {
    world_.after(kRefusedAfter,
                 [this, call] { finish(call, failed(http::TransportFailure::not_sent)); });
    return;
  }
  world_.after(timeout, [this, call] { finish(call, failed(http::TransportFailure::silent)); });
  if (strikes(Fault::lost_request)) return;
  const Duration latency = draw_latency();
  ++travelling_;
  world_.after(latency, [this, call] { arrive(call); });
  if (!strikes(Fault::duplicate_request)) return;
  const Duration behind{random_.between(0, 5'000)};
  ++travelling_;
  world_.after(latency + behind, [this, call] {
    --travelling_;
    note(*call, "arrives twice");
    (void)world_.backend().handle(call->request, world_.now());
  });
}

void SimulatedNetwork::arrive(const SharedCall& call) {
  --travelling_;
  // A spell that began while it travelled swallows it.
  if (!up_) return;
  http::Response response = decide(call);
  if (strikes(Fault::lost_answer)) return note(*call, "answer lost");
  const Duration latency = draw_latency();
  world_.after(latency, [this, call, response = std::move(response)]() mutable {
    if (up_) send_back(call, std::move(response));
  });
}

http::Response SimulatedNetwork::decide(const SharedCall& call) {
  static constexpr std::array<int, 4> kServerErrors = {500, 502, 503, 504};
  if (world_.server_is_down()) return error_response(kServerErrors[random_.below(4)], "DOWN");
  if (strikes(Fault::server_error))
    return error_response(kServerErrors[random_.below(4)], "INJECTED");
  if (strikes(Fault::retry_after)) {
    const int status = random_.chance(0.5) ? 429 : 503;
    const auto seconds = random_.between(1, 90);
    http::Response response = error_response(status, "SLOW_DOWN");
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
    return response;
  }
  const bool stamped = http::find_header(call->request.headers, "Authorization").has_value();
  if (stamped && strikes(Fault::unauthorized)) return error_response(401, "TOKEN_INVALID");
  if (stamped && strikes(Fault::revoked_tokens))
    world_.backend().revoke_access_tokens(phone_.user_id());
  if (strikes(Fault::history_purged)) world_.backend().purge_history();
  http::Response response = world_.backend().handle(call->request, world_.now());
  note(*call, "status " + std::to_string(response.status));
  if (strikes(Fault::late_error))
    return error_response(kServerErrors[random_.below(4)], "INJECTED_LATE");
  return response;
}

void SimulatedNetwork::send_back(const SharedCall& call, http::Response response) {
  if (response.body.size() > call->response_bytes_max) {
    return finish(call, failed(http::TransportFailure::too_large));
  }
  if (strikes(Fault::cut_body)) {
    const bool noticed = random_.chance(0.5);  // by its length; else the text simply ends
    if (noticed) return finish(call, failed(http::TransportFailure::cut));
    response.body.resize(response.body.size() / 2);
  } else if (strikes(Fault::garbage_body)) {
    static const std::array<std::string, 4> kGarbage = {
        "<html><body>Welcome to the portal</body></html>", "", "{\"ok\":true}", "[1,2,3]"};
    response.status = 200;
    response.body = kGarbage[random_.below(4)];
  }
  finish(call, {std::move(response), std::nullopt});
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
  found->second->over = true;
  open_.erase(found);
}

void SimulatedNetwork::forget_calls() {
  for (auto& [number, call] : open_) call->over = true;
  open_.clear();
}

}  // namespace landfall::world
