#pragma once

#include <optional>
#include <string>

#include "engine/attest/acceptance.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall {
class JsonValue;
}
namespace landfall::profile {
struct Action;
}

namespace landfall::sync {

// A request with everything that can be said of it without the store. That is said on the caller's
// side of the gate, so that the queue's own thread only reads and writes rows.
struct PreparedEnqueue {
  EnqueueRequest request;
  store::OperationHash hash{};  // of everything the caller said: the same id twice is compared
  // Of the profile, and as long-lived; or why the profile refuses the request, which the queue says
  // unless it accepted the same before.
  Result<const profile::Action*> action;
  bool entity_may_be_renamed = false;  // the profile says that the server makes its id
  // What is stored of request.payload, as long as that is not changed.
  std::optional<store::SealedPayload> sealed_payload = std::nullopt;
  // Who may have signed its attestation; filled in by the queue's owner where the action wants one.
  std::optional<attest::Attestor> attestor = std::nullopt;
};

// operation.invalid: what is wrong with which field of a request.
[[nodiscard]] tl::unexpected<Error> invalid(std::string field, std::string message);

// Whether its action is accepted with a signed attestation only (C-25).
[[nodiscard]] bool wants_attestor(const PreparedEnqueue& prepared);

// Whether it carries what its action asks for: a signed attestation, or the app's word that its
// user was looked at (P-58, C-25). Asked once, before it is accepted; what was accepted waits as
// long as it must. Its action is known. Errors: as attest::may_accept and may_accept_word.
[[nodiscard]] Status check_attestation(const Profile& profile, const PreparedEnqueue& prepared);

// Pure; any thread. `payload` is the tree of request.payload.
[[nodiscard]] PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request,
                                      const Json& payload);

// The same of a payload that was read without a tree.
[[nodiscard]] PreparedEnqueue prepare_text(const Profile& profile, EnqueueRequest request,
                                           JsonValue payload);

// For a request whose payload is text that nobody has read yet.
[[nodiscard]] PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request);

// Seals the payload of one that the profile takes, so that the queue's own thread need not. Any
// thread.
void seal_ahead(PreparedEnqueue& prepared, store::Sealer& outbox_key);

}  // namespace landfall::sync
