#include "simulator/faults/network_faults.hpp"

#include <array>
#include <utility>

namespace landfall::faults {
namespace {

http::Response error_response(int status, std::string code) {
  return {status,
          {{"Content-Type", "application/json"}},
          R"({"error":{"code":")" + std::move(code) + R"(","message":"injected","details":{}}})"};
}

}  // namespace

bool is_stamped(const http::Request& request) {
  return http::find_header(request.headers, "Authorization").has_value();
}

NetworkFaults::NetworkFaults(Random random, Plan plan, Struck struck)
    : random_(random), plan_(std::move(plan)), struck_(std::move(struck)) {}

bool NetworkFaults::strikes(const CallFate& call, Fault fault) {
  if (call.scripted) {
    if (call.scripted->fault != fault) return false;
  } else {
    const double chance = plan_().chance_of(fault);
    if (chance <= 0.0 || !random_.chance(chance)) return false;
  }
  struck_(fault);
  return true;
}

Duration NetworkFaults::draw_latency(const CallFate& call) {
  const auto& plan = plan_();
  if (!call.scripted && strikes(call, Fault::slow)) return Duration{random_.between(2'000, 45'000)};
  return Duration{random_.between(plan.latency_low.count(), plan.latency_high.count())};
}

std::optional<Duration> NetworkFaults::draw_duplicate(const CallFate& call) {
  if (!strikes(call, Fault::duplicate_request)) return std::nullopt;
  return Duration{random_.between(0, 5'000)};
}

std::optional<http::Response> NetworkFaults::answer_instead(const CallFate& call, bool is_stamped,
                                                            bool server_is_down) {
  if (server_is_down) return error_response(server_error_status(call), "DOWN");
  if (strikes(call, Fault::server_error))
    return error_response(server_error_status(call), "INJECTED");
  if (strikes(call, Fault::retry_after)) return retry_after_response(call);
  if (is_stamped && strikes(call, Fault::unauthorized)) return error_response(401, "TOKEN_INVALID");
  return std::nullopt;
}

void NetworkFaults::meddle(const CallFate& call, const http::Request& request,
                           const ServerHooks& hooks) {
  if (hooks.revoke_tokens && is_stamped(request) && strikes(call, Fault::revoked_tokens))
    hooks.revoke_tokens(request);
  if (hooks.purge_history && strikes(call, Fault::history_purged)) hooks.purge_history();
  // Others work whether a phone calls or not: what the plan says of them is drawn in time, not for
  // each call.
  if (hooks.edit_as_other && call.scripted && strikes(call, Fault::edited_by_other))
    hooks.edit_as_other(random_);
}

std::optional<http::Response> NetworkFaults::answer_late(const CallFate& call) {
  if (!strikes(call, Fault::late_error)) return std::nullopt;
  return error_response(server_error_status(call), "INJECTED_LATE");
}

// A scripted slowness strikes the answer: the server has decided, and the phone waits.
Duration NetworkFaults::draw_answer_latency(const CallFate& call) {
  if (call.scripted && strikes(call, Fault::slow))
    return call.scripted->delay.value_or(Duration{20'000});
  return draw_latency(call);
}

BodyFate NetworkFaults::draw_body(const CallFate& call) {
  if (strikes(call, Fault::cut_body)) {
    bool noticed = random_.chance(0.5);  // by its length; else the text simply ends
    if (call.scripted) noticed = call.scripted->is_noticed.value_or(noticed);
    return noticed ? BodyFate::cut : BodyFate::shortened;
  }
  return strikes(call, Fault::garbage_body) ? BodyFate::garbled : BodyFate::whole;
}

void NetworkFaults::strike_body(const CallFate& call, BodyFate fate, http::Response& response) {
  if (fate == BodyFate::shortened) response.body.resize(response.body.size() / 2);
  if (fate != BodyFate::garbled) return;
  response.status = call.scripted ? call.scripted->status.value_or(200) : 200;
  response.body = garbage(call);
  // Whoever says this speaks for itself.
  std::erase_if(response.headers, [](const auto& header) {
    return http::same_name(header.first, "Content-Encoding");
  });
}

int NetworkFaults::server_error_status(const CallFate& call) {
  static constexpr std::array<int, 4> kServerErrors = {500, 502, 503, 504};
  if (call.scripted && call.scripted->status) return *call.scripted->status;
  return kServerErrors[random_.below(4)];
}

http::Response NetworkFaults::retry_after_response(const CallFate& call) {
  int status = random_.chance(0.5) ? 429 : 503;
  auto seconds = random_.between(1, 90);
  if (call.scripted && call.scripted->status) status = *call.scripted->status;
  if (call.scripted && call.scripted->retry_after)
    seconds = call.scripted->retry_after->count() / 1'000;
  http::Response response = error_response(status, "SLOW_DOWN");
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::string NetworkFaults::garbage(const CallFate& call) {
  static const std::array<std::string, 4> kGarbage = {
      "<html><body>Welcome to the portal</body></html>", "", "{\"ok\":true}", "[1,2,3]"};
  if (call.scripted && call.scripted->body) return *call.scripted->body;
  return kGarbage[random_.below(4)];
}

}  // namespace landfall::faults
