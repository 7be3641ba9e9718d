#include "engine/sync/operation.hpp"

namespace landfall::sync {

std::string_view to_string(OperationState state) noexcept {
  switch (state) {
    case OperationState::queued:
      return "queued";
    case OperationState::sending:
      return "sending";
    case OperationState::unknown:
      return "unknown";
    case OperationState::blocked:
      return "blocked";
    case OperationState::applied:
      return "applied";
    case OperationState::rejected:
      return "rejected";
    case OperationState::conflict:
      return "conflict";
    case OperationState::failed:
      return "failed";
    case OperationState::superseded:
      return "superseded";
    case OperationState::cancelled:
      return "cancelled";
    case OperationState::discarded:
      return "discarded";
  }
  return "invalid";
}

std::string_view to_string(BlockReason reason) noexcept {
  switch (reason) {
    case BlockReason::none:
      return "none";
    case BlockReason::auth:
      return "auth";
    case BlockReason::permission:
      return "permission";
    case BlockReason::server:
      return "server";
    case BlockReason::upgrade:
      return "upgrade";
    case BlockReason::dependency:
      return "dependency";
    case BlockReason::outcome_unknown:
      return "outcome_unknown";
  }
  return "invalid";
}

std::string_view to_string(OperationEffect effect) noexcept {
  switch (effect) {
    case OperationEffect::none:
      return "none";
    case OperationEffect::possible:
      return "possible";
    case OperationEffect::known:
      return "known";
  }
  return "invalid";
}

}  // namespace landfall::sync
