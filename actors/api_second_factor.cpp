#include "actors/api_second_factor.hpp"

#include <string>
#include <utility>

#include "actors/api_forward.hpp"
#include "actors/api_session.hpp"

namespace landfall::actors {
namespace {

SharedSecret<std::string> code_of(const Json& params) {
  return std::make_shared<const Secret<std::string>>(params.value("code", ""));
}

template <class Question>
void ask_session(ApiSelf self, Question question, const Reply& reply) {
  forward<Result<SessionSnapshot>>(self, self->state.device->session, std::move(question), reply,
                                   write_indeterminate(), session_json(self));
}

void manage(ApiSelf self, auth::FactorTask task, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(
      self, self->state.device->session,
      ManageSecondFactor{task, code_of(params), params.value("phone_number", "")}, reply,
      write_indeterminate(), [](const Result<SharedJson>& answer) { return **answer; });
}

}  // namespace

void session_second_factor(ApiSelf self, const Json& params, const Reply& reply) {
  const auto method = auth::parse_factor_method(params.value("method", "totp"));
  ask_session(self, SecondFactorCode{method.value_or(auth::FactorMethod::totp), code_of(params)},
              reply);
}

void session_second_factor_send(ApiSelf self, const Json&, const Reply& reply) {
  ask_session(self, SendSecondFactorCode{}, reply);
}

void second_factor_setup(ApiSelf self, const Json& params, const Reply& reply) {
  manage(self, auth::FactorTask::set_up, params, reply);
}

void second_factor_verify(ApiSelf self, const Json& params, const Reply& reply) {
  manage(self, auth::FactorTask::verify, params, reply);
}

void second_factor_backup_codes(ApiSelf self, const Json& params, const Reply& reply) {
  manage(self, auth::FactorTask::backup_codes, params, reply);
}

void second_factor_disable(ApiSelf self, const Json& params, const Reply& reply) {
  manage(self, auth::FactorTask::disable, params, reply);
}

}  // namespace landfall::actors
