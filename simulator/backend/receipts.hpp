#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"

namespace landfall::backend {

// The verdict of one operation id, kept for `receipt_days`. `result` is the JSON text that was
// answered.
struct Receipt {
  std::string operation_id;
  std::string user_id;
  EntityKey entity;
  std::string status;
  std::optional<std::int64_t> produced_version = std::nullopt;
  std::string bytes_hash;
  std::string result;
};

class Receipts final {
 public:
  Receipts(BackendDatabase& database, int receipt_days)
      : database_(database), lifetime_(receipt_days * kDay) {}

  [[nodiscard]] std::optional<Receipt> find(const std::string& operation_id, Instant now);
  void add(const Receipt& receipt, Instant now);
  // Forgets what is older than `receipt_days`.
  void purge(Instant now);

 private:
  static constexpr Duration kDay = std::chrono::hours{24};

  BackendDatabase& database_;
  Duration lifetime_;
};

// `result` as it is repeated: the same object with "replayed":true.
[[nodiscard]] std::string replayed(const std::string& result);

}  // namespace landfall::backend
