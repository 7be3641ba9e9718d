#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/http/message.hpp"
#include "simulator/backend/document_store.hpp"
#include "simulator/backend/options.hpp"
#include "simulator/backend/tokens.hpp"

namespace landfall::backend {

// What a device reads (wire.md, "Pull and read"): the changes of a scope after a cursor, single
// documents again, a list of Tier 2, and the cached GETs of P-91, P-92, P-97.
class Pull final {
 public:
  Pull(DocumentStore& documents, const BackendOptions& options, std::string cursor_secret)
      : documents_(documents), options_(options), cursor_secret_(std::move(cursor_secret)) {}

  // POST sync/pull in its three forms: `scope`, `refresh` or `query`.
  [[nodiscard]] http::Response pull(const Caller& caller, std::string_view body_text, Instant now);

  // The KPIs with the totals of the first screen (P-91).
  [[nodiscard]] http::Response dashboard(const Caller& caller, Instant now);
  // Every living document of a type that the user's lists show, as {"items":[…]}.
  [[nodiscard]] http::Response list(const Caller& caller, std::string_view entity_type,
                                    Instant now);
  // The same a page at a time; `query` is the target's query text with `after` and `limit` (P-97).
  [[nodiscard]] http::Response list_page(const Caller& caller, std::string_view entity_type,
                                         std::string_view query, Instant now);

 private:
  [[nodiscard]] http::Response pull_scope(const Caller& caller, const Json& body, Instant now);
  [[nodiscard]] http::Response refresh(const Caller& caller, const Json& list, Instant now);
  [[nodiscard]] http::Response search(const Caller& caller, const Json& query, Instant now);
  [[nodiscard]] Result<std::int64_t> limit_of(const Json& object, std::string_view path) const;

  DocumentStore& documents_;
  const BackendOptions& options_;
  std::string cursor_secret_;
};

}  // namespace landfall::backend
