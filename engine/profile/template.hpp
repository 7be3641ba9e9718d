#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::profile {

// Of the active organisation, in the headers of a profile.
inline constexpr std::string_view kOrganisationVariable = "organisation";

// Values for the placeholders of a template, by name.
using Variables = std::map<std::string, std::string>;

// Everything but letters, digits and - . _ ~ as %XX: one value behind a path, whatever it holds.
[[nodiscard]] std::string percent_encode(std::string_view value);

// Replaces every `${name}` of `text`. A name that `variables` does not know is an error
// (template.unknown_variable, field = the name), and so is a "${" without its "}"
// (template.invalid). A `$` before anything else is itself.
[[nodiscard]] Result<std::string> fill_text(std::string_view text, const Variables& variables);

// The same for a request path or a deep link: values are percent-encoded, so that an id can name no
// other path. A value that is empty, "." or ".." is refused (template.value).
[[nodiscard]] Result<std::string> fill_path(std::string_view path, const Variables& variables);

// The same for the value of a header: a control character in the result is refused
// (template.value).
[[nodiscard]] Result<std::string> fill_header(std::string_view value, const Variables& variables);

// Replaces the placeholders in all strings of `shape`; keys stay as they are. `values` is an
// object. A string that is one placeholder and nothing else becomes the value itself, whatever its
// type; inside a longer string the value must be a string or a number. Errors as in fill_text, and
// template.type.
[[nodiscard]] Result<Json> fill_json(const Json& shape, const Json& values);

// Every byte but letters, digits and -._~ as %XX, for a part of a path or a query.
[[nodiscard]] std::string percent_encode(std::string_view value);

// The names used, each once, sorted; template.invalid as in fill_text.
[[nodiscard]] Result<std::vector<std::string>> variables_in(std::string_view text);
[[nodiscard]] Result<std::vector<std::string>> variables_in_json(const Json& shape);

}  // namespace landfall::profile
