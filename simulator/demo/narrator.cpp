#include "simulator/demo/narrator.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "schema/limits.hpp"

namespace landfall::demo {
namespace {

constexpr std::array<std::string_view, 5> kTold{"applied", "rejected", "conflict", "failed",
                                                "blocked"};

// "POST sync/push": the last two parts of a path say enough.
std::string name_of(const http::Request& request) {
  std::string_view path{request.target};
  path = path.substr(0, path.find('?'));
  const std::size_t last = path.rfind('/');
  const std::size_t before = last == 0 || last == std::string_view::npos
                                 ? std::string_view::npos
                                 : path.rfind('/', last - 1);
  if (before != std::string_view::npos) path = path.substr(before + 1);
  return request.method + " " + std::string(path);
}

Json parsed(const std::string& body) {
  auto json = parse_json(body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  return json ? std::move(*json) : Json{};
}

std::string plural(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

// ", 7 operations": what a push carries.
std::string load_of(const http::Request& request) {
  const Json body = parsed(request.body);
  if (!body.is_object() || !body.contains("operations")) return "";
  return ", " + plural(body["operations"].size(), "operation");
}

// ": 6 applied, 1 conflict (5 replayed)".
std::string results_of(const std::string& body_text) {
  const Json body = parsed(body_text);
  if (!body.is_object()) return ": a body that makes no sense";
  if (!body.contains("results") || !body["results"].is_array()) return "";
  std::map<std::string, int> counts;
  int replayed = 0;
  for (const Json& result : body["results"]) {
    ++counts[result.value("status", "")];
    replayed += result.value("replayed", false) ? 1 : 0;
  }
  std::string text;
  for (const auto& [status, count] : counts) {
    text += (text.empty() ? ": " : ", ") + std::to_string(count) + " " + status;
  }
  return replayed > 0 ? text + " (" + std::to_string(replayed) + " replayed)" : text;
}

std::string outcome_of(const http::Answer& answer) {
  if (answer.failure) {
    switch (*answer.failure) {
      case http::TransportFailure::not_sent:
        return "connection refused";
      case http::TransportFailure::cut:
        return "the answer breaks off";
      case http::TransportFailure::too_large:
        return "the answer is too large";
      case http::TransportFailure::silent:
      case http::TransportFailure::no_session:
        return "no answer";
    }
  }
  const http::Response& response = *answer.response;
  std::string text = std::to_string(response.status);
  if (const auto wait = http::find_header(response.headers, "Retry-After"))
    text += ", try again in " + std::string(*wait) + " s";
  return response.status == 200 ? text + results_of(response.body) : text;
}

bool is_told(const std::string& state) {
  for (const auto& told : kTold) {
    if (state == told) return true;
  }
  return false;
}

}  // namespace

void Narrator::name_operation(const std::string& id, const std::string& label) {
  {
    const std::lock_guard lock(mutex_);
    labels_[id] = label;
  }
  display_.show_operation(id, label, "queued", 0);
}

std::string Narrator::label_of(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = labels_.find(id);
  return found == labels_.end() ? id : found->second;
}

void Narrator::on_operation(const Json& data) {
  const auto id = data.value("id", "");
  const auto state = data.value("state", "");
  const std::string label = label_of(id);
  display_.show_operation(id, label, state, data.value("attempts", 0));
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(states_[id], state) == state) return;
  }
  const auto reason = data.value("block_reason", "");
  if (is_told(state)) {
    display_.say(Who::phone,
                 label + ": " + state + (state == "blocked" ? " (" + reason + ")" : ""));
  }
}

void Narrator::on_event(const std::string& event, const Json& data) {
  if (event == "operation.changed") return on_operation(data);
  if (event == "connectivity.changed") {
    display_.show_connectivity(data.value("state", ""));
    display_.say(Who::phone, "is " + data.value("state", ""));
  } else if (event == "session.status") {
    display_.say(Who::phone, "session " + data.value("status", ""));
  } else if (event == "pull.completed") {
    display_.say(Who::phone, "has pulled " + data.value("scope", ""));
  } else if (event == "pull.failed") {
    display_.say(Who::phone, "pull failed, " + data.value("code", ""));
  } else if (event == "engine.state" || event == "events.lost") {
    display_.say(Who::phone, "engine " + data.value("state", event));
  }
}

void Narrator::on_call(const http::Request& request, const http::Answer& answer) {
  display_.say(Who::phone, name_of(request) + load_of(request) + " -> " + outcome_of(answer));
}

void Narrator::on_fault(const net::StruckFault& fault) {
  const std::string name(faults::to_string(fault.fault));
  display_.say(Who::network,
               fault.request != nullptr ? name + " strikes " + name_of(*fault.request) : name);
}

void Narrator::on_effects(std::size_t effects) {
  display_.say(Who::server, "has carried out " + plural(effects, "operation"));
}

}  // namespace landfall::demo
