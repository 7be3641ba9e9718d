#include "ui_imgui/model/event_log.hpp"

#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "simulator/oracles/push_answer.hpp"
#include "simulator/world/world.hpp"

namespace landfall::ui {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (word.empty()) continue;
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

// "/api/mobile/sync/push" is told apart by its end.
std::string route_of(const http::Request& request) {
  const std::string path = request.target.substr(0, request.target.find('?'));
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string words_of(const std::string& event, const nlohmann::json& data) {
  if (event == "operation.changed") {
    const std::string reason = data.value("block_reason", "");
    const auto attempts = data.value("attempts", 0);
    return joined({data.value("entity_type", "") + " " + short_id(data.value("id", "")),
                   data.value("state", "") + (reason.empty() ? "" : "(" + reason + ")"),
                   attempts > 0
                       ? std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts")
                       : ""});
  }
  if (event == "notice.added") {
    return joined(
        {data.value("kind", ""), data.value("code", ""), short_id(data.value("operation", ""))});
  }
  return joined({data.value("status", data.value("state", data.value("scope", ""))),
                 data.value("code", ""), data.value("email", "")});
}

std::string verdicts_of(const world::World& world, const http::Request& request,
                        const http::Answer& answer) {
  const auto results = oracles::operation_answers(world.route_of(request), request, answer);
  if (!results) return "";
  std::map<std::string, int> counts;
  for (const auto& result : *results) ++counts[result.status];
  std::vector<std::string> words;
  for (const auto& [status, count] : counts) words.push_back(std::to_string(count) + " " + status);
  return joined(words);
}

std::string_view words_of(http::TransportFailure failure) {
  switch (failure) {
    case http::TransportFailure::not_sent:
      return "not sent";
    case http::TransportFailure::no_session:
      return "no session";
    case http::TransportFailure::silent:
      return "no answer in time";
    case http::TransportFailure::cut:
      return "cut off";
    case http::TransportFailure::too_large:
      return "too large";
  }
  return "";
}

}  // namespace

std::string short_id(const std::string& id) {
  constexpr std::size_t kShown = 5;
  return id.size() <= kShown ? id : "#" + id.substr(id.size() - kShown);
}

void EventLog::add(const world::World& world, LogKind kind, std::string what, std::string detail,
                   bool is_bad) {
  ++revision_;
  documents_in_a_row_ = 0;
  lines_.push_back({world.now().unix_ms, kind, std::move(what), std::move(detail), is_bad});
  if (lines_.size() <= kLinesMax) return;
  lines_.pop_front();
  ++dropped_;
}

bool EventLog::joins_last_line(const std::string& event) {
  if (event != "document.changed" || documents_in_a_row_ == 0) return false;
  ++revision_;
  ++documents_in_a_row_;
  lines_.back().detail = std::to_string(documents_in_a_row_) + " documents";
  return true;
}

void EventLog::on_intent(world::World& world, world::Phone&, const world::Intent& intent) {
  add(world, LogKind::user, "hands in",
      intent.entity.type + " " + intent.action + " " + short_id(intent.id));
}

void EventLog::on_acknowledged(world::World& world, world::Phone&, const world::Intent& intent,
                               const nlohmann::json&) {
  add(world, LogKind::event, "acknowledged",
      intent.entity.type + " " + intent.action + " " + short_id(intent.id));
}

void EventLog::on_refused(world::World& world, world::Phone&, const world::Intent& intent,
                          const std::string& code) {
  add(world, LogKind::event, "refused", joined({intent.entity.type + " " + intent.action, code}),
      true);
}

void EventLog::on_event(world::World& world, world::Phone&, const std::string& event,
                        const nlohmann::json& data) {
  if (joins_last_line(event)) return;
  if (event == "document.changed") {
    add(world, LogKind::event, event, "1 document");
    documents_in_a_row_ = 1;
    return;
  }
  const bool is_bad = event == "pull.failed" || event == "notice.added" || event == "events.lost";
  add(world, LogKind::event, event, words_of(event, data), is_bad);
}

void EventLog::on_request(world::World& world, world::Phone&, const http::Request& request,
                          const std::vector<world::SentOperation>& operations) {
  std::string detail = route_of(request);
  if (!operations.empty()) {
    detail += ", " + std::to_string(operations.size()) +
              (operations.size() == 1 ? " operation" : " operations");
  }
  add(world, LogKind::request, request.method, detail);
}

void EventLog::on_answer(world::World& world, world::Phone&, const http::Request& request,
                         const http::Answer& answer) {
  if (answer.response) {
    const int status = answer.response->status;
    add(world, LogKind::answer, std::to_string(status),
        joined({route_of(request), verdicts_of(world, request, answer)}), status >= 400);
  } else {
    add(world, LogKind::answer, std::string(answer.failure ? words_of(*answer.failure) : ""),
        route_of(request), true);
  }
}

void EventLog::on_network(world::World& world, world::Phone&, bool up) {
  add(world, LogKind::world, up ? "network up" : "network down", "", !up);
}

void EventLog::on_crash(world::World& world, world::Phone& phone, bool power) {
  add(world, LogKind::world, power ? "power cut" : "killed", phone.name(), true);
}

void EventLog::on_boot(world::World& world, world::Phone& phone) {
  add(world, LogKind::world, "boots", phone.name());
}

}  // namespace landfall::ui
