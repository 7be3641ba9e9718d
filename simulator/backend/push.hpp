#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/http/message.hpp"
#include "simulator/backend/attestations.hpp"
#include "simulator/backend/document_store.hpp"
#include "simulator/backend/pushed_operation.hpp"
#include "simulator/backend/receipts.hpp"
#include "simulator/backend/rules.hpp"
#include "simulator/backend/tokens.hpp"

namespace landfall::backend {

// Decides operations (wire.md, "Push"): each on its own, in the order of the batch, at most once by
// its id. `applied`, `conflict` and `rejected` are verdicts and leave a receipt; `retry` leaves
// nothing.
class Push final : public Lookup {
 public:
  Push(DocumentStore& documents, Receipts& receipts, Ledger& ledger, Attestations& attestations,
       const BackendOptions& options)
      : documents_(documents),
        receipts_(receipts),
        ledger_(ledger),
        attestations_(attestations),
        options_(options) {}

  // POST sync/push. A batch that cannot be understood is refused before anything in it is decided.
  [[nodiscard]] http::Response push(const Caller& caller, std::string_view body_text,
                                    std::int64_t request_number, Instant now);
  // POST approvals/bulk (P-55): the decisions of one group, with one attestation over the list; an
  // operation that brings its own is judged by that one.
  [[nodiscard]] http::Response push_bulk(const Caller& caller, std::string_view body_text,
                                         std::int64_t request_number, Instant now);
  // POST sync/receipts.
  [[nodiscard]] http::Response list_receipts(const Caller& caller, std::string_view body_text,
                                             Instant now);
  // One operation outside a batch (delivery `endpoint`): the result as JSON text, its status in
  // `status`.
  struct Outcome {
    std::string status;
    std::string result;
    bool replayed = false;
  };
  [[nodiscard]] Outcome decide_alone(const Caller& caller, const PushedOperation& operation,
                                     std::int64_t request_number, Instant now);

  void set_hook(PushHook hook) { hook_ = std::move(hook); }
  [[nodiscard]] bool exists(const EntityKey& key) override;

 private:
  struct Step;  // one operation with everything around it

  [[nodiscard]] std::optional<http::Response> refuse_batch(
      const Caller& caller, const std::vector<PushedOperation>& operations,
      std::size_t operations_max, std::int64_t request_number, Instant now);
  [[nodiscard]] http::Response decide_all(const Caller& caller,
                                          const std::vector<PushedOperation>& operations,
                                          std::int64_t request_number, Instant now);
  [[nodiscard]] PushFault fault_of(const PushedOperation& operation) const;
  [[nodiscard]] Outcome decide(const Step& step);
  [[nodiscard]] std::optional<Outcome> recall(const Step& step);
  [[nodiscard]] Outcome judge(const Step& step);
  // What speaks against the operation for want of a proof; nothing: nothing does.
  [[nodiscard]] std::optional<Outcome> refuse_unproven(const Step& step);
  [[nodiscard]] Outcome create(const Step& step, const ActionRule& rule);
  [[nodiscard]] Outcome change(const Step& step, const ActionRule& rule,
                               const std::optional<Receipt>& before);
  [[nodiscard]] Outcome apply(const Step& step, const ActionRule& rule, Document document);
  [[nodiscard]] Outcome conflict(const Step& step, const Document& current);
  // `produced`: the document that the operation made or changed; null for a refusal.
  [[nodiscard]] Outcome settle(const Step& step, Outcome outcome, const Document* produced);
  void record_sighting(const Step& step, const Outcome& outcome);

  DocumentStore& documents_;
  Receipts& receipts_;
  Ledger& ledger_;
  Attestations& attestations_;
  const BackendOptions& options_;
  PushHook hook_;
};

}  // namespace landfall::backend
