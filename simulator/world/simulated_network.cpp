#include "simulator/world/simulated_network.hpp"

#include <algorithm>
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

int SimulatedNetwork::scripted() const {
  int strikes = 0;
  for (const auto& fault : script_) strikes += fault.times;
  return strikes;
}

std::optional<faults::ScriptedFault> SimulatedNetwork::take_scripted(const std::string& path) {
  const auto found = std::find_if(script_.begin(), script_.end(), [&](const auto& fault) {
    return fault.path.empty() || fault.path == path;
  });
  if (found == script_.end()) return std::nullopt;
  if (found->skip > 0) {
    --found->skip;
    return std::nullopt;
  }
  faults::ScriptedFault taken = *found;
  if (--found->times == 0) script_.erase(found);
  return taken;
}

bool SimulatedNetwork::strikes(const Call& call, Fault fault) {
  if (call.scripted) {
    if (call.scripted->fault != fault) return false;
  } else {
    const double chance = world_.plan().chance_of(fault);
    if (chance <= 0.0 || !random_.chance(chance)) return false;
  }
  world_.count(fault);
  return true;
}

Duration SimulatedNetwork::draw_latency(const Call& call) {
  const auto& plan = world_.plan();
  if (!call.scripted && strikes(call, Fault::slow)) return Duration{random_.between(2'000, 45'000)};
  return Duration{random_.between(plan.latency_low.count(), plan.latency_high.count())};
}

// A scripted slowness strikes the answer: the server has decided, and the phone waits.
Duration SimulatedNetwork::draw_answer_latency(const Call& call) {
  if (call.scripted && strikes(call, Fault::slow))
    return call.scripted->delay.value_or(Duration{20'000});
  return draw_latency(call);
}

int SimulatedNetwork::server_error_status(const Call& call) {
  static constexpr std::array<int, 4> kServerErrors = {500, 502, 503, 504};
  if (call.scripted && call.scripted->status) return *call.scripted->status;
  return kServerErrors[random_.below(4)];
}

http::Response SimulatedNetwork::retry_after_response(const Call& call) {
  int status = random_.chance(0.5) ? 429 : 503;
  auto seconds = random_.between(1, 90);
  if (call.scripted && call.scripted->status) status = *call.scripted->status;
  if (call.scripted && call.scripted->retry_after)
    seconds = call.scripted->retry_after->count() / 1'000;
  http::Response response = error_response(status, "SLOW_DOWN");
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::string SimulatedNetwork::garbage(const Call& call) {
  static const std::array<std::string, 4> kGarbage = {
      "<html><body>Welcome to the portal</body></html>", "", "{\"ok\":true}", "[1,2,3]"};
  if (call.scripted && call.scripted->body) return *call.scripted->body;
  return kGarbage[random_.below(4)];
}

void SimulatedNetwork::note(const Call& call, std::string_view what) {
  world_.trace(phone_, what, call.request.method + " " + call.request.target);
}

void SimulatedNetwork::start(std::uint64_t number, const http::Request& request, Duration timeout,
                             std::size_t response_bytes_max, Done done) {
  auto call = std::make_shared<Call>(Call{number, request, response_bytes_max, std::move(done)});
  if (up_) call->scripted = take_scripted(request.target);
  open_.emplace(number, call);
  note(*call, "sends");
  world_.observe_request(phone_, request);
  if (!up_ || strikes(*call, Fault::refused)) {
    world_.after(kRefusedAfter,
                 [this, call] { finish(call, failed(http::TransportFailure::not_sent)); });
    return;
  }
  world_.after(timeout, [this, call] { finish(call, failed(http::TransportFailure::silent)); });
  if (strikes(*call, Fault::lost_request)) return;
  const Duration latency = draw_latency(*call);
  ++travelling_;
  world_.after(latency, [this, call] { arrive(call); });
  if (!strikes(*call, Fault::duplicate_request)) return;
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
  if (strikes(*call, Fault::lost_answer)) return note(*call, "answer lost");
  const Duration latency = draw_answer_latency(*call);
  world_.after(latency, [this, call, response = std::move(response)]() mutable {
    if (up_) send_back(call, std::move(response));
  });
}

http::Response SimulatedNetwork::decide(const SharedCall& call) {
  if (world_.server_is_down()) return error_response(server_error_status(*call), "DOWN");
  if (strikes(*call, Fault::server_error))
    return error_response(server_error_status(*call), "INJECTED");
  if (strikes(*call, Fault::retry_after)) return retry_after_response(*call);
  const bool stamped = http::find_header(call->request.headers, "Authorization").has_value();
  if (stamped && strikes(*call, Fault::unauthorized)) return error_response(401, "TOKEN_INVALID");
  if (stamped && strikes(*call, Fault::revoked_tokens))
    world_.backend().revoke_access_tokens(phone_.user_id());
  if (strikes(*call, Fault::history_purged)) world_.backend().purge_history();
  http::Response response = world_.backend().handle(call->request, world_.now());
  note(*call, "status " + std::to_string(response.status));
  if (strikes(*call, Fault::late_error))
    return error_response(server_error_status(*call), "INJECTED_LATE");
  return response;
}

void SimulatedNetwork::send_back(const SharedCall& call, http::Response response) {
  if (response.body.size() > call->response_bytes_max) {
    return finish(call, failed(http::TransportFailure::too_large));
  }
  if (strikes(*call, Fault::cut_body)) {
    bool noticed = random_.chance(0.5);  // by its length; else the text simply ends
    if (call->scripted) noticed = call->scripted->is_noticed.value_or(noticed);
    if (noticed) return finish(call, failed(http::TransportFailure::cut));
    response.body.resize(response.body.size() / 2);
  } else if (strikes(*call, Fault::garbage_body)) {
    response.status = 200;
    response.body = garbage(*call);
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
