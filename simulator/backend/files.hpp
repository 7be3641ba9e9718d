#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/backend/options.hpp"
#include "simulator/backend/receipts.hpp"
#include "simulator/backend/tokens.hpp"

namespace landfall::backend {

// The files of wire.md: photographs that come up in pieces, and what goes down by ranges. An upload
// belongs to an operation that was applied; it is complete once all its bytes are here and have the
// hash that was announced. A piece that comes twice is taken once.
class Files final {
 public:
  Files(BackendDatabase& database, Receipts& receipts, Ledger& ledger)
      : database_(database), receipts_(receipts), ledger_(ledger) {}

  [[nodiscard]] http::Response start(const Caller& caller, const std::string& body, Instant now);
  [[nodiscard]] http::Response send(const Caller& caller, const std::string& id,
                                    const http::Request& request, Instant now);
  [[nodiscard]] http::Response offset(const Caller& caller, const std::string& id);
  [[nodiscard]] http::Response read(const Caller& caller, const std::string& id,
                                    const http::Request& request);
  // Reports are made up from their id, so that two backends have the same.
  [[nodiscard]] static http::Response read_report(const std::string& id,
                                                  const http::Request& request);

  void set_hook(FileHook hook) { hook_ = std::move(hook); }

 private:
  struct Upload {
    std::string id;
    std::string operation_id;
    std::string sha256;
    std::int64_t bytes = 0;
    std::string content_type;
    std::string content;
    bool complete = false;
  };

  [[nodiscard]] std::optional<Upload> find(const Caller& caller, const std::string& id);
  void save(const Upload& upload);
  [[nodiscard]] http::Response take(const Caller& caller, Upload upload, std::int64_t from,
                                    const std::string& piece, Instant now);
  [[nodiscard]] http::Response complete(const Caller& caller, Upload upload, bool spoil,
                                        Instant now);

  BackendDatabase& database_;
  Receipts& receipts_;
  Ledger& ledger_;
  FileHook hook_;
};

// The content of the report with that id; nothing when there is none (ids begin with "report-").
[[nodiscard]] std::optional<std::string> report_content(const std::string& id);

}  // namespace landfall::backend
