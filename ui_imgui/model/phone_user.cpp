#include "ui_imgui/model/phone_user.hpp"

#include <utility>

#include "engine/base/json.hpp"
#include "simulator/world/world.hpp"
#include "ui_imgui/model/read_reply.hpp"

namespace landfall::ui {

void PhoneUser::touch(world::World& world, world::Phone& phone) {
  if (!phone.is_running() || phone.is_away()) return;
  world.observe_touch(phone);
  phone.request("activity.touch", nlohmann::json::object());
}

void PhoneUser::login(world::World& world, world::Phone& phone) {
  ask(world, phone, "session.login",
      {{"email", phone.account().email}, {"password", phone.account().password}});
}

void PhoneUser::ask(world::World& world, world::Phone& phone, const std::string& request,
                    nlohmann::json params, Reply then) {
  const auto operation = params.find("id");
  const bool names_one = operation != params.end() && operation->is_string();
  log_.add(world, LogKind::user, request,
           names_one ? short_id(operation->get<std::string>()) : std::string{});
  phone.request(request, std::move(params),
                [this, &world, request, then = std::move(then)](const nlohmann::json& reply) {
                  const std::string error = error_text(reply);
                  last_refusal_ = error.empty() ? "" : request + ": " + error;
                  if (!error.empty())
                    log_.add(world, LogKind::event, "refused", last_refusal_, true);
                  if (then) then(reply);
                });
}

void PhoneUser::enqueue(world::World&, world::Phone& phone, EntityKey entity, std::string action,
                        const nlohmann::json& payload) {
  if (!phone.is_running()) return;
  phone.enqueue(
      {phone.make_id(), std::move(entity), std::move(action), dump_json(payload), phone.user_id()});
}

void PhoneUser::supersede(world::World&, world::Phone& phone, const std::string& operation) {
  const auto found = handed_in_.find(operation);
  if (found == handed_in_.end() || !phone.is_running()) return;
  world::Intent again = found->second;
  again.id = phone.make_id();
  phone.enqueue(std::move(again), {{"supersedes", operation}});
}

void PhoneUser::on_intent(world::World&, world::Phone&, const world::Intent& intent) {
  handed_in_.insert_or_assign(intent.id, intent);
}

void PhoneUser::on_acknowledged(world::World&, world::Phone&, const world::Intent&,
                                const nlohmann::json&) {
  last_refusal_.clear();
}

void PhoneUser::on_refused(world::World&, world::Phone&, const world::Intent& intent,
                           const std::string& code) {
  last_refusal_ = intent.entity.type + " " + intent.action + ": " + code;
}

}  // namespace landfall::ui
