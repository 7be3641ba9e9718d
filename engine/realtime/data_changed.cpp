#include "engine/realtime/data_changed.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

namespace landfall::realtime {
namespace {

tl::unexpected<Error> invalid(std::string field) {
  return failure(Error{ErrorClass::invalid, "hub.payload",
                       "DataChanged does not name a document and its version", std::move(field)});
}

}  // namespace

Result<ChangedDocument> parse_data_changed(const Json& arguments) {
  if (!arguments.is_array() || arguments.size() != 1 || !arguments[0].is_object())
    return invalid("arguments");
  const Json& object = arguments[0];
  const auto type = string_at(object, "entity_type");
  if (!type || type->empty() || type->size() > limits::kNameBytesMax) return invalid("entity_type");
  const auto id = string_at(object, "entity_id");
  if (!id || id->empty() || id->size() > limits::kEntityIdBytesMax) return invalid("entity_id");
  const auto version = integer_at(object, "row_version");
  if (!version || *version < 1) return invalid("row_version");
  return ChangedDocument{{*type, *id}, *version};
}

}  // namespace landfall::realtime
