#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {

inline constexpr std::size_t kOperationBytes = 401;

// One operation as a host hands it to landfall_enqueue: JSON of kOperationBytes bytes that creates
// an entity of its own.
struct BenchOperation {
  std::array<std::uint8_t, 16> id{};
  std::string entity_id;
  std::string payload;  // the part of `text` that is sealed
  std::string text;
};

inline constexpr Instant kFirstOperationAt{1'767'225'600'000};

// Makes the same operations every time, one after the other, so that what is written for them can
// be compared byte by byte.
class OperationMaker final {
 public:
  explicit OperationMaker(std::size_t skipped = 0) : made_(skipped) {}

  [[nodiscard]] BenchOperation next();

 private:
  std::uint64_t made_ = 0;
};

// Those that come after the first `skipped`.
[[nodiscard]] std::vector<BenchOperation> make_operations(std::size_t count,
                                                          std::size_t skipped = 0);

// The same for the references; refers to the operations.
[[nodiscard]] reference_operation as_reference(const BenchOperation& operation);
[[nodiscard]] std::vector<reference_operation> as_references(
    const std::vector<BenchOperation>& operations);

}  // namespace landfall::bench
