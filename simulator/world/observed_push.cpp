#include "simulator/world/observed_push.hpp"

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall::world {

std::vector<SentOperation> operations_of_push(const http::Request& request,
                                              std::string_view push_path) {
  std::vector<SentOperation> operations;
  if (request.target != push_path) return operations;
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("operations")) return operations;
  for (const auto& operation : body["operations"]) {
    operations.push_back({operation.value("id", ""),
                          {operation.value("entity_type", ""), operation.value("entity_id", "")},
                          dump_json(operation)});
  }
  return operations;
}

}  // namespace landfall::world
