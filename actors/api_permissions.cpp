#include "actors/api_permissions.hpp"

#include <cstdint>
#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"

namespace landfall::actors {
namespace {

Error no_rights() {
  return {ErrorClass::invalid, "permissions.none", "this app's profile knows no rights"};
}

void tell_forms(ApiSelf self) {
  auto& state = self->state;
  if (state.partition && state.partition->permissions)
    self->send(state.partition->permissions, FormsChanged{state.core->forms->count()});
}

}  // namespace

void permissions_get(ApiSelf self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  forward<Result<SharedJson>>(
      self, target, ReadPermissions{params.value("permission", ""), params.value("role", "")},
      reply, read_interrupted(), [](const Result<SharedJson>& rights) { return **rights; });
}

void permissions_subscribe(ApiSelf self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  WatchRights message{++self->state.last_subscription, {}, reply};
  for (const auto& right : params.at("permissions"))
    message.rights.push_back(right.value("name", ""));
  self->send(target, std::move(message));
}

void permissions_unsubscribe(ApiSelf self, const Json& params, const Reply& reply) {
  const auto& target = self->state.partition->permissions;
  if (!target) return reply->send(failure(no_rights()));
  forward<Status>(self, target, UnwatchRights{params.value("subscription", std::int64_t{0})}, reply,
                  read_interrupted(), nothing);
}

void form_opened(ApiSelf self, const Json& params, const Reply& reply) {
  if (!self->state.core->forms->open(params.value("form", ""))) {
    return reply->send(
        failure(ErrorClass::busy, "form.too_many", "too many forms are open; close one first"));
  }
  tell_forms(self);
  reply->send(Json::object());
}

void form_closed(ApiSelf self, const Json& params, const Reply& reply) {
  self->state.core->forms->close(params.value("form", ""));
  tell_forms(self);
  reply->send(Json::object());
}

}  // namespace landfall::actors
