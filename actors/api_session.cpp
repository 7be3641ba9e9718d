#include "actors/api_session.hpp"

#include <memory>
#include <string>
#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/api_forward.hpp"

namespace landfall::actors {
namespace {

void choose(ApiSelf self, const Json& params, const Reply& reply, bool is_switch) {
  forward<Result<SessionSnapshot>>(self, self->state.device->session,
                                   ChooseOrganisation{params.value("organisation", ""), is_switch},
                                   reply, write_indeterminate(), session_json(self));
}

}  // namespace

std::function<Json(const Result<SessionSnapshot>&)> session_json(ApiSelf self) {
  return [self](const Result<SessionSnapshot>& session) {
    return session_json(self->state.core->profile(), *session);
  };
}

void session_register(ApiSelf self, const Json& params, const Reply& reply) {
  auto password = std::make_shared<const Secret<std::string>>(params.value("password", ""));
  auth::NewAccount account{params.value("email", ""), std::move(password),
                           params.value("name", "")};
  forward<Status>(self, self->state.device->session, Register{std::move(account)}, reply,
                  write_indeterminate(), [](const Status&) { return Json::object(); });
}

void session_select_organisation(ApiSelf self, const Json& params, const Reply& reply) {
  choose(self, params, reply, false);
}

void session_switch_organisation(ApiSelf self, const Json& params, const Reply& reply) {
  choose(self, params, reply, true);
}

void app_foreground(ApiSelf self, const Json&, const Reply& reply) {
  self->send(self->state.device->session, AppInForeground{});
  reply->send(Json::object());
}

}  // namespace landfall::actors
