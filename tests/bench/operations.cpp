#include "tests/bench/operations.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/random.hpp"

namespace landfall::bench {
namespace {

// A version 7 id of the instant `ms` after the first, with random bits that follow from `number`.
std::array<std::uint8_t, 16> id_of(std::uint64_t number, std::uint64_t salt) {
  Random random(number * 2 + salt);
  std::array<std::uint8_t, 16> id{};
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random.next();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8U) {
      id[half * 8 + i] = static_cast<std::uint8_t>(bits);
    }
  }
  const std::uint64_t ms = static_cast<std::uint64_t>(kFirstOperationAt.unix_ms) + number;
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
  id[6] = static_cast<std::uint8_t>(0x70U | (id[6] & 0x0fU));
  id[8] = static_cast<std::uint8_t>(0x80U | (id[8] & 0x3fU));
  return id;
}

Json params_of(const BenchOperation& operation, const std::string& note) {
  return Json{{"id", detail::format_uuid(operation.id)},
              {"entity_type", "pr"},
              {"entity_id", operation.entity_id},
              {"action", "create"},
              {"payload",
               {{"title", "Cement for the north wing"},
                {"project", "P-1042"},
                {"priority", "high"},
                {"lines", Json::array({{{"item", "CEM-50"}, {"quantity", 40}, {"unit", "bag"}}})},
                {"note", note}}}};
}

}  // namespace

BenchOperation OperationMaker::next() {
  const std::uint64_t number = made_++;
  BenchOperation operation;
  operation.id = id_of(number, 0);
  operation.entity_id = detail::format_uuid(id_of(number, 1));
  // All ids have the same length, so that one note fits all.
  static const std::string kNote(kOperationBytes - dump_json(params_of(operation, "")).size(), 'n');
  const Json params = params_of(operation, kNote);
  operation.payload = dump_json(params["payload"]);
  operation.text = dump_json(params);
  LANDFALL_ASSERT(operation.text.size() == kOperationBytes);
  return operation;
}

std::vector<BenchOperation> make_operations(std::size_t count, std::size_t skipped) {
  OperationMaker maker(skipped);
  std::vector<BenchOperation> operations;
  operations.reserve(count);
  for (std::size_t i = 0; i < count; ++i) operations.push_back(maker.next());
  return operations;
}

reference_operation as_reference(const BenchOperation& operation) {
  return {operation.id.data(),   operation.entity_id.c_str(), operation.text.data(),
          operation.text.size(), operation.payload.data(),    operation.payload.size()};
}

std::vector<reference_operation> as_references(const std::vector<BenchOperation>& operations) {
  std::vector<reference_operation> references;
  references.reserve(operations.size());
  for (const auto& operation : operations) references.push_back(as_reference(operation));
  return references;
}

}  // namespace landfall::bench
