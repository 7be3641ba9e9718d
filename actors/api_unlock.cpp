#include "actors/api_unlock.hpp"

#include <string>
#include <utility>
#include <vector>

#include "actors/api_forward.hpp"
#include "engine/base/base64.hpp"
#include "engine/host/attest_json.hpp"
#include "engine/host/unlock_json.hpp"

namespace landfall::actors {
namespace {

SharedSecret<std::string> secret_of(const Json& params, const char* key) {
  return std::make_shared<const Secret<std::string>>(params.value(key, ""));
}

std::vector<std::byte> bytes_of(const Json& params, const char* key) {
  auto bytes = from_base64(params.value(key, ""));
  return bytes ? std::move(*bytes) : std::vector<std::byte>{};
}

void command(ApiSelf self, UnlockCommand command, const Reply& reply) {
  const auto& profile = self->state.core->profile();
  forward<Result<UnlockReply>>(self, self->state.device->session, std::move(command), reply,
                               write_indeterminate(), [&profile](const Result<UnlockReply>& now) {
                                 Json json = host::unlock_json(profile, now->status, now->code);
                                 if (now->attestation) json["attestation"] = *now->attestation;
                                 return json;
                               });
}

void say(ApiSelf self, UnlockWord word, const Reply& reply) {
  UnlockCommand wanted;
  wanted.word = word;
  command(self, std::move(wanted), reply);
}

}  // namespace

void activity_touch(ApiSelf self, const Json&, const Reply& reply) {
  self->send(self->state.device->session, TouchActivity{});
  reply->send(Json::object());
}

void operations_attest(ApiSelf self, const Json& params, const Reply& reply) {
  const auto& profile = self->state.core->profile();
  auto request = host::parse_attest(profile, params);
  if (!request) return reply->send(failure(request.error()));
  UnlockCommand wanted;
  wanted.word = UnlockWord::attest;
  wanted.wish = std::make_shared<const AttestWish>(
      AttestWish{std::move(request->operations), request->is_signed});
  if (params.contains("pin")) wanted.pin = secret_of(params, "pin");
  command(self, std::move(wanted), reply);
}

void unlock_status(ApiSelf self, const Json&, const Reply& reply) {
  say(self, UnlockWord::status, reply);
}

void unlock_pin(ApiSelf self, const Json& params, const Reply& reply) {
  UnlockCommand wanted;
  wanted.word = UnlockWord::pin;
  wanted.pin = secret_of(params, "pin");
  wanted.email = params.value("email", "");
  command(self, std::move(wanted), reply);
}

void unlock_set_pin(ApiSelf self, const Json& params, const Reply& reply) {
  UnlockCommand wanted;
  wanted.word = UnlockWord::set_pin;
  wanted.pin = secret_of(params, "pin");
  command(self, std::move(wanted), reply);
}

void unlock_change_pin(ApiSelf self, const Json& params, const Reply& reply) {
  UnlockCommand wanted;
  wanted.word = UnlockWord::change_pin;
  wanted.pin = secret_of(params, "pin");
  wanted.new_pin = secret_of(params, "new_pin");
  command(self, std::move(wanted), reply);
}

void unlock_import_pin(ApiSelf self, const Json& params, const Reply& reply) {
  UnlockCommand wanted;
  wanted.word = UnlockWord::import_pin;
  wanted.old = {bytes_of(params, "sha256"), bytes_of(params, "salt")};
  command(self, std::move(wanted), reply);
}

void unlock_remove(ApiSelf self, const Json& params, const Reply& reply) {
  const bool is_pin = params.value("what", "") == "pin";
  say(self, is_pin ? UnlockWord::remove_pin : UnlockWord::remove_biometric, reply);
}

void unlock_biometric(ApiSelf self, const Json&, const Reply& reply) {
  say(self, UnlockWord::biometric, reply);
}

void unlock_biometric_enrol(ApiSelf self, const Json&, const Reply& reply) {
  say(self, UnlockWord::enrol, reply);
}

void unlock_lock(ApiSelf self, const Json&, const Reply& reply) {
  say(self, UnlockWord::lock, reply);
}

}  // namespace landfall::actors
