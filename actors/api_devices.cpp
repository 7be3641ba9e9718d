#include "actors/api_devices.hpp"

#include <optional>
#include <string>
#include <utility>

#include "actors/api_forward.hpp"

namespace landfall::actors {
namespace {

using Self = ApiSelf;

std::optional<std::string> text_in(const Json& params, const char* key) {
  const auto found = params.find(key);
  if (found == params.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

auth::DeviceFacts facts_in(const Json& params) {
  auth::DeviceFacts facts;
  facts.push_token = text_in(params, "push_token");
  facts.device_name = text_in(params, "device_name");
  facts.biometric_type = text_in(params, "biometric_type");
  const auto capable = params.find("biometric_capable");
  if (capable != params.end() && capable->is_boolean())
    facts.biometric_capable = capable->get<bool>();
  return facts;
}

Json as_it_is(const Result<SharedJson>& view) { return **view; }

}  // namespace

void device_status(Self self, const Json&, const Reply& reply) {
  forward<Result<SharedJson>>(self, self->state.device->devices, ReadDevice{}, reply,
                              read_interrupted(), as_it_is);
}

void device_update(Self self, const Json& params, const Reply& reply) {
  forward<Result<SharedJson>>(self, self->state.device->devices, UpdateDevice{facts_in(params)},
                              reply, write_indeterminate(), as_it_is);
}

}  // namespace landfall::actors
