#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "simulator/backend/document.hpp"

namespace landfall::backend {

// The query form of a pull (wire.md "Pull and read"): {entity_type, filter, text?, after, limit}.
//
// A filter names fields of the data, each with a value, or with {"in": [values]} or ends among
// "gt", "gte", "lt", "lte". null is a field that is null or not there. Each word of the text stands
// somewhere in the data's values, whatever its case. Documents come in the order of their ids and
// `after` is the last id of the page before, so that nothing that comes or goes shifts a page.
struct Search {
  std::string type;
  Json filter = Json::object();
  std::vector<std::string> words;  // in lower case
  std::string after;
};

// Errors name the field below "query"; the limit is the caller's to read.
[[nodiscard]] Result<Search> read_search(const Json& query);

[[nodiscard]] bool matches(const Search& search, const Document& document);

}  // namespace landfall::backend
