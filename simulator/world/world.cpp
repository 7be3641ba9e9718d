#include "simulator/world/world.hpp"

#include <utility>

#include "engine/base/json.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/sent_operations.hpp"

namespace landfall::world {

World::World(backend::Routes routes, const Json& profile, std::FILE* trace_text)
    : routes_(std::move(routes)),
      route_table_(routes_),
      profile_(profile.is_string() ? Json::parse(*schema::profile(profile.get<std::string>()))
                                   : profile),
      trace_(trace_text) {}

void World::end() {
  for (Observer* observer : observers_) observer->on_end(*this);
}

std::optional<backend::RouteId> World::route_of(const http::Request& request) const {
  const auto match = route_table_.match(request.method, request.target);
  return match.route == nullptr ? std::nullopt : std::optional(match.route->id);
}

void World::trace(const Phone& phone, std::string_view what, std::string_view detail) {
  trace_.line(now(), phone.name(), what, detail);
}

void World::violate(std::string oracle, std::string detail) {
  violations_.push_back({std::move(oracle), std::move(detail), trace_.lines()});
}

void World::observe_intent(Phone& phone, const Intent& intent) {
  trace(phone, "enqueues", intent.id + " " + intent.entity.type + " " + intent.action);
  for (Observer* observer : observers_) observer->on_intent(*this, phone, intent);
}

void World::observe_acknowledged(Phone& phone, const Intent& intent, const nlohmann::json& result) {
  trace(phone, "acknowledged", intent.id);
  ++acknowledged_;
  for (Observer* observer : observers_) observer->on_acknowledged(*this, phone, intent, result);
}

void World::observe_refused(Phone& phone, const Intent& intent, const std::string& code) {
  trace(phone, "refused", intent.id + " " + code);
  for (Observer* observer : observers_) observer->on_refused(*this, phone, intent, code);
}

void World::observe_discarded(Phone& phone, const std::string& operation) {
  trace(phone, "discarded", operation);
  for (Observer* observer : observers_) observer->on_discarded(*this, phone, operation);
}

void World::observe_retried(Phone& phone, const std::string& operation) {
  trace(phone, "retried", operation);
  for (Observer* observer : observers_) observer->on_retried(*this, phone, operation);
}

void World::observe_lost(Phone& phone, const std::string& operation) {
  trace(phone, "lost by notice", operation);
  for (Observer* observer : observers_) observer->on_lost(*this, phone, operation);
}

void World::observe_erase(Phone& phone) {
  trace(phone, "erases");
  for (Observer* observer : observers_) observer->on_erase(*this, phone);
}

void World::observe_erased(Phone& phone) {
  trace(phone, "erased");
  for (Observer* observer : observers_) observer->on_erased(*this, phone);
}

void World::observe_erase_refused(Phone& phone) {
  trace(phone, "erase refused");
  for (Observer* observer : observers_) observer->on_erase_refused(*this, phone);
}

void World::observe_attached(Phone& phone, const nlohmann::json& result) {
  trace(phone, "attached", result.value("id", ""));
  for (Observer* observer : observers_) observer->on_attached(*this, phone, result);
}

void World::observe_view(Phone& phone, const nlohmann::json& params, const nlohmann::json& result) {
  for (Observer* observer : observers_) observer->on_view(*this, phone, params, result);
}

void World::observe_event(Phone& phone, const std::string& event, const nlohmann::json& data) {
  for (Observer* observer : observers_) observer->on_event(*this, phone, event, data);
}

void World::observe_push(Phone& phone, const nlohmann::json& payload) {
  trace(phone, "push", std::to_string(dump_json(payload).size()) + " bytes");
  for (Observer* observer : observers_) observer->on_push(*this, phone, payload);
}

void World::observe_push_decided(Phone& phone, const nlohmann::json& payload,
                                 const nlohmann::json& result) {
  trace(phone, "decides", dump_json(result));
  for (Observer* observer : observers_) observer->on_push_decided(*this, phone, payload, result);
}

void World::observe_asked_to_show(Phone& phone, const nlohmann::json& data) {
  trace(phone, "asks to show", data.value("id", ""));
  for (Observer* observer : observers_) observer->on_asked_to_show(*this, phone, data);
}

void World::observe_shown(Phone& phone, const nlohmann::json& data) {
  trace(phone, "shows", data.value("id", ""));
  for (Observer* observer : observers_) observer->on_shown(*this, phone, data);
}

void World::observe_zone(Phone& phone, const std::string& zone) {
  trace(phone, "zone", zone);
  for (Observer* observer : observers_) observer->on_zone(*this, phone, zone);
}

void World::observe_protected(Phone& phone) {
  trace(phone, "has a PIN");
  for (Observer* observer : observers_) observer->on_protected(*this, phone);
}

void World::observe_touch(Phone& phone) {
  for (Observer* observer : observers_) observer->on_touch(*this, phone);
}

void World::observe_guess(Phone& phone, bool is_right) {
  trace(phone, "tries a PIN", is_right ? "right" : "wrong");
  for (Observer* observer : observers_) observer->on_guess(*this, phone, is_right);
}

void World::observe_guess_answered(Phone& phone, bool is_right, const Json& result) {
  trace(phone, "tried a PIN", dump_json(result));
  for (Observer* observer : observers_) observer->on_guess_answered(*this, phone, is_right, result);
}

void World::observe_request(Phone& phone, const http::Request& request) {
  const auto operations =
      sent_operations(request, route_table_.match(request.method, request.target));
  for (const auto& operation : operations) trace(phone, "pushes", operation.id);
  for (Observer* observer : observers_) observer->on_request(*this, phone, request, operations);
}

void World::observe_answer(Phone& phone, const http::Request& request, const http::Answer& answer) {
  for (Observer* observer : observers_) observer->on_answer(*this, phone, request, answer);
}

void World::observe_cancel(Phone& phone, const http::Request& request) {
  for (Observer* observer : observers_) observer->on_cancel(*this, phone, request);
}

void World::observe_socket(Phone& phone, const http::Request& request) {
  for (Observer* observer : observers_) observer->on_socket(*this, phone, request);
}

void World::observe_hub_text(Phone& phone, const std::string& text) {
  trace(phone, "hub says", text);
  for (Observer* observer : observers_) observer->on_hub_text(*this, phone, text);
}

void World::observe_network(Phone& phone, bool up) {
  trace(phone, up ? "network up" : "network down");
  for (Observer* observer : observers_) observer->on_network(*this, phone, up);
}

void World::observe_crash(Phone& phone, bool power) {
  for (Observer* observer : observers_) observer->on_crash(*this, phone, power);
}

void World::observe_boot(Phone& phone) {
  trace(phone, "boots");
  for (Observer* observer : observers_) observer->on_boot(*this, phone);
}

void World::observe_suspend(Phone& phone) {
  trace(phone, "suspends");
  for (Observer* observer : observers_) observer->on_suspend(*this, phone);
}

void World::observe_suspended(Phone& phone) {
  for (Observer* observer : observers_) observer->on_suspended(*this, phone);
}

void World::observe_resume(Phone& phone) {
  trace(phone, "resumes");
  for (Observer* observer : observers_) observer->on_resume(*this, phone);
}

void World::observe_window(Phone& phone, Duration budget) {
  trace(phone, "window", std::to_string(budget.count()) + " ms");
  for (Observer* observer : observers_) observer->on_window(*this, phone, budget);
}

// Not traced: it has keys in it.
void World::observe_port_answered(Phone& phone, const std::string& port, const Json& data,
                                  const Json& answer) {
  for (Observer* observer : observers_)
    observer->on_port_answered(*this, phone, port, data, answer);
}

}  // namespace landfall::world
