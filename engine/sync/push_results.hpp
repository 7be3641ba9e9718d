#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/profile/endpoint.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

struct DocumentOwner;

enum class ResultStatus {
  applied,
  conflict,
  rejected,
  retry,
  unseen  // receipts only: the server does not know the id
};

// What the server says about one operation.
struct OperationResult {
  ResultStatus status = ResultStatus::retry;
  std::string verdict;                      // the whole result as compact JSON
  std::optional<std::string> entity;        // the document in it, compact JSON
  std::optional<std::int64_t> row_version;  // of that document
  std::optional<std::string> entity_type;   // that the document is said to be of
  std::optional<std::string> entity_id;
  std::optional<std::string> assigned_id;  // that the server gave to the entity
  std::string code;           // of an error, or the reason; printable ASCII, may be empty
  bool after_failed = false;  // `retry` because of the operation it stands on
  std::optional<std::int64_t> retry_after_s;
};

using OperationResults = std::map<OperationId, OperationResult>;

// The `results` of a push answer for the ids that were asked about. Strict: one field of a wrong
// type, or a status that the contract does not know, and the answer makes no sense as a whole (an
// error that names the field), because what else it says cannot be trusted then. Other ids are
// ignored, an id that is named twice keeps its first result, and an id that is missing is missing
// here (wire.md "Push").
[[nodiscard]] Result<OperationResults> parse_push_results(std::string_view body,
                                                          const std::vector<OperationId>& asked);

// The same for `receipts`, where a status may also be `unseen` and is never `retry`.
[[nodiscard]] Result<OperationResults> parse_receipts(std::string_view body,
                                                      const std::vector<OperationId>& asked);

// What a 2xx of delivery `endpoint` says of its one operation: applied, with the document and the
// id that the server gave to the entity where the endpoint's `reply` names their places. A document
// that is named must be there: a 200 that something between here and the server made up has none.
// Where none is named an empty body is enough (204). Anything but an object makes no sense.
[[nodiscard]] Result<OperationResults> parse_endpoint_reply(const profile::Endpoint& endpoint,
                                                            std::string_view body,
                                                            const OperationId& operation);

// The verdict inside an endpoint's 4xx: a result as in a push that names this id, where the
// profile's errors carry their details. Nothing when there is none; then the status has to do.
[[nodiscard]] std::optional<OperationResults> parse_endpoint_error(
    const profile::ErrorShape& errors, std::string_view body, const OperationId& operation);

// Whether the document of a result can be that of this operation. One of another entity was meant
// for somebody else, so that the verdict beside it cannot be trusted either. A document that does
// not say whose it is can; so can what a create made under an id of the server's.
[[nodiscard]] bool may_belong_to(const OperationResult& result, const Profile& profile,
                                 const Operation& operation);

// Takes the documents of somebody else out of them, and those that do not say whose they are as the
// profile wants it: the verdicts count, and nobody sees those. One that was in conflict is left
// without what the server has, as if it had not been said. To be told: the first of them; nothing:
// there was none.
[[nodiscard]] std::optional<Error> leave_out_foreign(OperationResults& results,
                                                     const Profile& profile,
                                                     const DocumentOwner& owner);

// The document inside a stored verdict, compact JSON; nothing when it has none.
[[nodiscard]] std::optional<std::string> entity_of_verdict(std::string_view verdict);

// A server's code is shown, logged and stored: nothing is kept but what a code is made of.
[[nodiscard]] std::string clean_code(std::string_view text);

}  // namespace landfall::sync
