#include "engine/host/attest_json.hpp"

#include <cstddef>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/host/operation_json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/sync/prepared_enqueue.hpp"

namespace landfall::host {
namespace {

// What would be refused when it is handed in is refused before anybody is looked at.
Result<const profile::Action*> take(const Profile& profile, const Json& item,
                                    std::vector<attest::Attested>& operations) {
  LANDFALL_TRY_ASSIGN(auto request, parse_enqueue(item));
  const Json& payload = item.at("payload");
  const auto prepared = sync::prepare(profile, std::move(request), payload);
  LANDFALL_TRY_ASSIGN(const profile::Action* action, prepared.action);
  if (action->attest == profile::Attest::none) {
    return failure(Error{ErrorClass::invalid, "attestation.not_wanted",
                         "an operation of this action carries no attestation", "action"});
  }
  const auto& made = prepared.request;
  operations.push_back(attest::attested({made.id, made.entity, made.action, made.payload}));
  return action;
}

// Which of the operations it was about, in place of the params of an enqueue.
Error of_operation(Error error, std::size_t index) {
  constexpr std::string_view kParams = "params.";
  std::string field = error.field.value_or("");
  if (field.starts_with(kParams)) field.erase(0, kParams.size());
  error.field = "params.operations[" + std::to_string(index) + "]";
  if (!field.empty()) *error.field += "." + field;
  return error;
}

}  // namespace

Result<AttestRequest> parse_attest(const Profile& profile, const Json& params) {
  AttestRequest request;
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(params, "operations", "params"));
  for (const Json& item : *items) {
    const auto action = take(profile, item, request.operations);
    if (!action) return failure(of_operation(action.error(), request.operations.size()));
    request.is_signed = request.is_signed || (*action)->attest == profile::Attest::signature;
  }
  return request;
}

}  // namespace landfall::host
