#include "actors/api_routing.hpp"

#include <string>

#include "actors/api_forward.hpp"

namespace landfall::actors {
namespace {

Error no_routing() {
  return {ErrorClass::invalid, "routing.none", "this app's profile leads to no screens"};
}

Json as_it_is(const Result<SharedJson>& json) { return **json; }

// Whoever goes to another place finds it fresh; whether that succeeds is nobody's business here
//
void pull_and_push(ApiSelf self) {
  const auto& partition = self->state.partition;
  if (!partition) return;
  self->send(partition->delta_pull, RequestPull{true});
  self->send(partition->enqueues.queue, PlanBatch{});
}

}  // namespace

void onboarding_done(ApiSelf self, const Json&, const Reply& reply) {
  const auto& target = self->state.device->routing;
  if (!target) return reply->send(failure(no_routing()));
  forward<Status>(self, target, OnboardingDone{}, reply, write_indeterminate(),
                  [](const Status&) { return Json::object(); });
}

void routing_start(ApiSelf self, const Json&, const Reply& reply) {
  const auto& target = self->state.device->routing;
  if (!target) return reply->send(failure(no_routing()));
  forward<Result<SharedJson>>(self, target, AskRoute{}, reply, read_interrupted(), as_it_is);
}

void routing_set_role(ApiSelf self, const Json& params, const Reply& reply) {
  const auto& target = self->state.device->routing;
  if (!target) return reply->send(failure(no_routing()));
  forward<Result<SharedJson>>(self, target, ChooseRole{params.value("role", "")}, reply,
                              write_indeterminate(), [self](const Result<SharedJson>& chosen) {
                                if ((*chosen)->value("accepted", false)) pull_and_push(self);
                                return **chosen;
                              });
}

void user_get(ApiSelf self, const Json&, const Reply& reply) {
  forward<Result<SharedJson>>(self, self->state.device->session, ReadUser{}, reply,
                              read_interrupted(), as_it_is);
}

}  // namespace landfall::actors
