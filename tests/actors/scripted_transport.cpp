#include "tests/actors/scripted_transport.hpp"

#include <utility>

namespace landfall::testing {

void ScriptedTransport::start(std::uint64_t call, const http::Request& request, Duration timeout,
                              std::size_t response_bytes_max, Done done) {
  const Instant now = clock_.now();
  Call started{call, request, now, now + timeout, response_bytes_max};
  sent_.push_back(started);
  open_.insert_or_assign(call, Open{std::move(started), std::move(done), false});
}

void ScriptedTransport::cancel(std::uint64_t call) {
  cancelled_ += is_stubborn_ ? open_.count(call) : open_.erase(call);
}

bool ScriptedTransport::pump() {
  std::vector<std::pair<std::uint64_t, http::Answer>> over;
  for (auto& [number, open] : open_) {
    std::optional<http::Answer> answer;
    if (!std::exchange(open.decided, true) && script_) answer = script_(open.call);
    if (!answer && open.call.deadline <= clock_.now())
      answer = http::Answer{std::nullopt, http::TransportFailure::silent};
    if (answer) over.emplace_back(number, std::move(*answer));
  }
  for (auto& [number, decided] : over) answer(number, std::move(decided));
  return !over.empty();
}

void ScriptedTransport::answer(std::uint64_t number, http::Answer answer) {
  auto node = open_.extract(number);
  if (node.empty()) return;
  auto& response = answer.response;
  if (response && response->body.size() > node.mapped().call.response_bytes_max)
    answer = {std::nullopt, http::TransportFailure::too_large};
  node.mapped().done(std::move(answer));
}

void ScriptedTransport::forget_calls() { open_.clear(); }

std::vector<ScriptedTransport::Call> ScriptedTransport::open_calls(std::string_view target) const {
  std::vector<Call> calls;
  for (const auto& [number, open] : open_) {
    if (target.empty() || open.call.request.target == target) calls.push_back(open.call);
  }
  return calls;
}

std::vector<ScriptedTransport::Call> ScriptedTransport::sent(std::string_view target) const {
  std::vector<Call> calls;
  for (const auto& call : sent_) {
    if (target.empty() || call.request.target == target) calls.push_back(call);
  }
  return calls;
}

std::optional<Instant> ScriptedTransport::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& [number, open] : open_) {
    if (!next || open.call.deadline < *next) next = open.call.deadline;
  }
  return next;
}

}  // namespace landfall::testing
