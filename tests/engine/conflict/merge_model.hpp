#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/base/json.hpp"

// The merge told a second time, as simply as it can be said and without a line of the engine: a
// field is a text of JSON or nothing, a document is a map of them, and each rule is a sentence.
// Numbers are small and whole, so that plain arithmetic is right.
namespace landfall::conflict::model {

using Field = std::optional<std::string>;
using Fields = std::map<std::string, Field>;

// The field's value; nothing at all when the user must be asked. `rule` is the profile's word.
[[nodiscard]] std::optional<Field> merge_field(const std::string& rule, const Field& base,
                                               const Field& mine, const Field& theirs,
                                               bool mine_is_newer);

// The states of a forward_only field in the model, early to late.
inline constexpr const char* kStates[] = {R"("draft")", R"("submitted")", R"("rejected")"};

}  // namespace landfall::conflict::model
