#include "engine/sync/coalesce.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

Json object_of(const std::string& text) {
  auto parsed = parse_json(text, {text.size(), limits::kJsonDepthMax});
  // Checked when it was accepted; ids that the server gave since may have made it longer.
  LANDFALL_ASSERT(parsed && parsed->is_object());
  return std::move(*parsed);
}

}  // namespace

bool may_coalesce(const profile::Action& action, const EnqueueRequest& request,
                  const Operation& last) {
  if (action.coalesce == profile::Coalesce::none) return false;
  if (request.supersedes || request.group_id || request.attestation) return false;
  const bool never_left = last.state == OperationState::queued &&
                          last.effect == OperationEffect::none && last.attempts == 0 &&
                          last.first_sent_at == Instant{} && !last.part;
  return never_left && last.action == action.name && last.schema == action.schema && !last.group_id;
}

std::string coalesced_payload(profile::Coalesce rule, const std::string& older,
                              const std::string& newer) {
  if (rule == profile::Coalesce::replace) return newer;
  Json merged = object_of(older);
  merged.update(object_of(newer));
  return dump_json(merged);
}

}  // namespace landfall::sync
